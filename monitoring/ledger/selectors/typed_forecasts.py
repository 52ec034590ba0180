"""Forecasts that people typed, and positions with these in the place of a file's."""

import pandas as pd
from django.db.models import Max, OuterRef, Subquery
from django.db.models.functions import Coalesce

from council_finance.bulk import whole_numbers
from monitoring.forecasts.models import ForecastEntry
from monitoring.structure.models import Period


def typed_forecasts(
    period_id: int, *, through: int | None = None, lines: list[int] | None = None
) -> pd.DataFrame:
    """Return the current typed forecasts: columns line, entry (ids), forecast (Int64 pence).

    A line's last entry counts, and one without a value takes the forecast back. `through` is the
    last entry to read, as a published report froze it; `lines` limits the lines.
    """
    entries = ForecastEntry.objects.filter(period_id=period_id)
    if through is not None:
        entries = entries.filter(pk__lte=through)
    if lines is not None:
        entries = entries.filter(line__in=lines)
    fields = entries.order_by("pk").values_list("line_id", "pk", "forecast_pence")
    frame = whole_numbers(fields, ["line", "entry", "forecast"], nullable=["forecast"])
    last = frame.drop_duplicates("line", keep="last")
    return last[last["forecast"].notna()]


def current_forecast(period_id: int, *, through: int | None = None) -> Coalesce:
    """Return the current forecast for a query of positions, in pence.

    A line's typed forecast comes before the file's. `through` is as for typed_forecasts.
    """
    entries = ForecastEntry.objects.filter(period=period_id, line=OuterRef("line_id"))
    if through is not None:
        entries = entries.filter(pk__lte=through)
    typed = entries.order_by("-pk").values("forecast_pence")[:1]
    return Coalesce(Subquery(typed), "forecast_pence")


def with_typed_forecasts(positions: pd.DataFrame, typed: pd.DataFrame) -> pd.DataFrame:
    """Return the positions with typed forecasts in the place of the file's and carried ones.

    `positions` has columns line, forecast (Int64) and, where the caller needs it, carried_from.
    """
    if typed.empty:
        return positions
    by_line = pd.Series(typed["forecast"].array, index=typed["line"].to_numpy())
    given = by_line.reindex(positions["line"].to_numpy()).set_axis(positions.index)
    changed = {"forecast": positions["forecast"].mask(given.notna(), given)}
    if "carried_from" in positions:
        changed["carried_from"] = positions["carried_from"].mask(given.notna(), pd.NA)
    return positions.assign(**changed)


def last_entry(period: Period) -> int:
    """Return the id of the period's last typed forecast; 0 where there is none."""
    entries = ForecastEntry.objects.filter(period=period)
    return entries.aggregate(last=Max("pk"))["last"] or 0
