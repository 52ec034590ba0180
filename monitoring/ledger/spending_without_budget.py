"""Find unbudgeted lines: spending, or a forecast of it, against a budget of nil. Pure."""

import pandas as pd

UNBUDGETED = "unbudgeted"
"""The word for such a line on pages and in downloads."""


def is_unbudgeted(lines: pd.DataFrame) -> pd.Series:
    """Return True for each unbudgeted line.

    `lines` has columns current_budget, actual_to_date and forecast, in pence (NA: not given).
    """
    spent = (lines["actual_to_date"].fillna(0) != 0) | (lines["forecast"].fillna(0) != 0)
    return ((lines["current_budget"] == 0) & spent).astype(bool)


def unbudgeted(budget: int, actual: int | None, forecast: int | None) -> bool:
    """Return True where one line is unbudgeted; amounts in pence, None where not given."""
    return budget == 0 and bool(actual or forecast)
