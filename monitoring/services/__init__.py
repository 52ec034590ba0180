"""Every write: one atomic, keyword-only function for each thing a person does."""
