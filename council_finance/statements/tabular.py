"""A statement as CSV, for programs. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence

from council_finance.csv_safe import harmless
from council_finance.money import exact_pounds
from council_finance.statements.model import Cell, Statement
from council_finance.statements.wording import csv_headings


def to_csv(statement: Statement) -> bytes:
    """Pounds with two decimals, a plain minus, percentages as numbers; one row of headings.

    No two headings are the same, and each says its unit.
    """
    rows = []
    for row in statement.rows:
        cells = ((row.cells.get(column.key), column.kind) for column in statement.columns)
        rows.append([harmless(row.label), *(_value(cell, kind) for cell, kind in cells)])
    return _written([[harmless(text) for text in csv_headings(statement)], *rows])


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV file of texts that no spreadsheet runs."""
    return _written([columns, *([harmless(text) for text in row] for row in rows)])


def _written(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()


def _value(cell: Cell | None, kind: str) -> str:
    if cell is None:
        return ""
    if kind == "text":
        return harmless(cell.text)
    if cell.pence is not None:
        return exact_pounds(cell.pence)
    return "" if cell.percent is None else repr(float(cell.percent))
