"""The tree of services as its pages show it, the lines that stand on it, and what is carried on."""

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
    """The year's services today."""
    with_lines = frozenset(services_with_open_lines(year))
    return Register(tuple(service_rows(year)), with_lines, UNALLOCATED)


def line_counts(year: FinancialYear) -> dict[int, int]:
    """How many of the year's lines hang on each service itself, by its id."""
    lines = BudgetLine.objects.filter(year=year).order_by()
    return dict(lines.values_list("service").annotate(Count("pk")))


def open_line_counts(year: FinancialYear, services: list[int]) -> dict[int, int]:
    """How many lines of open periods hang on each of these services of the year."""
    lines = BudgetLine.objects.filter(service__in=services)
    return Counter(lines_in_open_periods(year, lines).values())


@dataclass(frozen=True)
class StructureRow:
    """A service as the page of the structure has it.

    `state` is open, closing or closed; `lines` are those that stand on it today, `waiting` those
    of open periods that keep a closing one open; `home` is where a closed one's lines stand.
    `misplaced`: lines stand on it although it has others under it, or nobody has placed them.
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
        """Whether the product keeps it for lines that nobody has placed."""
        return self.service.code == UNALLOCATED


@dataclass(frozen=True)
class Structure:
    """The open services in the order of the tree, and the closed ones by code."""

    open: list[StructureRow]
    closed: list[StructureRow]

    @property
    def services(self) -> int:
        """How many are open, but for the one that the product keeps."""
        return sum(not row.is_kept for row in self.open)

    @property
    def lines(self) -> int:
        """The year's lines."""
        return sum(row.lines for row in self.open)

    @property
    def misplaced(self) -> list[StructureRow]:
        """Services whose lines have to be moved before the next report."""
        return [row for row in self.open if row.misplaced]


def structure(year: FinancialYear) -> Structure:
    """Today's tree with the lines that stand on it, and what has closed."""
    register, counts = register_of(year), line_counts(year)
    tree = register.tree
    standing: dict[int, int] = {}
    for service, count in counts.items():
        home = tree.home(service)
        standing[home] = standing.get(home, 0) + count
    closing = [row.id for row in register.rows if register.state(row) == "closing"]
    waiting = open_line_counts(year, closing)
    rows = [
        StructureRow(
            node.service,
            node.level,
            register.state(node.service),
            standing.get(node.service.id, 0),
            waiting.get(node.service.id, 0),
            _is_misplaced(node, register, counts),
        )
        for node in tree.nodes
    ]
    closed = [
        StructureRow(row, 0, "closed", counts.get(row.id, 0), home=_home(register, row))
        for row in sorted(register.rows, key=lambda row: row.code)
        if register.state(row) == "closed" and row.code != UNALLOCATED
    ]
    return Structure(rows, closed)


def _is_misplaced(node: Node, register: Register, counts: dict[int, int]) -> bool:
    """Whether lines of open periods, or a service's own, stand where none may."""
    if node.service.code != UNALLOCATED and node.kind != "node":
        return False
    return any(
        service in register.with_lines or service == node.service.id
        for service in services_at(register, node.service)
        if counts.get(service)
    )


def _home(register: Register, row: ServiceRow) -> ServiceRow | None:
    home = register.tree.home(row.id)
    return None if home == row.id else register.tree.register[home]


def services_at(register: Register, row: ServiceRow) -> list[int]:
    """Ids of the services whose lines stand on this one; of a closed one, itself."""
    at = [each for each in register.tree.register if register.tree.home(each) == row.id]
    return at or [row.id]


def lines_at(year: FinancialYear, row: ServiceRow, text: str = "") -> QuerySet[BudgetLine]:
    """The lines that stand on a service today, by their codes; `text` narrows them down."""
    lines = BudgetLine.objects.filter(service__in=services_at(register_of(year), row))
    if text:
        lines = lines.filter(
            Q(cost_centre__icontains=text)
            | Q(account__icontains=text)
            | Q(description__icontains=text)
        )
    return lines.order_by("cost_centre", "account")


def latest_figures(year: FinancialYear) -> Period | None:
    """The latest period with figures, whose budgets tell lines apart."""
    return year.periods.filter(batch__isnull=False).order_by("-number").first()


def budgets_of(period: Period | None, lines: list[BudgetLine]) -> dict[int, int]:
    """The lines' current budgets in a period's figures, in pence, by line id."""
    if period is None:
        return {}
    ids = [line.pk for line in lines]
    positions = Position.objects.filter(batch=period.batch_id, line__in=ids)
    return dict(positions.values_list("line_id", "current_budget_pence"))


@dataclass(frozen=True)
class LineMove:
    """Lines that are put on another service: their ids, by the service they hang on now."""

    lines: dict[int, list[int]]
    destination: int

    @property
    def ids(self) -> list[int]:
        """The ids of all of them."""
        return [line for lines in self.lines.values() for line in lines]


def line_move(
    year: FinancialYear,
    row: ServiceRow,
    *,
    to: ServiceRow,
    ids: list[int] | None = None,
    text: str = "",
) -> LineMove:
    """Lines of a service, those of these ids or else all that hold `text`, put on another.

    Raises Refused where one does not stand on the service, or all hang on the other already.
    """
    here = dict(lines_at(year, row, "" if ids else text).values_list("pk", "service"))
    if ids is not None and (gone := set(ids) - set(here)):
        raise Refused(
            f"{len(gone)} of the lines chosen no longer stand on {row.name} ({row.code}). "
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
    """What the next year would begin with.

    `services` are today's open ones in their order; `places` tells for each service whose lines
    are carried on the one where they stand; `left` counts lines without a place, which the ledger
    brings again.
    """

    services: Rows
    places: dict[int, int]
    lines: int
    left: int


def roll_forward(year: FinancialYear) -> RollForward:
    """Today's open services, and the lines that stand on one without others under it."""
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
    """The year after, where it has been set up."""
    return FinancialYear.objects.filter(start=year.start + 1).first()
