"""A statement as CSV, for programs. Pure."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from council_finance.csv_safe import harmless
from council_finance.money import exact_pounds
from council_finance.quantities import plain_quantity
from council_finance.statements.display import NOT_GIVEN, Display
from council_finance.statements.model import Cell, Statement
from council_finance.statements.wording import csv_headings

_PRINTED_PERCENT = re.compile(r"(?P<minus>[(-]?)(?P<number>[0-9][0-9,]*(?:\.[0-9]+)?)%?\)?")


def to_csv(statement: Statement) -> bytes:
    """Return a CSV file: pounds with two decimals, a plain minus, percentages as printed.

    It has one row of headings; no two are the same, and each gives its unit. The last two columns
    are the code of the service that a row is about, and the row's kind.
    """
    rows = []
    for row in statement.rows:
        cells = ((row.cells.get(column.key), column.kind) for column in statement.columns)
        values = (_cell_value(cell, kind, statement.display) for cell, kind in cells)
        code = statement.service_codes.get(row.key, "")
        rows.append([harmless(row.label), *values, harmless(code), row.kind])
    return _write_csv([[harmless(text) for text in csv_headings(statement)], *rows])


def number_or_text(cell: Cell) -> str:
    """Return a cell's exact number; without one its words, such as "Due June 2019", or nothing."""
    if cell.number is not None:
        return plain_quantity(cell.number)
    return "" if cell.text == NOT_GIVEN else harmless(cell.text)


def printed_percent(cell: Cell, display: Display) -> Decimal | None:
    """Return a percentage rounded as it is printed, with a plain minus; None where it is missing.

    The printed text was rounded from exact figures, so it is read rather than rounded again.
    """
    if cell.percent is None:
        return None
    if printed := _PRINTED_PERCENT.fullmatch(cell.text):
        number = Decimal(printed["number"].replace(",", ""))
        return -number if printed["minus"] else number
    step = Decimal(1).scaleb(-display.percent_decimals)
    return Decimal(repr(float(cell.percent))).quantize(step, ROUND_HALF_UP)


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a CSV file of texts, none of which a spreadsheet would run as a formula."""
    return _write_csv([columns, *([harmless(text) for text in row] for row in rows)])


def _write_csv(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()


def _cell_value(cell: Cell | None, kind: str, display: Display) -> str:
    if cell is None:
        return ""
    if kind == "text":
        return harmless(cell.text)
    if kind == "number" or cell.number is not None:
        return number_or_text(cell)
    if cell.pence is not None:
        return exact_pounds(cell.pence)
    percent = printed_percent(cell, display)
    return "" if percent is None else str(percent)
