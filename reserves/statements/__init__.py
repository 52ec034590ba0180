"""The statements of reserves, each made from a report's data."""
