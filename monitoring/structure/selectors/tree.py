"""The year's tree of services: today's, and the one by which a draft was calculated."""

from collections.abc import Collection, Container, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from django.db.models import QuerySet

from council_finance.one_reading import once_a_reading, once_for_each
from council_finance.prepared import prepared
from monitoring.ledger.models import Position
from monitoring.structure.models import (
    UNALLOCATED,
    BudgetLine,
    FinancialYear,
    Period,
    PeriodState,
    Service,
)
from monitoring.structure.trees import ServiceRow, Tree

if TYPE_CHECKING:
    import pandas as pd

_INDENT = "\N{EM SPACE}"
OPEN_KINDS = ("node", "service")
"""Kinds of rows that are open services; the others are rows of closed ones."""


_REGISTER_COLUMNS = (
    "pk",
    "code",
    "name",
    "parent_id",
    "order",
    "total_label",
    "section",
    "successor_id",
    "named",
)
"""The columns of a service in the order of ServiceRow's fields."""

_AT_ONCE = 5_000
"""Databases take only so many values in one query."""


def service_rows(year: FinancialYear) -> Sequence[ServiceRow]:
    """Return the year's register of services."""
    return registers_of([year])[year]


@once_for_each
def registers_of(years: Collection[FinancialYear]) -> dict[FinancialYear, Sequence[ServiceRow]]:
    """Return the registers of services of several years, by one query."""
    found: dict[int, list[ServiceRow]] = {year.pk: [] for year in years}
    for year, *row in _services_of(*found):
        found[year].append(ServiceRow(*row))
    return {year: tuple(found[year.pk]) for year in years}


@prepared
def _services_of(*year_ids: int) -> QuerySet[Service, Any]:
    services = Service.objects.filter(year__in=year_ids).order_by("order", "code")
    return services.values_list("year_id", *_REGISTER_COLUMNS)


def services_with_open_lines(year: FinancialYear) -> set[int]:
    """Return the ids of the services that have a line in an open period."""
    positions = Position.objects.of_batches([year.pk], _open_batches(year)).order_by()
    rows = positions.filter(line__year=year).values_list("line__service", flat=True)
    return set(rows.distinct())


def lines_in_open_periods(year: FinancialYear, lines: QuerySet[BudgetLine]) -> dict[int, int]:
    """Return the service of each of these lines that has a position in an open period."""
    services = dict(lines.order_by().values_list("pk", "service"))
    if not services:
        return {}
    held = _lines_in_batches(year, _open_batches(year), list(services))
    return {line: services[line] for line in held}


def _lines_in_batches(year: FinancialYear, batches: list[int], lines: list[int]) -> set[int]:
    """Return those of the lines that have a position in one of the batches.

    They are looked up by their ids: where the database has no statistics of a new batch yet, it
    compares every line of a subquery with every position.
    """
    found: set[int] = set()
    for start in range(0, len(lines) if batches else 0, _AT_ONCE):
        some = lines[start : start + _AT_ONCE]
        positions = Position.objects.of_batches([year.pk], batches).filter(line__in=some)
        found |= set(positions.order_by().values_list("line_id", flat=True))
    return found


def _open_batches(year: FinancialYear, besides: Period | None = None) -> list[int]:
    """Return the ids of the batches of the year's open periods, except one period."""
    periods = Period.objects.filter(year=year, state=PeriodState.OPEN, batch__isnull=False)
    others = periods if besides is None else periods.exclude(pk=besides.pk)
    return list(others.values_list("batch", flat=True))


@once_a_reading
def current_tree(year: FinancialYear) -> Tree:
    """Return today's tree."""
    rows = service_rows(year)
    if not any(not row.named and row.successor is None for row in rows):
        return Tree.of(rows, set())
    waiting = BudgetLine.objects.filter(service__named=False, service__successor=None)
    held = lines_in_open_periods(year, waiting.filter(service__year=year))
    return Tree.of(rows, set(held.values()))


def open_service_choices(
    year: FinancialYear, within: Container[int] | None = None
) -> list[tuple[str, str]]:
    """Return code and name of the open services in tree order, indented by level, for a list.

    `within` are the ids of the services to offer; None offers all.
    """
    return [
        (node.key, f"{_INDENT * node.level}{node.service.name} ({node.key})")
        for node in current_tree(year).nodes
        if node.service.code != UNALLOCATED and (within is None or node.service.id in within)
    ]


def tree_with_lines(period: Period, services: "pd.Series", services_by_line: "pd.Series") -> Tree:
    """Return the tree as it will be with the lines under the services of `services_by_line`.

    `services` are those of the period's own positions. Services that wait to close stay open where
    a line of another open period is under them.
    """
    rows = service_rows(period.year)
    with_lines = {int(service) for service in services.unique()}
    waiting = {row.id for row in rows if not row.named and row.successor is None} - with_lines
    stored = services_by_line[services_by_line.isin(waiting) & (services_by_line.index > 0)]
    if len(stored):
        batches = _open_batches(period.year, besides=period)
        held = _lines_in_batches(period.year, batches, [int(line) for line in stored.index])
        with_lines |= {int(stored[line]) for line in held}
    return Tree.of(rows, with_lines)


class FigureRow(Protocol):
    """A row of figures: the id of its service, and the kind of row (see NodeKind)."""

    @property
    def service(self) -> int:
        """The id of the row's service."""

    @property
    def kind(self) -> str:
        """The kind of row."""


def tree_of_figures(year: FinancialYear, rows: Iterable[FigureRow]) -> Tree:
    """Return the tree by which a draft's rows were worked out, with its stray rows; one query."""
    rows = list(rows)
    open_ids = {row.service for row in rows if row.kind in OPEN_KINDS}
    strays = {row.service for row in rows if row.kind not in OPEN_KINDS}
    return Tree.with_open(service_rows(year), open_ids).with_strays(strays)
