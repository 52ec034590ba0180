"""Demand-led budgets: people, price and time, line by line."""
