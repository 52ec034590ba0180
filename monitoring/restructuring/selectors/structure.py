"""Read the tree of services for its pages, its lines, and what rolling forward carries."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from council_finance.errors import Refused
from monitoring.ledger.models import Position
from monitoring.restructuring.changes import Register, Rows
from monitoring.structure.models import UNALLOCATED, BudgetLine, FinancialYear, Period
from monitoring.structure.selectors.tree import (
    lines_in_open_periods,
    service_rows,
    services_with_open_lines,
)
from monitoring.structure.trees import Node, ServiceRow


def register_of(year: FinancialYear) -> Register:
    """Return the year's services today."""
    with_lines = frozenset(services_with_open_lines(year))
    return Register(tuple(service_rows(year)), with_lines, UNALLOCATED)


def line_counts(year: FinancialYear) -> dict[int, int]:
    """Return the number of the year's lines of each service itself, by service id."""
    lines = BudgetLine.objects.filter(year=year).order_by()
    return dict(lines.values_list("service").annotate(Count("pk")))


def open_line_counts(year: FinancialYear, services: list[int]) -> dict[int, int]:
    """Return the number of lines of open periods of each of these services, by service id."""
    lines = BudgetLine.objects.filter(service__in=services)
    return Counter(lines_in_open_periods(year, lines).values())


@dataclass(frozen=True)
class StructureRow:
    """A service as the page of the structure shows it.

    `state` is open, closing or closed; `lines` is the number of its lines today, `waiting` of those
    in open periods that keep a closing one open; `home` is the service that a closed one's lines
    belong to. `misplaced`: it has lines although others are under it, or they are unallocated.
    """

    service: ServiceRow
    level: int
    state: str
    lines: int
    waiting: int = 0
    misplaced: bool = False
    home: ServiceRow | None = None

    @property
    def is_kept(self) -> bool:
        """True where the product keeps the service for unallocated lines."""
        return self.service.code == UNALLOCATED


@dataclass(frozen=True)
class Structure:
    """The open services in the order of the tree, and the closed ones by code."""

    open: list[StructureRow]
    closed: list[StructureRow]

    @property
    def services(self) -> int:
        """Return the number of open services, without the one that the product keeps."""
        return sum(not row.is_kept for row in self.open)

    @property
    def lines(self) -> int:
        """Return the number of the year's lines."""
        return sum(row.lines for row in self.open)

    @property
    def misplaced(self) -> list[StructureRow]:
        """Return the services whose lines have to be moved before the next report."""
        return [row for row in self.open if row.misplaced]


def structure(year: FinancialYear) -> Structure:
    """Return today's tree with the numbers of lines, and the closed services."""
    register, counts = register_of(year), line_counts(year)
    tree = register.tree
    lines_at_home: dict[int, int] = {}
    for service, count in counts.items():
        home = tree.home(service)
        lines_at_home[home] = lines_at_home.get(home, 0) + count
    closing = [row.id for row in register.rows if register.state(row) == "closing"]
    waiting = open_line_counts(year, closing)
    rows = [
        StructureRow(
            node.service,
            node.level,
            register.state(node.service),
            lines_at_home.get(node.service.id, 0),
            waiting.get(node.service.id, 0),
            _is_misplaced(node, register, counts),
        )
        for node in tree.nodes
    ]
    closed = [
        StructureRow(row, 0, "closed", counts.get(row.id, 0), home=_home_of_closed(register, row))
        for row in sorted(register.rows, key=lambda row: row.code)
        if register.state(row) == "closed" and row.code != UNALLOCATED
    ]
    return Structure(rows, closed)


def _is_misplaced(node: Node, register: Register, counts: dict[int, int]) -> bool:
    """Return True where lines of open periods, or the service's own, are where none may be."""
    if node.service.code != UNALLOCATED and node.kind != "node":
        return False
    return any(
        service in register.with_lines or service == node.service.id
        for service in services_at(register, node.service)
        if counts.get(service)
    )


def _home_of_closed(register: Register, row: ServiceRow) -> ServiceRow | None:
    home = register.tree.home(row.id)
    return None if home == row.id else register.tree.register[home]


def services_at(register: Register, row: ServiceRow) -> list[int]:
    """Return ids of the services whose lines belong to this one; of a closed one, its own."""
    at = [each for each in register.tree.register if register.tree.home(each) == row.id]
    return at or [row.id]


def lines_at(year: FinancialYear, row: ServiceRow, text: str = "") -> QuerySet[BudgetLine]:
    """Return the lines of a service today that contain `text`, by their codes."""
    lines = BudgetLine.objects.filter(service__in=services_at(register_of(year), row))
    if text:
        lines = lines.filter(
            Q(cost_centre__icontains=text)
            | Q(account__icontains=text)
            | Q(description__icontains=text)
        )
    return lines.order_by("cost_centre", "account")


def latest_figures(year: FinancialYear) -> Period | None:
    """Return the latest period with figures, whose budgets are shown beside lines."""
    return year.periods.filter(batch__isnull=False).order_by("-number").first()


def budgets_of(period: Period | None, lines: list[BudgetLine]) -> dict[int, int]:
    """Return the lines' current budgets in a period, in pence by line id."""
    if period is None:
        return {}
    ids = [line.pk for line in lines]
    positions = Position.objects.of_period(period).filter(line__in=ids)
    return dict(positions.values_list("line_id", "current_budget_pence"))


@dataclass(frozen=True)
class LineMove:
    """Lines that move to another service: their ids, by the service they belong to now."""

    lines: dict[int, list[int]]
    destination: int

    @property
    def ids(self) -> list[int]:
        """Return the ids of all lines."""
        return [line for lines in self.lines.values() for line in lines]


def line_move(
    year: FinancialYear,
    row: ServiceRow,
    *,
    to: ServiceRow,
    ids: list[int] | None = None,
    text: str = "",
) -> LineMove:
    """Return the move of a service's lines: those of these ids, or else all that contain `text`.

    Raise `Refused` where one is not the service's, or all belong to the other already.
    """
    here = dict(lines_at(year, row, "" if ids else text).values_list("pk", "service"))
    if ids is not None and (gone := set(ids) - set(here)):
        raise Refused(
            f"{len(gone):,} of the lines chosen no longer stand on {row.name} ({row.code}). "
            "Look at its lines again."
        )
    lines: dict[int, list[int]] = {}
    for line in here if ids is None else ids:
        if here[line] != to.id:
            lines.setdefault(here[line], []).append(line)
    if not lines:
        raise Refused(f"The lines chosen hang on {to.name} ({to.code}) already.")
    return LineMove(lines, to.id)


@dataclass(frozen=True)
class RollForward:
    """The services and lines that the next year would begin with.

    `services` are today's open ones in order; `places` is by id of each service whose lines are
    carried the id of the service that has them today; `lines` is the number of these lines, and
    `left` of lines that are not carried, which the ledger's file adds again.
    """

    services: Rows
    places: dict[int, int]
    lines: int
    left: int


def roll_forward(year: FinancialYear) -> RollForward:
    """Return today's open services, and the lines of those without others under them."""
    register, counts = register_of(year), line_counts(year)
    tree = register.tree
    nodes = [node for node in tree.nodes if node.service.code != register.kept]
    fit = {node.service.id for node in nodes if node.kind == "service"}
    places = {service: tree.home(service) for service in tree.register}
    places = {service: home for service, home in places.items() if home in fit}
    lines = sum(counts.get(service, 0) for service in places)
    return RollForward(
        [node.service for node in nodes], places, lines, sum(counts.values()) - lines
    )


def next_year(year: FinancialYear) -> FinancialYear | None:
    """Return the following year; None where it has not been set up."""
    return FinancialYear.objects.filter(start=year.start + 1).first()
