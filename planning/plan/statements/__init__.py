"""The statements of the plan."""
