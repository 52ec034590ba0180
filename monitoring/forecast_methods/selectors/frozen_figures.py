"""The ledger's figures of lines in many reports at once, and the same lines of other years."""

import datetime
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from monitoring.ledger.models import Position
from monitoring.ledger.selectors.typed_forecasts import typed_forecasts
from monitoring.published.models import Report
from monitoring.structure.models import BudgetLine, Period

Code = tuple[str, str]
"""A line's cost centre and account, by which it is the same line in another year."""

_AT_ONCE = 5_000
"""Databases take only so many values in one query."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class LedgerFigures:
    """A line's figures in a batch, in pence; None where one is not given.

    `forecast` is the file's or carried forward, or the typed one where those were read too.
    """

    budget: int
    actual: int | None
    commitments: int | None
    profile: int | None
    forecast: int | None


@dataclass(frozen=True)
class ReportKey:
    """A published report that is read: its year's first calendar year, its period, its batch."""

    start: int
    number: int
    period: int
    batch: int
    through: int
    published_at: datetime.datetime
    year_label: str


def latest_reports(first_start: int, last_start: int) -> dict[tuple[int, int], ReportKey]:
    """Return the latest version of each report of these years, by year's start and period."""
    rows = Report.objects.filter(
        period__year__start__gte=first_start, period__year__start__lte=last_start
    )
    rows = rows.select_related("period__year").only(
        "version", "batch", "last_forecast_entry", "published_at", "period__number", "period__year"
    )
    found = {}
    for report in rows.order_by("version"):
        period = report.period
        found[period.year.start, period.number] = ReportKey(
            period.year.start,
            period.number,
            period.pk,
            report.batch_id,
            report.last_forecast_entry,
            report.published_at,
            period.year.label,
        )
    return found


def same_lines(codes: Collection[Code], starts: Collection[int]) -> dict[tuple[int, Code], int]:
    """Return the ids of the lines with these codes in these years, by year's start and code."""
    if not starts:
        return {}
    wanted, found = set(codes), {}
    for centres in in_parts(sorted({centre for centre, _ in wanted})):
        rows = BudgetLine.objects.filter(year__start__in=list(starts), cost_centre__in=centres)
        fields = rows.values_list("year__start", "cost_centre", "account", "pk")
        for start, centre, account, pk in fields.order_by():
            if (centre, account) in wanted:
                found[start, (centre, account)] = pk
    return found


def read_figures(
    batches: Collection[int], lines: Collection[int]
) -> dict[tuple[int, int], LedgerFigures]:
    """Return the figures of these lines in these batches, by batch and line (ids)."""
    found = {}
    periods = Period.objects.filter(batches__in=sorted(batches)).order_by()
    years = set(periods.values_list("year", flat=True))
    for some in in_parts(sorted(lines)):
        rows = Position.objects.of_batches(years, sorted(batches)).filter(line__in=some).order_by()
        for batch, line, budget, *others in rows.values_list(
            "batch_id",
            "line_id",
            "current_budget_pence",
            "actual_to_date_pence",
            "commitments_pence",
            "profiled_budget_to_date_pence",
            "forecast_pence",
        ):
            found[batch, line] = LedgerFigures(budget, *others)
    return found


def with_typed(
    figures: Mapping[tuple[int, int], LedgerFigures], report: ReportKey, lines: Sequence[int]
) -> dict[tuple[int, int], LedgerFigures]:
    """Return the figures with the forecasts that were typed for a report, of these lines."""
    found = dict(figures)
    for some in in_parts(lines):
        typed = typed_forecasts(report.period, through=report.through, lines=list(some))
        for line, pence in zip(typed["line"].tolist(), typed["forecast"].tolist(), strict=True):
            key = report.batch, line
            if key in found:
                found[key] = replace(found[key], forecast=int(pence))
    return found


def in_parts(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Yield the items in parts that fit into one query."""
    for first in range(0, len(items), _AT_ONCE):
        yield items[first : first + _AT_ONCE]
