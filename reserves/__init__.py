"""Reserves, their movements, and capital receipts flexibilities."""
