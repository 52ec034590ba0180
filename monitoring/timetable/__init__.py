"""The day by which each step of a month is due."""
