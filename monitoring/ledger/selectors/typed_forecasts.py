"""Figures that people typed, and positions with these in the place of a file's.

They are the forecast and the planned use of reserves and of capital receipts (ForecastMeasure).
"""

import pandas as pd
from django.db.models import Max, OuterRef, Subquery
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce

from council_finance.bulk import frame_of
from monitoring.forecasts.models import PLANNED_USE, ForecastEntry, ForecastMeasure
from monitoring.structure.models import Period

FORECAST = ForecastMeasure.FORECAST.value
MEASURES: tuple[str, ...] = (FORECAST, *PLANNED_USE)
FIELDS = {
    FORECAST: "forecast_pence",
    **{measure: f"planned_{measure}_pence" for measure in PLANNED_USE},
}
"""The fields of positions that hold the file's figure of each measure."""

PLANNED_USE_LABELS = {measure: ForecastMeasure(measure).label for measure in PLANNED_USE}

_TYPES = {"line": "int64", "entry": "int64", "measure": "object", "amount": "Int64"}


def typed_figures(
    period_id: int, *, through: int | None = None, lines: list[int] | None = None
) -> pd.DataFrame:
    """Return the current typed figures: columns line, entry (ids), measure, amount (Int64 pence).

    The last entry of a line and measure counts, and one without an amount takes the figure back.
    `through` is the last entry to read, as a published report froze it; `lines` limits the lines.
    """
    entries = ForecastEntry.objects.filter(period_id=period_id)
    if through is not None:
        entries = entries.filter(pk__lte=through)
    if lines is not None:
        entries = entries.filter(line__in=lines)
    fields = entries.order_by("pk").values_list("line_id", "pk", "measure", "forecast_pence")
    frame = frame_of(fields, _TYPES)
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


def typed_amount(
    period_id: int, measure: str = FORECAST, *, through: int | None = None
) -> Subquery:
    """Return a line's current typed figure for a query of positions, in pence; null for none."""
    entries = ForecastEntry.objects.filter(
        period=period_id, line=OuterRef("line_id"), measure=measure
    )
    if through is not None:
        entries = entries.filter(pk__lte=through)
    return Subquery(entries.order_by("-pk").values("forecast_pence")[:1])


def current_forecast(period_id: int, *, through: int | None = None) -> Coalesce:
    """Return the current forecast for a query of positions, in pence.

    A line's typed forecast comes before the file's. `through` is as for typed_figures.
    """
    return Coalesce(typed_amount(period_id, through=through), "forecast_pence")


def current_planned_use(period_id: int, *, through: int | None = None) -> CombinedExpression:
    """Return the current planned use, of reserves and receipts together, for such a query."""
    reserves, receipts = (
        Coalesce(typed_amount(period_id, measure, through=through), FIELDS[measure])
        for measure in PLANNED_USE
    )
    return reserves + receipts


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
