"""Grants: what is expected, received and applied, what is carried forward, and its conditions."""
