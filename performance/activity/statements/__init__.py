"""The statements of activity, each made from a report's data."""
