"""Planned use that a file leaves blank: kept as a file of forecasts gave it, else carried.

It is kept like a forecast. What a file of forecasts gave in this period stays; else the month
before says it, marked as carried; in a year's first period with figures blank is nil.
"""

import pandas as pd
from django.db.models import Q

from council_finance.bulk import whole_numbers
from monitoring.ledger.models import Position
from monitoring.ledger_files.stored import stored_positions
from monitoring.structure.models import Period
from monitoring.uploading.models import Upload, UploadState
from monitoring.uploading.prepared import Target

PLANNED_USE = ("use_of_reserves", "use_of_capital_receipts")
_ENTERED = {name: f"entered_{name}_pence" for name in PLANNED_USE}


def keep_planned_use(rows: pd.DataFrame, target: Target, before: Period | None) -> pd.DataFrame:
    """The rows with planned use in every cell, and where it comes from.

    `rows` has columns line and PLANNED_USE (Int64, NA: blank in the file); `before` is the nearest
    earlier period with figures. Adds entered_use_of_… (Int64) and planned_use_carried_from; what
    the file gives stands before all else and is no longer an entered one.
    """
    entered = _entered(target.period)
    last = stored_positions(target, before.batch).set_index("line") if before is not None else None
    carried = pd.Series(False, index=rows.index)
    kept = {}
    for name in PLANNED_USE:
        blank = rows[name].isna()
        typed = _by_line(entered[name], rows).where(blank)
        value = rows[name].fillna(typed)
        if last is not None and value.isna().any():
            guess = _by_line(last[name], rows).where(value.isna())
            carried |= (guess.fillna(0) != 0).astype(bool)
            value = value.fillna(guess)
        kept |= {name: value.fillna(0).astype("int64"), f"entered_{name}": typed.astype("Int64")}
    number = pd.NA if before is None else before.number
    marks = pd.Series(pd.NA, index=rows.index, dtype="Int64").mask(carried, number)
    return rows.assign(**kept, planned_use_carried_from=marks)


def _by_line(figures: pd.Series, rows: pd.DataFrame) -> pd.Series:
    """The figure of each row's line (Int64), NA where the line has none; `figures` is by line."""
    found = figures.astype("Int64").reindex(rows["line"].to_numpy())
    return found.set_axis(rows.index)


def _entered(period: Period) -> pd.DataFrame:
    """What files of forecasts gave for planned use in the period, by line; Int64 pence."""
    names = ["line", *PLANNED_USE]
    batch = Period.objects.values_list("batch", flat=True).get(pk=period.pk)
    brought = Upload.objects.filter(
        year=period.year, period=period.number, kind="forecasts", state=UploadState.STORED
    )
    if batch is None or not brought.exists():
        return pd.DataFrame({name: pd.array([], dtype="Int64") for name in names[1:]})
    given = Q(*((f"{field}__isnull", False) for field in _ENTERED.values()), _connector=Q.OR)
    rows = Position.objects.filter(given, batch=batch).order_by("line_id")
    frame = whole_numbers(
        rows.values_list("line_id", *_ENTERED.values()), names, nullable=PLANNED_USE
    )
    return frame.set_index("line")
