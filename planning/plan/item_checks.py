"""The rules that the items of a plan keep among each other, checked before they are stored."""

from collections.abc import Callable, Mapping, Sequence

from council_finance import registry
from council_finance.money import plain_pounds
from council_finance.periods import financial_year_label
from council_finance.uploads.table import TypedTable
from monitoring.models import FinancialYear
from planning.plan.calculations import STEP, Roll, circles, parts_that_differ, roll_forward
from planning.plan.models import CapitalScheme
from planning.plan.report_rows import SAVING, PlanRow
from planning.plan.settings_tables import PlanSettings

Note = Callable[[PlanRow, str, str, str], None]
"""Notes a fault of an item: its column, what is found there, and the message."""


def check_items(
    table: TypedTable,
    year: FinancialYear,
    rows: Sequence[PlanRow],
    places: Mapping[str, int],
    settings: PlanSettings,
) -> None:
    """Note each item that breaks a rule; `places` are the rows of the file by reference."""

    def note(row: PlanRow, column: str, found: str, message: str) -> None:
        table.problem(places[row.reference], column, found, message)

    _check_references(rows, note)
    for row in rows:
        if row.type == SAVING and not row.kind:
            note(row, "kind", "", "a saving needs its kind: Eff, SR, Eff/SR or Inc")
    if not table.problems:
        roll = roll_forward(rows, settings.years, settings.amounts)
        _check_savings(roll, note)
        _check_parts(roll, note)
        _check_ended(roll, settings.amounts, note)
    _check_dependencies(table, year, rows, note)


def _check_references(rows: Sequence[PlanRow], note: Note) -> None:
    """Note parents and ended items that are no rows of the file, and circles of them."""
    by_reference = {row.reference: row for row in rows}
    for row in rows:
        for column, named in (("parent_reference", row.parent), ("ends", row.ends)):
            if named and named not in by_reference:
                note(row, column, named, "there is no item of this reference in the file")
        parent = by_reference.get(row.parent)
        if parent is not None and parent.type != row.type:
            message = f"{parent.reference} is of the type {parent.type}, its part of {row.type}"
            note(row, "parent_reference", row.parent, message)
    links = {row.reference: [each for each in (row.parent, row.ends) if each] for row in rows}
    for reference in circles(links):
        row = by_reference[reference]
        column = "parent_reference" if row.parent else "ends"
        note(row, column, row.parent or row.ends, "this leads back to the item itself")


def _check_savings(roll: Roll, note: Note) -> None:
    """Note savings whose cumulative amount is above nil: a saving is negative in the plan."""
    for row in roll.items:
        for year, pence in zip(roll.years, roll.cumulative[row.reference], strict=True):
            if row.type == SAVING and pence is not None and pence > 0:
                label = financial_year_label(year)
                message = f"a saving is negative; its cumulative amount in {label} is above nil"
                note(row, label, plain_pounds(pence), message)


def _check_parts(roll: Roll, note: Note) -> None:
    for row, year, own, parts in parts_that_differ(roll):
        label = financial_year_label(year)
        note(
            row,
            label,
            plain_pounds(own),
            f"its parts add up to {plain_pounds(parts)} in {label}, which differs by "
            f"{plain_pounds(parts - own)}",
        )


def _check_ended(roll: Roll, amounts: str, note: Note) -> None:
    """Note items that come back out by their own amounts and by another that ends them."""
    by_reference = {row.reference: row for row in roll.items}
    for row in roll.items:
        ended = by_reference.get(row.ends)
        label = None if ended is None else _returns_itself(roll, ended, amounts)
        if ended is not None and label is not None:
            message = f"{ended.reference} comes back out by its own amounts in {label} already"
            note(row, "ends", row.ends, f"{message}; the same removal must not happen twice")


def _returns_itself(roll: Roll, row: PlanRow, amounts: str) -> str | None:
    """Return the year in which an item's given amounts bring it back to nil; None where none do."""
    cumulative = roll.cumulative[row.reference]
    for place, year in enumerate(roll.years):
        given = row.amounts.get(year)
        was = cumulative[place - 1] if place else None
        is_back = cumulative[place] == 0 and bool(was)
        if is_back and given is not None and (amounts != STEP or given):
            return financial_year_label(year)
    return None


def _check_dependencies(
    table: TypedTable, year: FinancialYear, rows: Sequence[PlanRow], note: Note
) -> None:
    """Note items that depend on no capital scheme, decision or item; in a pack once it is read."""
    named = [row for row in rows if row.depends_on]

    def unknown() -> list[PlanRow]:
        known = {*_known_references(year), *(row.reference for row in rows)}
        return [row for row in named if row.depends_on not in known]

    def find_faults() -> list[str]:
        return [
            f"plan.csv: {row.reference} depends on “{row.depends_on}”: {_UNKNOWN}."
            for row in unknown()
        ]

    if named and not registry.look_up_later(find_faults):
        for row in unknown():
            note(row, "depends_on", row.depends_on, _UNKNOWN)
    links = {row.reference: [row.depends_on] for row in named}
    by_reference = {row.reference: row for row in named}
    for reference in circles(links):
        row = by_reference[reference]
        note(row, "depends_on", row.depends_on, "this leads back to the item itself")


_UNKNOWN = "there is no capital scheme or decision of this reference"


def _known_references(year: FinancialYear) -> set[str]:
    schemes = CapitalScheme.objects.filter(year=year).values_list("reference", flat=True)
    return {*schemes, *registry.references_of("decision", year)}
