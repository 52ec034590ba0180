"""Fill in planned use of reserves and receipts that a file leaves blank.

Like a forecast it is kept where a file of forecasts gave it in this period, else carried forward
from the month before and marked so; in a year's first period with figures blank is nil.
"""

import pandas as pd
from django.db.models import Q

from council_finance.bulk import whole_numbers
from monitoring.ledger.models import Position
from monitoring.ledger_files.stored import positions_of_period
from monitoring.structure.models import Period
from monitoring.uploading.models import Upload, UploadState
from monitoring.uploading.prepared import Target

PLANNED_USE = ("use_of_reserves", "use_of_capital_receipts")
_ENTERED = {name: f"entered_{name}_pence" for name in PLANNED_USE}


def keep_planned_use(rows: pd.DataFrame, target: Target, before: Period | None) -> pd.DataFrame:
    """Return the rows with planned use in every cell, and its source.

    `rows` has columns line and PLANNED_USE (Int64, NA: blank in the file); `before` is the nearest
    earlier period with figures. Add entered_use_of_… (Int64) and planned_use_carried_from. A figure
    that the file gives comes before an entered one, which is then dropped.
    """
    entered = _entered_planned_use(target.its_period)
    last = None if before is None else positions_of_period(target, before).set_index("line")
    carried = pd.Series(False, index=rows.index)
    kept: dict[str, pd.Series] = {}
    for name in PLANNED_USE:
        blank = rows[name].isna()
        typed = figure_by_line(entered[name], rows).where(blank)
        value = rows[name].fillna(typed)
        if last is not None and value.isna().any():
            guess = figure_by_line(last[name], rows).where(value.isna())
            carried |= (guess.fillna(0) != 0).astype(bool)
            value = value.fillna(guess)
        kept |= {name: value.fillna(0).astype("int64"), f"entered_{name}": typed.astype("Int64")}
    number = pd.NA if before is None else before.number
    marks = pd.Series(pd.NA, index=rows.index, dtype="Int64").mask(carried, number)
    return rows.assign(**kept, planned_use_carried_from=marks)


def figure_by_line(figures: pd.Series, rows: pd.DataFrame) -> pd.Series:
    """Return the figure of each row's line (Int64), NA for none; `figures` is by line id."""
    found = figures.astype("Int64").reindex(rows["line"].to_numpy())
    return found.set_axis(rows.index)


def _entered_planned_use(period: Period) -> pd.DataFrame:
    """Return the planned use that files of forecasts gave in the period, by line; Int64 pence."""
    names = ["line", *PLANNED_USE]
    batch = Period.objects.only("batch").get(pk=period.pk).batch_id
    uploads = Upload.objects.filter(
        year=period.year, period=period.number, kind="forecasts", state=UploadState.STORED
    )
    if batch is None or not uploads.exists():
        return pd.DataFrame({name: pd.array([], dtype="Int64") for name in names[1:]})
    given = Q(*((f"{field}__isnull", False) for field in _ENTERED.values()), _connector=Q.OR)
    rows = Position.objects.filter(given, batch=batch).order_by("line_id")
    frame = whole_numbers(
        rows.values_list("line_id", *_ENTERED.values()), names, nullable=PLANNED_USE
    )
    return frame.set_index("line")
