"""The files that savings come in: the year's register, and a period's positions."""
