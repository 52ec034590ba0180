"""The statements of decisions, each made from a report's data."""
