"""The flat table: each cell of the statements of reports as a row of its own, one at a time.

Only one statement, and the same statement of the report before, is in memory at a time.
"""

import datetime
from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from council_finance import registry
from council_finance.quantities import plain_quantity
from council_finance.statements.display import Display
from council_finance.statements.model import Cell, Row, Statement, statement_from_frozen
from council_finance.statements.tabular import printed_percent
from monitoring.published.models import Report, ReportStatement
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.row_services import ServicePlaces, place_of_row, service_places
from monitoring.reports.selectors.statements import make_statement

POUNDS, PERCENT, NUMBER = "£", "%", "number"
_NOT_COUNTED = ("subtotal", "total", "percent")


class FlatRow(NamedTuple):
    """A cell of a statement; the fields are the columns of the table, in order.

    Of `pounds`, `percent` and `number` the one of the cell's unit is given, unless the figure is
    missing; `previous` is the same cell of the report before. `period` is None in statements of a
    year as a whole, `level` in rows that are about no service. Rows that are `counted` are in no
    other counted row of their statement.
    """

    council: str
    financial_year: str
    period: int | None
    version: int
    status: str
    as_at: datetime.date | None
    statement: str
    row_number: int
    row_key: str
    label: str
    kind: str
    service_code: str
    service_path: str
    level: int | None
    counted: bool
    measure: str
    measure_label: str
    unit: str
    pounds: Decimal | None
    percent: Decimal | None
    number: Decimal | None
    text: str
    previous: Decimal | None


COLUMNS: tuple[str, ...] = FlatRow._fields


class Figure(NamedTuple):
    """A figure in one of three units; without one its unit alone is known."""

    unit: str
    pounds: Decimal | None = None
    percent: Decimal | None = None
    number: Decimal | None = None

    @property
    def value(self) -> Decimal | None:
        """Return the figure in its unit; None where it is missing."""
        if self.pounds is not None:
            return self.pounds
        return self.percent if self.percent is not None else self.number


PreviousFigures = dict[tuple[str, str, str], Decimal | None]
"""Figures of the report before by row key, column key and unit."""


class Place(NamedTuple):
    """A place in the table: the report, the statement in it, its row and its column.

    `start` is the first calendar year, `period` that of the report (also for a statement of a
    year). Rows and columns count from 1. Places of one statement sort as the rows do.
    """

    start: int
    period: int
    version: int
    statement: str = ""
    row: int = 1
    column: int = 1

    @property
    def report(self) -> tuple[int, int, int]:
        """Return what reports are sorted by."""
        return self[:3]


def flat_rows(
    reports: Iterable[ReportData],
    *,
    statements: Collection[str] | None = None,
    begin: Place | None = None,
) -> Iterator[FlatRow]:
    """Yield a row for each cell of the reports' statements, from the place given on.

    Reports come sorted by year, period and version. `statements` are the names of those wanted;
    None for all. Statements of a year are in each of its reports: they are taken from the last of
    the reports of that year only, so that they are in the table once.
    """
    for _, row in placed_rows(reports, statements=statements, begin=begin):
        yield row


def placed_rows(
    reports: Iterable[ReportData],
    *,
    statements: Collection[str] | None = None,
    begin: Place | None = None,
) -> Iterator[tuple[Place, FlatRow]]:
    """Yield the rows of `flat_rows`, each with its place, at which a later call can begin."""
    for facts, is_last_of_year in _with_last_of_year(reports):
        here = Place(facts.period.year.start, facts.period.number, facts.version)
        if begin and here.report < begin.report:
            continue
        resume = begin if begin and begin.report == here.report else None
        yield from _rows_of_report(facts, here, is_last_of_year, statements, resume)


def _with_last_of_year(reports: Iterable[ReportData]) -> Iterator[tuple[ReportData, bool]]:
    """Yield each report, and whether the next one is of another year."""
    waiting: ReportData | None = None
    for facts in reports:
        if waiting is not None:
            yield waiting, waiting.period.year_id != facts.period.year_id
        waiting = facts
    if waiting is not None:
        yield waiting, True


def _rows_of_report(
    facts: ReportData,
    here: Place,
    with_year: bool,
    statements: Collection[str] | None,
    resume: Place | None,
) -> Iterator[tuple[Place, FlatRow]]:
    frozen = _frozen_names(facts.report)
    places = service_places(facts.nodes)
    for name in _names_from(resume, statements, with_year=with_year):
        made = _read_statement(facts, name, frozen)
        if made is None or not made.rows:
            continue
        first = resume if resume and resume.statement == name else None
        previous = _previous_figures(facts, name)
        yield from _rows_of_statement(made, here._replace(statement=name), places, previous, first)


def _names_from(
    resume: Place | None, statements: Collection[str] | None, *, with_year: bool
) -> list[str]:
    """Return the names of the statements wanted, in the order of a report, from a place on."""
    entries = registry.statements()
    order = list(entries)
    begin = order.index(resume.statement) if resume and resume.statement in entries else 0
    return [
        name
        for name in order[begin:]
        if (with_year or not entries[name].of_year) and (statements is None or name in statements)
    ]


def _frozen_names(report: Report | None) -> frozenset[str]:
    """Return the names of the statements that a report was published with."""
    if report is None:
        return frozenset()
    return frozenset(ReportStatement.objects.filter(report=report).values_list("name", flat=True))


def _read_statement(facts: ReportData, name: str, frozen: frozenset[str]) -> Statement | None:
    if facts.report is None:
        return make_statement(facts, registry.statement_entry(name))
    return _read_frozen(facts.report.pk, name) if name in frozen else None


def _read_frozen(report: int, name: str) -> Statement | None:
    found = ReportStatement.objects.filter(report=report, name=name)
    kept = found.values_list("text", "layout").first()
    return statement_from_frozen(*kept) if kept else None


def _rows_of_statement(
    made: Statement,
    here: Place,
    places: ServicePlaces,
    previous: PreviousFigures,
    begin: Place | None,
) -> Iterator[tuple[Place, FlatRow]]:
    first_row, first_column = (begin.row, begin.column) if begin else (1, 1)
    of_statement = _statement_part(made)
    columns = [(place, each, each.kind) for place, each in enumerate(made.columns, start=1)]
    for number, row in enumerate(made.rows[first_row - 1 :], start=first_row):
        if not row.cells:
            continue
        of_row = _row_part(row, number, places)
        for place, column, kind in columns[first_column - 1 if number == first_row else 0 :]:
            cell, key = row.cells[column.key], column.key
            figure = _read_figure(row, kind, cell, made.display)
            before = previous.get((row.key, key, figure.unit))
            of_cell = (key, column.label, *figure, cell.text, before)
            whole = FlatRow._make((*of_statement, *of_row, *of_cell))
            yield Place(*here[:4], number, place), whole


def _statement_part(made: Statement) -> tuple[Any, ...]:
    """Return the columns that all rows of a statement share: those up to its name."""
    header = made.header
    return (
        header.council,
        header.financial_year,
        header.period,
        header.version,
        header.status,
        header.as_at,
        made.name,
    )


def _row_part(row: Row, number: int, places: ServicePlaces) -> tuple[Any, ...]:
    """Return the columns that all cells of a row share: those from its number to `counted`."""
    place = place_of_row(row, places)
    code, path, level = (place.code, place.path, place.level) if place else ("", "", None)
    counted = row.kind not in _NOT_COUNTED and not row.sum_of
    return (number, row.key, row.label, row.kind, code, path, level, counted)


def _previous_figures(facts: ReportData, name: str) -> PreviousFigures:
    """Return the figures of a statement in the report that this one was compared with."""
    report = (
        facts.period.compared_with_id if facts.report is None else facts.report.compared_with_id
    )
    before = _read_frozen(report, name) if report else None
    if before is None:
        return {}
    found: PreviousFigures = {}
    kinds = {column.key: column.kind for column in before.columns}
    for row in before.rows:
        for key, cell in row.cells.items():
            figure = _read_figure(row, kinds[key], cell, before.display)
            found[row.key, key, figure.unit] = figure.value
    return found


def _read_figure(row: Row, kind: str, cell: Cell, display: Display) -> Figure:
    """Return a cell's figure, under a column of that kind; a missing one has its unit, too."""
    if kind == "text":
        return Figure("", number=_decimal_quantity(cell.number))
    if kind == "number" or row.is_number:
        return Figure(NUMBER, number=_decimal_quantity(cell.number))
    if "percent" in (kind, row.kind):
        return Figure(PERCENT, percent=printed_percent(cell, display))
    return Figure(POUNDS, pounds=None if cell.pence is None else Decimal(cell.pence).scaleb(-2))


def _decimal_quantity(quantity: int | None) -> Decimal | None:
    return None if quantity is None else Decimal(plain_quantity(quantity))
