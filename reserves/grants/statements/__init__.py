"""The statements of grants, each made from a report's data."""
