"""Published figures of rows of the tree by period, this year and last year."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Value

from council_finance.prepared import prepared
from monitoring.published.models import HistoricFigure, ReportFigure
from monitoring.reports.selectors.report_data import ReportData


@dataclass(frozen=True)
class Published:
    """The figures of a row in one report, in pence; `version` is None for history."""

    number: int
    version: int | None
    budget: int | None
    net_variance: int | None


@dataclass(frozen=True)
class Course:
    """The points of a row by period: this year's up to the report that is read, and last year's.

    This year's are of the latest versions, except for the report being read, which may be an
    earlier one; last year's are as published, never restated.
    """

    this_year: tuple[Published, ...]
    last_year: tuple[Published, ...]


def courses(facts: ReportData, keys: Iterable[str]) -> dict[str, Course]:
    """Return the course of each row by its key, in one query."""
    start, number = facts.period.year.start, facts.period.number
    keys = list(keys)
    found = _read_published_points(start, keys)
    own = {node.key: node for node in facts.nodes}
    result = {}
    for key in keys:
        earlier = found.get((start, key), {})
        points = [point for point in earlier.values() if point.number < number]
        if key in own:
            node = own[key]
            points.append(Published(number, facts.version, node.budget, node.net_variance))
        result[key] = Course(_in_order(points), _in_order(found.get((start - 1, key), {}).values()))
    return result


def _in_order(points: Iterable[Published]) -> tuple[Published, ...]:
    return tuple(sorted(points, key=lambda point: point.number))


def _read_published_points(
    start: int, keys: list[str]
) -> dict[tuple[int, str], dict[int, Published]]:
    """Return points by year and row, then period: the latest versions, and last year's history."""
    found: dict[tuple[int, str], dict[int, Published]] = {}
    rows = sorted(_published_rows(start - 1, start, *keys), key=lambda row: row[3])
    for year, key, period, version, *amounts in rows:
        found.setdefault((year, key), {})[period] = Published(period, version or None, *amounts)
    return found


@prepared
def _published_rows(before: int, start: int, *keys: str) -> QuerySet[Any, Any]:
    """Return year, row, period, version, budget and net variance; history has version 0."""
    reported = ReportFigure.objects.filter(
        report__period__year__start__in=[before, start], key__in=keys
    ).values_list(
        "report__period__year__start",
        "key",
        "report__period__number",
        "report__version",
        "budget_pence",
        "net_variance_pence",
    )
    history = HistoricFigure.objects.filter(start=before, service_code__in=keys).values_list(
        "start", "service_code", "number", Value(0), "budget_pence", "net_variance_pence"
    )
    return reported.order_by().union(history.order_by(), all=True)
