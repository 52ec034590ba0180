"""Variances before and after mitigations, and their one-off and recurring parts."""
