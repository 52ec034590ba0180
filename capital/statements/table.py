"""The rows that statements of the programme share: a heading a programme, a line a scheme."""

from collections.abc import Callable, Iterable, Iterator

from capital.report_rows import SchemeRow
from council_finance.statements import Cell, Footnote, Row

TOTAL = "total"
NONE = "No capital programme has been brought in."

MakeCells = Callable[[SchemeRow], dict[str, Cell]]


def programme_rows(schemes: Iterable[SchemeRow], cells: MakeCells) -> list[Row]:
    """Return a heading for each programme and a line for each of its schemes.

    Programmes come in the order in which they are first named; lines without one have no heading.
    """
    groups: dict[str, list[SchemeRow]] = {}
    for scheme in schemes:
        groups.setdefault(scheme.programme, []).append(scheme)
    return [row for name, members in groups.items() for row in _group_rows(name, members, cells)]


def _group_rows(name: str, members: Iterable[SchemeRow], cells: MakeCells) -> Iterator[Row]:
    if name:
        yield Row(f"heading:{name}", name, "heading")
    for scheme in members:
        yield Row(scheme.reference, scheme.name, "line", cells(scheme), 1 if name else 0)


def total_row(label: str, cells: dict[str, Cell], rows: Iterable[Row]) -> Row:
    """Return the total of the lines among the rows."""
    keys = tuple(row.key for row in rows if row.kind == "line")
    return Row(TOTAL, label, "total", cells, sum_of=keys)


def count_schemes(number: int, singular: str, plural: str) -> str:
    """Return `1 scheme has` or `3 schemes have`, by the verbs given."""
    return f"1 scheme {singular}" if number == 1 else f"{number:,} schemes {plural}"


def note_if_empty(rows: Iterable[Row]) -> list[Footnote]:
    """Return the note of a statement without rows."""
    return [] if list(rows) else [Footnote("", NONE)]
