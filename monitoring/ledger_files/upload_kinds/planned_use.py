"""Carry planned use of reserves and receipts forward where a file leaves it blank.

Like a forecast it is carried forward from the month before and marked so; in a year's first period
with figures blank is nil. Planned use that was typed in the period comes before both.
"""

import pandas as pd

from monitoring.forecasts.models import PLANNED_USE
from monitoring.ledger_files.stored import positions_of_period
from monitoring.structure.models import Period
from monitoring.uploading.prepared import Target


def carry_planned_use(rows: pd.DataFrame, target: Target, before: Period | None) -> pd.DataFrame:
    """Return the rows with planned use in every cell, and planned_use_carried_from.

    `rows` has columns line and PLANNED_USE (Int64, NA: blank in the file); `before` is the nearest
    earlier period with figures.
    """
    last = None if before is None else positions_of_period(target, before).set_index("line")
    carried = pd.Series(False, index=rows.index)
    filled: dict[str, pd.Series] = {}
    for name in PLANNED_USE:
        value = rows[name]
        if last is not None and value.isna().any():
            guess = figure_by_line(last[name], rows).where(value.isna())
            carried |= (guess.fillna(0) != 0).astype(bool)
            value = value.fillna(guess)
        filled[name] = value.fillna(0).astype("int64")
    number = pd.NA if before is None else before.number
    marks = pd.Series(pd.NA, index=rows.index, dtype="Int64").mask(carried, number)
    return rows.assign(**filled, planned_use_carried_from=marks)


def figure_by_line(figures: pd.Series, rows: pd.DataFrame) -> pd.Series:
    """Return the figure of each row's line (Int64), NA for none; `figures` is by line id."""
    found = figures.astype("Int64").reindex(rows["line"].to_numpy())
    return found.set_axis(rows.index)
