"""The capital programme: schemes, changes of their budgets, and their funding."""
