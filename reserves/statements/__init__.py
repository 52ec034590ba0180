"""The statements of reserves: a report's facts in, a table out."""
