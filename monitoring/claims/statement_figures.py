"""The figures of a statement that a text can mean, with those that follow from them. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from council_finance.quantities import PARTS
from council_finance.statements import Cell, Column, Row, Statement
from monitoring.claims.reading import Kind, read_claims
from monitoring.claims.verdicts import TableFigure
from monitoring.claims.words import Measure, measure_of_label

_MEASURES = {
    "budget": Measure.BUDGET,
    "forecast": Measure.FORECAST,
    "variance": Measure.VARIANCE,
    "gross_variance": Measure.VARIANCE,
    "net_variance": Measure.VARIANCE,
    "net_variance_percent": Measure.VARIANCE,
    "variance_percent": Measure.VARIANCE,
    "previous_variance": Measure.PREVIOUS,
    "previous_net_variance": Measure.PREVIOUS,
    "previous_as_published": Measure.PREVIOUS,
    "movement": Measure.MOVEMENT,
    "movement_as_published": Measure.MOVEMENT,
    "use_of_reserves": Measure.RESERVES,
    "use_of_capital_receipts": Measure.RECEIPTS,
    "rephasing": Measure.REPHASING,
}
"""The measures of the columns that many statements have; others are named by their heading."""

_TIMES = {"52": "week", "56": "week", "12": "month", "365": "day", "366": "day", "1": "year"}
"""The time that a unit cost is for, by the units in a year."""

_VOLUMES = ("volume", "average_volume")
_BUDGET_VOLUME = "budget_volume"
_UNITS = "units_per_year"
_NO_FIGURES = (_UNITS, "note")
_PAIRS = (
    ("previous", "actual", Measure.CHANGE),
    ("previous_volume", "volume", Measure.CHANGE),
    (_BUDGET_VOLUME, "volume", Measure.VARIANCE),
    (_BUDGET_VOLUME, "average_volume", Measure.VARIANCE),
)
"""Columns whose difference a text may state: the second less the first."""

_TIME = re.compile(r"^(?P<year>(?:19|20)\d\d)-(?P<rest>\d\d)$")


def figures_of_statement(
    statement: Statement, services: Iterable[str] = ()
) -> list[tuple[str, TableFigure]]:
    """Return the figures of a statement with the keys of their rows, in the order of its rows.

    Rows whose keys are in `services` are services; all others are lines that words may name. A
    total is named by the title of its table, too.
    """
    keys = frozenset(services)
    uses = Counter(row.label for row in statement.rows)
    found: list[tuple[str, TableFigure]] = []
    heading = ""
    for row in statement.rows:
        if row.kind == "heading":
            heading = row.label
        if row.key in keys:
            names: tuple[str, ...] = ()
        elif row.kind == "total":
            names = (row.label, statement.title)
        else:
            # Rows such as "Target" stand under each of many headings, which then name them.
            names = (heading,) if heading and uses[row.label] > 1 else (row.label,)
        found += [(row.key, each) for each in _figures_of_row(row, statement, names)]
    return found


def _figures_of_row(row: Row, statement: Statement, names: tuple[str, ...]) -> list[TableFigure]:
    """Return the figures of a row and those that follow from them."""
    by_column = {}
    for column in statement.columns:
        read = _read_cell(row.cells.get(column.key), column)
        if read is not None:
            kind, value = read
            by_column[column.key] = TableFigure(
                f"{_label_of(row, names)}: {column.label} ({statement.title})",
                row.label,
                row.cells[column.key].text,
                kind,
                _measure_of(column, row, statement, is_line=bool(names)),
                value,
                names=names,
                column=_time_of(column.key) or column.label,
            )
    found = list(_with_units(by_column, row))
    if names:
        found += _list_differences(by_column)
        found += _over_time(by_column, statement)
    return found


def _read_cell(cell: Cell | None, column: Column) -> tuple[Kind, Fraction] | None:
    """Return kind and value of a cell; those of a cell of text where it is one figure."""
    if cell is None:
        return None
    if cell.percent is not None:
        return Kind.PERCENT, Fraction(cell.percent)
    if cell.pence is not None:
        return Kind.AMOUNT, Fraction(cell.pence)
    if cell.number is not None:
        return _read_number(cell.text, Fraction(cell.number, PARTS), column)
    text = cell.text.strip()
    claims = read_claims(text) if column.kind == "text" and text[-1:].isascii() else []
    if len(claims) != 1 or not _FIGURE_ALONE.match(text):
        return None
    sign = -1 if text[:1] in "-(" else 1
    return claims[0].kind, sign * claims[0].value


def _read_number(text: str, value: Fraction, column: Column) -> tuple[Kind, Fraction] | None:
    """Return kind and value of a number; None for an arrow, which is a number to programs only."""
    if column.kind == "text":
        return None
    if text.endswith("%"):
        return Kind.PERCENT, value
    return (Kind.AMOUNT, 100 * value) if "£" in column.label else (Kind.COUNT, value)


def _label_of(row: Row, names: tuple[str, ...]) -> str:
    """Return the label of a row, after its heading where that names it."""
    return row.label if row.label in names or not names else f"{names[0]}, {row.label}"


_FIGURE_ALONE = re.compile(r"^[-+(]?£?[\d,.]+[%)km]?\)?$")


def _measure_of(column: Column, row: Row, statement: Statement, *, is_line: bool) -> Measure | None:
    """Return the measure that the column, the line or the table names, in this order."""
    if column.key in _MEASURES:
        return _MEASURES[column.key]
    found = measure_of_label(column.label) or (measure_of_label(row.label) if is_line else None)
    if found is not None:
        return found
    of_table = measure_of_label(statement.title)
    return of_table if of_table in _OF_TABLES else None


_OF_TABLES = (Measure.SAVINGS, Measure.RESERVES, Measure.RECEIPTS, Measure.VIREMENT)
"""Measures of which all amounts of a table are, where its title names one."""


def _with_units(by_column: dict[str, TableFigure], row: Row) -> Iterator[TableFigure]:
    """Yield the figures, those of a unit cost with its time, and what people cost in that time."""
    units = row.cells.get(_UNITS)
    per = _TIMES.get(units.text, "") if units else ""
    for key, figure in by_column.items():
        if key not in _NO_FIGURES:
            yield replace(figure, per=per) if key.endswith("unit_cost") else figure
    price, budgeted = by_column.get("unit_cost"), by_column.get(_BUDGET_VOLUME)
    for volume in filter(None, map(by_column.get, _VOLUMES)):
        if per and price is not None:
            yield _build_product(price, volume, per)
            if budgeted is not None:
                yield _build_product(price, _build_difference(budgeted, volume), per)


def _build_product(price: TableFigure, people: TableFigure, per: str) -> TableFigure:
    label = f"{people.label} \N{MULTIPLICATION SIGN} {price.column}, a {per}"
    value = price.value * people.value
    return replace(price, label=label, value=value, printed="", measure=None, per=per)


def _list_differences(by_column: dict[str, TableFigure]) -> Iterator[TableFigure]:
    for first, second, measure in _PAIRS:
        if {first, second} <= set(by_column) and by_column[first].kind == by_column[second].kind:
            yield replace(_build_difference(by_column[first], by_column[second]), measure=measure)


def _build_difference(before: TableFigure, after: TableFigure) -> TableFigure:
    return replace(
        after,
        label=f"{after.label} less {before.column}",
        value=after.value - before.value,
        printed="",
        measure=Measure.CHANGE,
    )


def _over_time(by_column: dict[str, TableFigure], statement: Statement) -> Iterator[TableFigure]:
    """Yield what follows from columns of years or months: steps, sums and the change in all."""
    series = [figure for key, figure in by_column.items() if _TIME.match(key)]
    if len(series) < 2 or len({each.kind for each in series}) > 1:
        return
    for before, after in pairwise(series):
        yield _build_difference(before, after)
    yield from _change_in_all(series)
    if series[0].kind is Kind.PERCENT or "cumulative" in statement.title.casefold():
        return
    if _YEARS.match(series[0].column):
        yield _sum_of(series, f"{series[0].column} to {series[-1].column}")
    else:
        for place in range(2, len(series)):
            if series[place].column[-2:] in ("03", "06", "09", "12"):
                yield _sum_of(series[place - 2 : place + 1], f"quarter to {series[place].column}")


_YEARS = re.compile(r"^\d{4}/\d\d$")


def _change_in_all(series: Sequence[TableFigure]) -> Iterator[TableFigure]:
    first, last = series[0], series[-1]
    if len(series) > 2:
        yield _build_difference(first, last)
    if first.value and first.kind is not Kind.PERCENT:
        change = replace(_build_difference(first, last), kind=Kind.PERCENT)
        yield replace(change, value=100 * (last.value - first.value) / abs(first.value))


def _sum_of(series: Sequence[TableFigure], words: str) -> TableFigure:
    label = f"{series[0].service}: {words}"
    total = sum((each.value for each in series), Fraction(0))
    return replace(series[0], label=label, value=total, printed="", column=words)


def _time_of(key: str) -> str:
    """Return a year as 2019/20 or a month as 2019-06, where the key of a column is one."""
    match = _TIME.match(key)
    if match is None:
        return ""
    is_year = int(match["rest"]) == (int(match["year"]) + 1) % 100
    return f"{match['year']}/{match['rest']}" if is_year else key
