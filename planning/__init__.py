"""The medium-term plan, budgets by subjective, decisions, contracts and risk."""
