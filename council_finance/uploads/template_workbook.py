"""Templates as workbooks. Pure.

The rows are on the first sheet, with lists to choose from. Long lists cannot be kept in a cell's
own rule, so all of them are on a second sheet, which an upload never reads.
"""

import datetime
import io
from collections.abc import Mapping, Sequence

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from council_finance.quantities import PARTS
from council_finance.sheets import POUNDS, TEXTS_STAY_TEXTS
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
from council_finance.uploads.template_files import (
    CODES_SHEET,
    CodeList,
    ListedCode,
    TemplateContent,
    Value,
)

_MORE_ROWS = 1_000
"""Rows below the filled ones in which the lists can be chosen from, too."""

_PARTS = {AMOUNT: 100, NUMBER: PARTS}
_WIDTHS = {TEXT: 36, CODE: 18}
_OTHER_WIDTH = 16


def template_to_xlsx(name: str, columns: Sequence[ColumnSpec], content: TemplateContent) -> bytes:
    """Return a template as a workbook, with lists to choose codes and words from."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, TEXTS_STAY_TEXTS) as book:
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
        AMOUNT: book.add_format({"num_format": POUNDS}),
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
