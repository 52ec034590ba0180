"""Read what the previous report had of some lines, restated by virements."""

from typing import Any, NamedTuple

from django.db.models import QuerySet

from council_finance.among import among, joined_ids
from council_finance.prepared import prepared
from monitoring.figures.selectors.inputs import VIREMENTS, unreflected_virements
from monitoring.forecasts.models import ForecastEntry
from monitoring.ledger.models import Position
from monitoring.ledger.selectors.typed_amounts import FIELDS, MEASURES
from monitoring.published.models import Report
from monitoring.published.selectors.reports import previous_report
from monitoring.structure.models import Period


class PreviousLine(NamedTuple):
    """A line in the previous report, in pence: its forecast, and its restated net variance."""

    forecast: int | None = None
    net_variance: int | None = None


NO_LINE = PreviousLine()
"""A line that the previous report did not have."""


def previous_by_line(period: Period, ids: list[int]) -> dict[int, PreviousLine]:
    """Return the lines in the previous report by id; empty where there is none."""
    report = previous_report(period)
    if report is None:
        return {}
    effects = _effects_of_virements(period, report)
    found = _report_lines(report, ids)
    restated = {}
    for line in ids:
        forecast, net_variance = found.get(line, (None, 0))
        restated[line] = PreviousLine(forecast, net_variance + effects.get(line, 0))
    return restated


def _effects_of_virements(period: Period, report: Report) -> dict[int, int]:
    """Return by line the pence by which virements that a report did not reflect restate it."""
    if VIREMENTS.is_known_empty(period.year):
        return {}
    rows = unreflected_virements(period, report).order_by()
    effects: dict[int, int] = {}
    for giver, taker, amount, forecast in rows.values_list(
        "from_line_id", "to_line_id", "amount_pence", "forecast_amount_pence"
    ):
        for line, sign in ((taker, 1), (giver, -1)):
            if line is not None:
                effects[line] = effects.get(line, 0) + sign * (forecast - amount)
    return effects


def _report_lines(report: Report, ids: list[int]) -> dict[int, tuple[int | None, int]]:
    """Return forecast and net variance of the report's lines of these ids, in pence."""
    lines = joined_ids(ids)
    typed = _typed_in_report(report, lines)
    found = {}
    for line, budget, *figures in _figures_in_report(report.period.year_id, report.batch_id, lines):
        if line in typed:
            now = dict(zip(MEASURES, figures, strict=True)) | typed[line]
            figures = [now[measure] for measure in MEASURES]
        forecast, *planned = figures
        gross = 0 if forecast is None else forecast - budget
        found[line] = forecast, gross + sum(planned)
    return found


@prepared
def _figures_in_report(year_id: int, batch_id: int, lines: str) -> QuerySet[Any, Any]:
    rows = Position.objects.of(year_id, batch_id).filter(among("line_id", lines)).order_by()
    fields = ("current_budget_pence", *(FIELDS[measure] for measure in MEASURES))
    return rows.values_list("line_id", *fields)


def _typed_in_report(report: Report, lines: str) -> dict[int, dict[str, int]]:
    """Return the typed figures that a report froze of these lines, by line and measure."""
    through = report.last_forecast_entry
    if not through:
        return {}
    last: dict[int, dict[str, int | None]] = {}
    for line, measure, pence in _entries_through(report.period_id, through, lines):
        last.setdefault(line, {})[measure] = pence
    return {
        line: {measure: pence for measure, pence in each.items() if pence is not None}
        for line, each in last.items()
    }


@prepared
def _entries_through(period_id: int, through: int, lines: str) -> QuerySet[Any, Any]:
    entries = ForecastEntry.objects.filter(
        among("line_id", lines), period=period_id, pk__lte=through
    )
    return entries.order_by("pk").values_list("line_id", "measure", "forecast_pence")
