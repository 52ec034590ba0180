"""Which planned use is tied to a reserve or a receipts project, and how much of it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from django.db.models import QuerySet

from council_finance.among import among
from council_finance.one_reading import TableOfYears
from council_finance.prepared import prepared
from monitoring.forecasts.models import PLANNED_USE, ForecastEntry
from monitoring.ledger.models import PlannedUseTie, Position
from monitoring.ledger.selectors.typed_amounts import FIELDS
from monitoring.structure.models import Period
from monitoring.structure.selectors.calendar import earlier_period

TIES = TableOfYears(PlannedUseTie, "batch__period__year")

Cell = tuple[int, str]
"""A line's planned use: the id of the line, and the measure."""

ByCode = dict[str, int]
"""Pence by the code of a reserve, or by the reference of a receipts project."""


@dataclass(frozen=True)
class TiesOfPeriod:
    """The ties of a period's planned use by cell: typed ones, and those of its batch.

    A typed cell without a tie has the code "". `amounts` are the typed amounts in pence, `carried`
    the cells whose tie was carried forward from the month before.
    """

    typed: Mapping[Cell, str] = field(default_factory=dict)
    batch: Mapping[Cell, str] = field(default_factory=dict)
    amounts: Mapping[Cell, int] = field(default_factory=dict)
    carried: frozenset[Cell] = frozenset()

    @property
    def current(self) -> dict[Cell, str]:
        """Return the code that each tied cell is tied to now."""
        return {cell: code for cell, code in {**self.batch, **self.typed}.items() if code}


def ties_of(period: Period | None) -> TiesOfPeriod:
    """Return the ties of a period as it is stored now; none without figures."""
    if period is None or period.batch_id is None:
        return TiesOfPeriod()
    entries = _typed_planned_use(period.pk)
    last = {(entry.line_id, entry.measure): entry for entry in entries}
    typed = {cell: each for cell, each in last.items() if each.forecast_pence is not None}
    batch = [] if TIES.is_known_empty(period.year) else _ties_of_batch(period.batch_id)
    return TiesOfPeriod(
        {cell: entry.tied_to for cell, entry in typed.items()},
        {(tie.line_id, tie.measure): tie.code for tie in batch},
        {cell: entry.forecast_pence or 0 for cell, entry in typed.items()},
        frozenset((tie.line_id, tie.measure) for tie in batch if tie.is_carried),
    )


@prepared
def _typed_planned_use(period_id: int) -> QuerySet[ForecastEntry]:
    """Return the planned use that was typed for a period, in the order in which it was typed."""
    return ForecastEntry.objects.filter(period=period_id, measure__in=PLANNED_USE).order_by("pk")


@prepared
def _ties_of_batch(batch_id: int) -> QuerySet[PlannedUseTie]:
    return PlannedUseTie.objects.filter(batch=batch_id)


def tied_amounts(period: Period, measure: str) -> ByCode:
    """Return the current planned use of a measure that is tied to each code, in pence."""
    ties = ties_of(period)
    tied = {cell: code for cell, code in ties.current.items() if cell[1] == measure}
    sums: ByCode = {}
    for cell, pence in _amounts_of(period, ties, tied).items():
        sums[tied[cell]] = sums.get(tied[cell], 0) + pence
    return sums


def tied_changes(period: Period, measure: str) -> ByCode:
    """Return by code the change of tied planned use since the period before, in pence.

    A cell that changes from one code to another counts in full for both. One that was not tied
    before counts only as far as it was typed: the register of reserves has had what the file gave,
    or what was carried forward untied.
    Nothing has changed in a period without figures.
    """
    if period.batch_id is None:
        return {}
    before = earlier_period(period)
    ties, earlier = ties_of(period), ties_of(before)
    now, then = (_of_measure(each.current, measure) for each in (ties, earlier))
    amounts = _amounts_of(period, ties, {*now, *then})
    base = _amounts_of(period, TiesOfPeriod(), now.keys())
    if before is not None:
        base |= _amounts_of(before, earlier, then.keys() | (now.keys() & ties.carried))
    changes: ByCode = {}
    for cell, amount in amounts.items():
        for code, pence in _changes_of_cell(
            now.get(cell, ""), then.get(cell, ""), amount, base[cell]
        ):
            changes[code] = changes.get(code, 0) + pence
    return changes


def _changes_of_cell(now: str, then: str, amount: int, base: int) -> Iterator[tuple[str, int]]:
    """Yield each code of a cell with the pence by which its tied planned use changes."""
    if now and then and now != then:
        yield then, -base
        yield now, amount
    else:
        yield now or then, amount - base


def _of_measure(ties: Mapping[Cell, str], measure: str) -> dict[Cell, str]:
    return {cell: code for cell, code in ties.items() if cell[1] == measure}


def _amounts_of(period: Period, ties: TiesOfPeriod, cells: Collection[Cell]) -> dict[Cell, int]:
    """Return planned use by cell: typed, else the batch's; nil for a line that it lacks."""
    untyped = {line for line, measure in cells if (line, measure) not in ties.amounts}
    rows = {}
    if untyped:
        given = Position.objects.of_period(period).filter(line__in=untyped)
        rows = {row["line_id"]: row for row in given.values("line_id", *FIELDS.values())}
    found = {}
    for line, measure in cells:
        own = rows[line][FIELDS[measure]] if line in rows else 0
        found[line, measure] = ties.amounts.get((line, measure), own)
    return found


def ties_by_line(batch_id: int | None, lines: Collection[int]) -> dict[int, dict[str, str]]:
    """Return the codes that a batch keeps planned use of these lines tied to, by measure."""
    found: dict[int, dict[str, str]] = {}
    ties = PlannedUseTie.objects.filter(among("line_id", lines), batch=batch_id).order_by()
    for line, measure, code in ties.values_list("line_id", "measure", "code"):
        found.setdefault(line, {})[measure] = code
    return found
