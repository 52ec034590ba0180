"""Savings: the register, its monthly positions and their status."""
