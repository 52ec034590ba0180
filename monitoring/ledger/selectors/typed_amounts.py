"""What people typed, as expressions for queries of positions, which read each line's own."""

from django.db.models import OuterRef, Subquery
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce

from monitoring.forecasts.models import PLANNED_USE, ForecastEntry, ForecastMeasure

FORECAST = ForecastMeasure.FORECAST.value
MEASURES: tuple[str, ...] = (FORECAST, *PLANNED_USE)
FIELDS = {
    FORECAST: "forecast_pence",
    **{measure: f"planned_{measure}_pence" for measure in PLANNED_USE},
}
"""The fields of positions that hold the file's figure of each measure."""

PLANNED_USE_LABELS = {measure: ForecastMeasure(measure).label for measure in PLANNED_USE}


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
