"""The statements of savings: a report's facts in, a table out."""
