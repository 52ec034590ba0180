"""Grants: what was promised, received, applied, and is held or owed back."""
