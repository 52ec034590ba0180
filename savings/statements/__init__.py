"""The statements of savings, each made from a report's data."""
