"""What reports published of rows of the tree, from period to period and against last year."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Value

from monitoring.published.models import HistoricFigure, ReportFigure
from monitoring.reports.selectors.report_data import ReportData


@dataclass(frozen=True)
class Published:
    """What one report said of a row, in pence; `version` is None of history from before."""

    number: int
    version: int | None
    budget: int | None
    net_variance: int | None


@dataclass(frozen=True)
class Course:
    """The points of a row by period: this year's up to the report that is read, and last year's.

    This year's are the latest versions, the report that is read being itself; last year's as
    published, never restated.
    """

    this_year: tuple[Published, ...]
    last_year: tuple[Published, ...]


def courses(facts: ReportData, keys: Iterable[str]) -> dict[str, Course]:
    """The course of each row by its key: one query, however many reports and rows."""
    start, number = facts.period.year.start, facts.period.number
    keys = list(keys)
    found = _published(start, keys)
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


def _published(start: int, keys: list[str]) -> dict[tuple[int, str], dict[int, Published]]:
    """By year and row, the latest version of each period; for last year else its history."""
    reported = ReportFigure.objects.filter(
        report__period__year__start__in=[start - 1, start], key__in=keys
    ).values_list(
        "report__period__year__start",
        "key",
        "report__period__number",
        "report__version",
        "budget_pence",
        "net_variance_pence",
    )
    history = HistoricFigure.objects.filter(start=start - 1, service_code__in=keys).values_list(
        "start", "service_code", "number", Value(0), "budget_pence", "net_variance_pence"
    )
    found: dict[tuple[int, str], dict[int, Published]] = {}
    rows = reported.order_by().union(history.order_by(), all=True)
    for year, key, period, version, *amounts in sorted(rows, key=lambda row: row[3]):
        found.setdefault((year, key), {})[period] = Published(period, version or None, *amounts)
    return found
