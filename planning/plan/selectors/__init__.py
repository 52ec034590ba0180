"""Every read of the plan's tables."""
