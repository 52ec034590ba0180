"""Contracts: their prices, who bears them, and the days to watch."""
