"""The sections of a report about the plan."""
