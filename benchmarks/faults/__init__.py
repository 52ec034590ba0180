"""`make faults`: break a site at random moments, and prove that nothing was lost, twice or torn."""
