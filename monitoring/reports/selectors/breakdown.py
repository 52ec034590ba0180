"""The steps from budget to movement in one row of a report; sums are the report's own."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from council_finance.money import plain_pounds
from council_finance.prepared import prepared
from council_finance.statements import Display
from monitoring.figures.models import NodeFigure
from monitoring.published.models import ReportFigure
from monitoring.published.report_rows import ReportRow, RestatementCause
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.models import Period
from monitoring.structure.trees import stray_key


@dataclass(frozen=True)
class BreakdownStep:
    """One step: an exact figure in pounds and pence, and how it is worked out."""

    label: str
    amount: str
    how: str
    kind: str = "service"


def node_of(facts: ReportData, code: str) -> ReportRow | None:
    """Return the report's row of a service, or the row of a closed service that still has lines."""
    rows = {node.key: node for node in facts.nodes}
    return rows.get(code) or rows.get(stray_key(code))


def periods_with_row(facts: ReportData, code: str, *, with_drafts: bool) -> list[Period]:
    """Return the year's readable periods whose report, or draft, has a row of this service."""
    readable = facts.calendar.readable(with_drafts=with_drafts)
    if len(readable) < 2:
        return readable
    of_row = (facts.period.year_id, code, stray_key(code))
    versions = set(_versions_with_row(*of_row))
    drafts = set(_drafts_with_row(*of_row)) if with_drafts else set()
    return [
        period
        for period in readable
        if (period.number, facts.calendar.last_version(period.number)) in versions
        or (not period.is_published and period.number in drafts)
    ]


@prepared
def _versions_with_row(year_id: int, *keys: str) -> QuerySet[Any, Any]:
    """Return period and version of the year's reports that have a row of these keys."""
    figures = ReportFigure.objects.filter(report__period__year=year_id, key__in=keys)
    return figures.order_by().values_list("report__period__number", "report__version")


@prepared
def _drafts_with_row(year_id: int, *keys: str) -> QuerySet[Any, int]:
    """Return the periods whose draft has a row of these keys."""
    figures = NodeFigure.objects.filter(period__year=year_id, key__in=keys)
    return figures.order_by().values_list("period__number", flat=True)


def exact(pence: int | None) -> str:
    """Return an amount to the penny; a dash where none is given."""
    return "–" if pence is None else plain_pounds(pence)


def steps(facts: ReportData, node: ReportRow) -> list[BreakdownStep]:
    """Return the steps to the net variance, then those from the previous report to the movement."""
    lines = "1 line" if node.lines == 1 else f"{node.lines:,} lines"
    rows = [
        BreakdownStep("Budget", exact(node.budget), f"the current budgets of {lines} in the ledger")
    ]
    if left_out := node.lines_without_forecast:
        words = "1 line has" if left_out == 1 else f"{left_out:,} lines have"
        rows.append(
            BreakdownStep(
                "Budget without a forecast",
                exact(node.budget_without_forecast),
                f"{words} no forecast; this budget is left out of the variance",
            )
        )
    rows += [
        BreakdownStep("Forecast", exact(node.forecast), "what the lines are forecast to come to"),
        BreakdownStep(
            "Gross variance",
            exact(node.gross_variance),
            "forecast less budget, of the lines that have a forecast",
        ),
        BreakdownStep(
            "Planned use of earmarked reserves",
            exact(node.use_of_reserves),
            "negative where a reserve pays, positive where money is put into it",
        ),
        BreakdownStep(
            "Planned use of capital receipts flexibilities",
            exact(node.use_of_capital_receipts),
            "negative where receipts pay",
        ),
        BreakdownStep(
            "Net variance", exact(node.net_variance), "the sum of the last three", "total"
        ),
    ]
    return rows + _movement_steps(facts, node)


def _movement_steps(facts: ReportData, node: ReportRow) -> list[BreakdownStep]:
    compared = facts.compared_with
    if compared is None or node.previous_net_variance is None:
        return []
    name = f"{compared.period_text}, version {compared.version}"
    published = node.previous_as_published
    rows = [BreakdownStep("Previous net variance as published", exact(published), f"in {name}")]
    for cause in node.restatements:
        rows.append(BreakdownStep("Restated", exact(cause.effect), cause_in_words(cause)))
    if node.is_group and node.is_restated:
        effect = node.previous_net_variance - (published or 0)
        rows.append(
            BreakdownStep("Restated", exact(effect), "the rows below tell what restated them")
        )
    return [
        *rows,
        BreakdownStep("Previous net variance, restated", exact(node.previous_net_variance), ""),
        BreakdownStep(
            "Movement",
            exact(node.movement),
            "net variance less the restated previous one",
            "total",
        ),
    ]


def cause_in_words(cause: RestatementCause) -> str:
    """Return the virement or the move of lines that changed a comparative, in words."""
    if cause.is_virement:
        return f"by virement {cause.reference}"
    way = "from" if cause.is_moved_in else "to"
    return f"{cause.lines_text} moved {way} {cause.service}"


def amount(display: Display, pence: int | None) -> str:
    """Return an amount in the council's unit; a dash where none is given."""
    return "–" if pence is None else display.amount(pence)


def part_row(display: Display, node: ReportRow) -> dict[str, Any]:
    """Return a row as tables of services print it; a sense is adverse, favourable or empty."""
    variance, movement = node.net_variance, node.movement
    return {
        "node": node,
        "code": node.code,
        "budget": amount(display, node.budget),
        "percent": "" if variance is None else display.percent(variance, node.budget),
        "net_variance": amount(display, variance),
        "previous_net_variance": amount(display, node.previous_net_variance),
        "movement": amount(display, movement),
        "restated": node.has_restated_mark,
        "variance_sense": display.sense(variance),
        "movement_sense": display.sense(movement),
    }
