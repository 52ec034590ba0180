"""Figures that people typed, and positions with these in the place of a file's.

They are the forecast and the planned use of reserves and of capital receipts (ForecastMeasure).
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import pandas as pd
from django.db.models import Max, QuerySet

from council_finance.among import among, joined_ids
from council_finance.bulk import frame_of
from council_finance.prepared import prepared
from monitoring.forecasts.models import PLANNED_USE, ForecastEntry
from monitoring.ledger.selectors.typed_amounts import FORECAST
from monitoring.structure.models import Period

_TYPES = {"line": "int64", "entry": "int64", "measure": "object", "amount": "Int64"}


class TypedFigure(NamedTuple):
    """A current typed figure by the names of ForecastEntry; the amount in pence."""

    forecast_pence: int
    source_id: int | None
    tied_to: str


def typed_by_line(
    period_id: int, lines: Iterable[int], *, through: int | None = None
) -> dict[int, dict[str, TypedFigure]]:
    """Return the current typed figures of lines by measure.

    As typed_figures, without a frame, which takes longer to make than few figures to read.
    """
    if through == 0:
        return {}
    limit = () if through is None else (through,)
    rows = _typed_rows(period_id, joined_ids(lines), *limit)
    last = {(line, measure): figure for line, measure, *figure in rows}
    found: dict[int, dict[str, TypedFigure]] = {}
    for (line, measure), figure in last.items():
        if figure[0] is not None:
            found.setdefault(line, {})[measure] = TypedFigure(*figure)
    return found


def typed_forecasts_by_line(period_id: int, *, through: int | None = None) -> dict[int, int]:
    """Return the current typed forecasts of a period in pence, by line; as typed_forecasts."""
    if through == 0:
        return {}
    entries = _read_entries(period_id, through, None).filter(measure=FORECAST)
    last = dict(entries.values_list("line_id", "forecast_pence"))
    return {line: pence for line, pence in last.items() if pence is not None}


@prepared
def _typed_rows(period_id: int, lines: str, *through: int) -> QuerySet[Any, Any]:
    """Return line, measure and TypedFigure of each entry in their order; of joined ids."""
    entries = _read_entries(period_id, next(iter(through), None), lines)
    return entries.values_list("line_id", "measure", *TypedFigure._fields)


def _read_entries(
    period_id: int, through: int | None, lines: Iterable[int] | str | None
) -> QuerySet[ForecastEntry]:
    """Return a period's entries in their order."""
    entries = ForecastEntry.objects.filter(period_id=period_id)
    if through is not None:
        entries = entries.filter(pk__lte=through)
    if lines is not None:
        entries = entries.filter(among("line_id", lines))
    return entries.order_by("pk")


def typed_figures(
    period_id: int, *, through: int | None = None, lines: list[int] | None = None
) -> pd.DataFrame:
    """Return the current typed figures: columns line, entry (ids), measure, amount (Int64 pence).

    The last entry of a line and measure counts, and one without an amount takes the figure back.
    `through` is the last entry to read, as a published report froze it; `lines` limits the lines.
    """
    entries = _read_entries(period_id, through, lines)
    columns = ("line_id", "pk", "measure", "forecast_pence")
    frame = frame_of(entries.values_list(*columns), _TYPES)
    last = frame.drop_duplicates(["line", "measure"], keep="last")
    return last[last["amount"].notna()]


def typed_forecasts(
    period_id: int, *, through: int | None = None, lines: list[int] | None = None
) -> pd.DataFrame:
    """Return the current typed forecasts: columns line, entry (ids), forecast (Int64 pence).

    `through` and `lines` are as for typed_figures.
    """
    typed = typed_figures(period_id, through=through, lines=lines)
    forecasts = typed[typed["measure"] == FORECAST]
    return forecasts.rename(columns={"amount": "forecast"}).drop(columns="measure")


def with_typed_figures(positions: pd.DataFrame, typed: pd.DataFrame) -> pd.DataFrame:
    """Return the positions with typed figures in the place of the file's and carried ones.

    `positions` has columns line, MEASURES and, where the caller needs them, carried_from and
    planned_use_carried_from; `typed` has line, measure and amount.
    """
    if typed.empty:
        return positions
    given = {
        str(measure): _amounts_by_row(rows, positions) for measure, rows in typed.groupby("measure")
    }
    return with_amounts(positions, given)


def with_amounts(positions: pd.DataFrame, given: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Return the positions as with_typed_figures does, of typed amounts by measure.

    The amounts (Int64 pence) have the index of the positions, NA where none was typed.
    """
    changed = {
        measure: positions[measure]
        .astype("Int64")
        .mask(amounts.notna(), amounts)
        .astype(positions[measure].dtype)
        for measure, amounts in given.items()
    }
    if FORECAST in given and "carried_from" in positions:
        is_typed = given[FORECAST].notna()
        changed["carried_from"] = positions["carried_from"].mask(is_typed, pd.NA)
    if "planned_use_carried_from" in positions:
        is_carried = pd.Series(False, index=positions.index)
        for measure in PLANNED_USE:
            untyped = given[measure].isna() if measure in given else True
            is_carried |= (positions[measure] != 0) & untyped
        marks = positions["planned_use_carried_from"]
        changed["planned_use_carried_from"] = marks.where(is_carried, pd.NA)
    return positions.assign(**changed)


def _amounts_by_row(typed: pd.DataFrame, positions: pd.DataFrame) -> pd.Series:
    """Return the typed amount of each position (Int64 pence), NA where none was typed."""
    by_line = pd.Series(typed["amount"].array, index=typed["line"].to_numpy(), dtype="Int64")
    return by_line.reindex(positions["line"].to_numpy()).set_axis(positions.index)


def last_entry(period: Period) -> int:
    """Return the id of the period's last typed figure; 0 where there is none."""
    entries = ForecastEntry.objects.filter(period=period)
    return entries.aggregate(last=Max("pk"))["last"] or 0
