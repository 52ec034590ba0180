"""Templates: files to fill in, with the headings that an upload reads. Pure.

They are CSV, or workbooks (template_workbook).
"""

import csv
import datetime
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from council_finance.csv_safe import RUNS_IN_SPREADSHEETS
from council_finance.money import exact_pounds
from council_finance.quantities import plain_quantity
from council_finance.uploads.columns import (
    AMOUNT,
    CODE,
    NUMBER,
    ColumnSpec,
)

CODES_SHEET = "Codes of the template"
"""The name of the sheet of codes, by which an upload knows that it need not be read."""

Value = str | int | bool | datetime.date | None
"""A cell: pence under a heading of amounts, ten-thousandths of numbers; None is a blank cell."""

_LONGEST_NUMBER = 15
_PLAIN_NUMBERS = {AMOUNT: exact_pounds, NUMBER: plain_quantity}


class ListedCode(NamedTuple):
    """A code to choose, and what it is called."""

    code: str
    name: str = ""


class CodeList(NamedTuple):
    """The codes of a column. Another may be typed where `may_be_new`."""

    codes: Sequence[ListedCode]
    may_be_new: bool = False


@dataclass(frozen=True)
class TemplateContent:
    """The rows of a template by column, and the codes of columns that have a list.

    `years` are those for which it has a column, such as `2019/20`.
    """

    rows: Sequence[Mapping[str, Value]] = ()
    lists: Mapping[str, CodeList] = field(default_factory=dict)
    years: Sequence[str] = ()


def template_to_csv(columns: Sequence[ColumnSpec], content: TemplateContent) -> bytes:
    """Return a template as CSV.

    A text that a spreadsheet would run as a formula, or a code that it would take for a number, is
    written as ="00123": spreadsheets show it as it is, and an upload reads it so.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.name for column in columns])
    for row in content.rows:
        writer.writerow([_csv_cell(column, row.get(column.name)) for column in columns])
    return out.getvalue().encode("utf-8-sig")


def _csv_cell(column: ColumnSpec, value: Value) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, int):
        return _PLAIN_NUMBERS.get(column.kind, str)(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if value.startswith(RUNS_IN_SPREADSHEETS) or (
        column.kind == CODE and _is_changed_by_spreadsheets(value)
    ):
        doubled = value.replace('"', '""')
        return f'="{doubled}"'
    return value


def _is_changed_by_spreadsheets(code: str) -> bool:
    """Return whether a spreadsheet may show a code in another way when it opens a CSV file."""
    if not code[:1].isdigit():
        return False
    return not code.isdigit() or code.startswith("0") or len(code) > _LONGEST_NUMBER
