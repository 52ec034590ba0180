"""Which lines are unbudgeted: spending, or a forecast of it, against a budget of nil. Pure."""

import pandas as pd

UNBUDGETED = "unbudgeted"
"""What pages and downloads call such a line."""


def is_unbudgeted(lines: pd.DataFrame) -> pd.Series:
    """Whether each line is; needs current_budget, actual_to_date, forecast (pence, may be NA)."""
    spent = lines[["actual_to_date", "forecast"]].fillna(0).ne(0).any(axis=1)
    return ((lines["current_budget"] == 0) & spent).astype(bool)


def unbudgeted(budget: int, actual: int | None, forecast: int | None) -> bool:
    """The same of one line, in pence."""
    return budget == 0 and bool(actual or forecast)
