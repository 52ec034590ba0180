"""Every write of savings: one atomic function for each thing that a person does."""
