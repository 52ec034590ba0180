"""A statement as a workbook: numbers as numbers in the council's print, text that cannot run."""

import datetime
import io

import xlsxwriter

from council_finance.periods import long_date, period_name
from council_finance.statements.display import UNIT_LABELS, Display
from council_finance.statements.model import Cell, Column, Statement

HEADER_ROW = 3
_BOLD_KINDS = {"heading", "subtotal", "total"}


def to_xlsx(statement: Statement) -> bytes:
    """One sheet with title, facts and table, and one with the notes; bytes of an XLSX file."""
    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        # A fixed date, so that the same figures give the same bytes.
        book.set_properties(
            {
                "title": statement.title,
                "author": statement.header.council,
                "created": datetime.datetime.combine(statement.header.as_at, datetime.time()),
            }
        )
        _write_table(book, statement)
        _write_notes(book, statement)
    return out.getvalue()


def _write_table(book: xlsxwriter.Workbook, statement: Statement) -> None:
    sheet = book.add_worksheet(statement.name[:31])
    sheet.write_string(0, 0, statement.title, book.add_format({"bold": True, "font_size": 14}))
    sheet.write_string(1, 0, facts(statement))
    formats = _Formats(book, statement.display)
    sheet.set_column(0, 0, 46)
    sheet.set_column(1, len(statement.columns), 17)
    sheet.freeze_panes(HEADER_ROW + 1, 1)
    for offset, row in enumerate(statement.rows, start=HEADER_ROW + 1):
        bold = row.kind in _BOLD_KINDS
        label = book.add_format({"indent": row.level, "bold": bold, "text_wrap": True})
        sheet.write_string(offset, 0, row.label, label)
        for place, column in enumerate(statement.columns, start=1):
            _write_cell(sheet, offset, place, row.cells.get(column.key), formats, column, bold)
    _add_table(book, sheet, statement)


def _write_cell(sheet, row: int, place: int, cell: Cell | None, formats, column, bold) -> None:
    if cell is None:
        return
    if cell.value is None:
        sheet.write_string(row, place, cell.text, formats.text(column, bold))
    else:
        kind = "amount" if cell.percent is None else "percent"
        sheet.write_number(row, place, cell.value, formats.number(kind, bold))


def _add_table(book: xlsxwriter.Workbook, sheet, statement: Statement) -> None:
    """A real table with one header row; Excel wants each heading once."""
    header = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    taken: dict[str, int] = {}
    headings = []
    for text in [statement.row_heading, *(heading(column) for column in statement.columns)]:
        taken[text] = taken.get(text, 0) + 1
        unique = text if taken[text] == 1 else f"{text} ({taken[text]})"
        headings.append({"header": unique, "header_format": header})
    last = HEADER_ROW + max(1, len(statement.rows))
    sheet.add_table(
        HEADER_ROW,
        0,
        last,
        len(statement.columns),
        {
            "columns": headings,
            "name": "T_" + statement.name.replace("-", "_"),
            "style": "Table Style Light 1",
            "autofilter": False,
            "banded_rows": False,
        },
    )


def _write_notes(book: xlsxwriter.Workbook, statement: Statement) -> None:
    notes = book.add_worksheet("Notes")
    notes.set_column(0, 0, 10)
    notes.set_column(1, 1, 110)
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    notes.write_string(0, 0, "Notes", book.add_format({"bold": True, "font_size": 14}))
    lines = [("", facts(statement)), ("", _sign_note(statement))]
    lines += [(note.mark, note.text) for note in statement.footnotes]
    for row in statement.rows:
        marked = {cell.mark for cell in row.cells.values() if cell.mark}
        lines += [(mark, f"marks a figure of {row.label}") for mark in sorted(marked)]
    for place, (mark, text) in enumerate(lines, start=2):
        notes.write_string(place, 0, mark)
        notes.write_string(place, 1, text, wrap)


def _sign_note(statement: Statement) -> str:
    shown = UNIT_LABELS[statement.display.unit]
    return (
        f"Cells hold pounds, unrounded, and show {shown}; percentages are in per cent. "
        "Spending is positive and income negative; a negative variance is favourable."
    )


def facts(statement: Statement) -> str:
    """Council, year, period, status, version and date of the figures, in a line."""
    header = statement.header
    return (
        f"{header.council}, {header.financial_year}, {period_name(header.period).lower()}, "
        f"{header.status} (version {header.version}), figures as at {long_date(header.as_at)}"
    )


def heading(column: Column) -> str:
    """A column's label with its unit."""
    return f"{column.label} {column.unit}".strip()


class _Formats:
    """Cell formats of one workbook, made once for each look."""

    def __init__(self, book: xlsxwriter.Workbook, display: Display):
        self._book, self._display = book, display
        self._made: dict[tuple[str, bool], object] = {}

    def number(self, kind: str, bold: bool):
        """The council's unit and brackets for an amount or a percentage."""
        if kind == "percent":
            decimals = self._display.percent_decimals
            shape = f'{_digits(decimals)}"%"'
            nil, limit = f"{0:.{decimals}f}%", 0.5 / 10**decimals
        else:
            shape, nil, limit = {
                "m": ("#,##0.000,,", "0.000", 500),
                "k": ("#,##0,", "0", 500),
                "pounds": ("#,##0", "0", 0.5),
            }[self._display.unit]
        return self._get(self._signed(shape, nil, limit), bold)

    def text(self, column: Column, bold: bool):
        """Text; a dash that stands for a missing figure lines up with figures."""
        return self._get("@" if column.kind == "text" else "General", bold, column.kind != "text")

    def _signed(self, shape: str, nil: str, limit: float) -> str:
        """Positive; negative as the council prints it; nil without a sign, whatever its pence."""
        negative = f"({shape})" if self._display.favourable == "brackets" else f"-{shape}"
        edge = f"{limit:.7f}".rstrip("0").removesuffix(".")
        return f'[>={edge}]{shape};[<=-{edge}]{negative};"{nil}"'

    def _get(self, number_format: str, bold: bool, right: bool = False):
        key = (number_format, bold)
        if key not in self._made:
            properties = {"num_format": number_format, "bold": bold}
            properties |= {"align": "right"} if right else {"text_wrap": number_format == "@"}
            self._made[key] = self._book.add_format(properties)
        return self._made[key]


def _digits(decimals: int) -> str:
    return "#,##0" + ("." + "0" * decimals if decimals else "")
