"""Budgets by subjective: the matrix of services and kinds of spending."""
