"""The statements of the capital programme and its funding, each made from a report's data."""
