"""Templates: files to fill in, with the headings that an upload reads. Pure.

A workbook has the rows on its first sheet, with lists to choose from. Long lists cannot be kept in
a cell's own rule, so all of them are on a second sheet, which an upload never reads.
"""

import csv
import datetime
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from council_finance.csv_safe import RUNS_IN_SPREADSHEETS
from council_finance.money import exact_pounds
from council_finance.quantities import PARTS, plain_quantity
from council_finance.uploads.columns import (
    AMOUNT,
    CHOICE,
    CODE,
    DATE,
    NUMBER,
    TEXT,
    YES,
    ColumnSpec,
)

CODES_SHEET = "Codes of the template"
"""The name of the sheet of codes, by which an upload knows that it need not be read."""

Value = str | int | bool | datetime.date | None
"""A cell: pence under a heading of amounts, ten-thousandths of numbers; None is a blank cell."""

_MORE_ROWS = 1_000
"""Rows below the filled ones in which the lists can be chosen from, too."""

_LONGEST_NUMBER = 15
_PLAIN_NUMBERS = {AMOUNT: exact_pounds, NUMBER: plain_quantity}
_PARTS = {AMOUNT: 100, NUMBER: PARTS}
_WIDTHS = {TEXT: 36, CODE: 18}
_OTHER_WIDTH = 16


@dataclass(frozen=True)
class ListedCode:
    """A code to choose, and what it is called."""

    code: str
    name: str = ""


@dataclass(frozen=True)
class CodeList:
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


def template_to_xlsx(name: str, columns: Sequence[ColumnSpec], content: TemplateContent) -> bytes:
    """Return a template as a workbook, with lists to choose codes and words from."""
    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet(name[:31])
        formats = _column_formats(book)
        _write_headings(sheet, columns, formats, book.add_format({"bold": True, "bottom": 1}))
        for number, row in enumerate(content.rows, start=1):
            for place, column in enumerate(columns):
                _write_cell(sheet, (number, place), column, row.get(column.name), formats)
        lists = _lists_by_column(columns, content)
        last = len(content.rows) + _MORE_ROWS
        _write_lists(book, sheet, [column.name for column in columns], lists, last)
    return out.getvalue()


def _column_formats(book: xlsxwriter.Workbook) -> dict[str, Format]:
    """Return the format of each kind of column; codes and texts stay as they are typed."""
    as_text = book.add_format({"num_format": "@"})
    return {
        CODE: as_text,
        TEXT: as_text,
        AMOUNT: book.add_format({"num_format": "#,##0.00;-#,##0.00"}),
        DATE: book.add_format({"num_format": "dd/mm/yyyy"}),
    }


def _write_headings(
    sheet: Worksheet, columns: Sequence[ColumnSpec], formats: Mapping[str, Format], bold: Format
) -> None:
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        width = max(_WIDTHS.get(column.kind, _OTHER_WIDTH), len(column.name) + 2)
        sheet.set_column(place, place, width, formats.get(column.kind))
        sheet.write_string(0, place, column.name, bold)


def _write_cell(
    sheet: Worksheet,
    place: tuple[int, int],
    column: ColumnSpec,
    value: Value,
    formats: Mapping[str, Format],
) -> None:
    style = formats.get(column.kind)
    if value is None or value is False or value == "":
        return
    if value is True:
        sheet.write_string(*place, "yes")
    elif isinstance(value, int):
        sheet.write_number(*place, value / _PARTS.get(column.kind, 1), style)
    elif isinstance(value, datetime.date):
        sheet.write_datetime(*place, value, style)
    else:
        sheet.write_string(*place, value, style)


def _lists_by_column(
    columns: Sequence[ColumnSpec], content: TemplateContent
) -> dict[str, CodeList]:
    """Return the lists of the template, and the words of columns that take only some."""
    words = {column.name: column.choices for column in columns if column.kind == CHOICE}
    words |= {column.name: ("yes", "no") for column in columns if column.kind == YES}
    fixed = {name: CodeList([ListedCode(word) for word in each]) for name, each in words.items()}
    given = {name: each for name, each in content.lists.items() if each.codes}
    return fixed | given


def _write_lists(
    book: xlsxwriter.Workbook,
    sheet: Worksheet,
    names: Sequence[str],
    lists: Mapping[str, CodeList],
    last: int,
) -> None:
    """Write the lists on their own sheet, and offer each in its column down to the row `last`."""
    if not lists:
        return
    codes = book.add_worksheet(CODES_SHEET)
    bold, as_text = (
        book.add_format({"bold": True, "bottom": 1}),
        book.add_format({"num_format": "@"}),
    )
    for number, (name, listed) in enumerate(lists.items()):
        at = 2 * number
        codes.set_column(at, at, 18, as_text)
        codes.set_column(at + 1, at + 1, 36, as_text)
        codes.write_string(0, at, f"For {name}", bold)
        codes.write_string(0, at + 1, "Called", bold)
        for row, each in enumerate(listed.codes, start=1):
            codes.write_string(row, at, each.code, as_text)
            codes.write_string(row, at + 1, each.name, as_text)
        letter, place = xl_col_to_name(at), names.index(name)
        source = f"='{CODES_SHEET}'!${letter}$2:${letter}${len(listed.codes) + 1}"
        sheet.data_validation(1, place, last, place, _list_rule(source, listed))


def _list_rule(source: str, listed: CodeList) -> dict[str, str]:
    """Return the rule of a list: a word that is not in it is refused, or questioned."""
    return {
        "validate": "list",
        "source": source,
        "error_type": "warning" if listed.may_be_new else "stop",
        "error_title": "Not in the list",
        "error_message": "This is not one of the codes of the list."
        if listed.may_be_new
        else "Choose one of the list.",
    }
