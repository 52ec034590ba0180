"""The statements of contracts, each made from a report's data."""
