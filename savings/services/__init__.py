"""Services of savings: every write, one atomic function for each thing that a person does."""
