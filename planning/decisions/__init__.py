"""Decisions, their effects, sign-offs and the days of notice before them."""
