"""Statements as a workbook: numbers in the council's format, text that is never a formula. Pure."""

import datetime
import io
from collections.abc import Iterable, Mapping, Sequence

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from council_finance.sheets import TEXTS_STAY_TEXTS
from council_finance.statements.display import NOT_GIVEN, Display
from council_finance.statements.figures import Figure, NumberShape, figure, scale
from council_finance.statements.model import Cell, Column, Header, Statement
from council_finance.statements.paper import head_lines, row_lines, sheet_widths, text_lines
from council_finance.statements.whole_report import WholeReport
from council_finance.statements.wording import facts, headings, seal, sheet_notes

HEADER_ROW = 3
Property = str | int | bool
_BOLD_KINDS = {"heading", "subtotal", "total"}
_SUMS = {"subtotal", "total"}
_A4 = 9
_LINE = 14
"""Height of a line in points: not every program works out the height of a row by itself."""

_NOTE_WIDTH = 110


def to_xlsx(statement: Statement) -> bytes:
    """Return an XLSX file: a sheet with title, facts and table, and one with the notes."""
    out = io.BytesIO()
    with _open_workbook(out, statement.title, statement.header) as book:
        formats = _Formats(book)
        _write_table(book, formats, statement)
        _write_notes(book, formats, [statement], facts(statement.header))
    return out.getvalue()


def whole_report_to_xlsx(whole: WholeReport) -> bytes:
    """Return an XLSX file: cover, contents with links, a sheet for each statement, notes."""
    out = io.BytesIO()
    with _open_workbook(out, whole.title, whole.header) as book:
        formats = _Formats(book)
        _write_cover(book, formats, whole)
        _write_contents(book, formats, whole)
        for statement in whole.statements:
            _write_table(book, formats, statement)
        _write_notes(book, formats, whole.statements, facts(whole.header))
    return out.getvalue()


def _open_workbook(out: io.BytesIO, title: str, header: Header) -> xlsxwriter.Workbook:
    font = {"font_name": "Arial", "font_size": 10}
    options = {**TEXTS_STAY_TEXTS, "default_format_properties": font}
    book = xlsxwriter.Workbook(out, options)
    # A fixed date, so that the same figures give the same bytes.
    created = datetime.datetime.combine(header.file_date, datetime.time())
    book.set_properties({"title": title, "author": header.council, "created": created})
    return book


def _add_sheet(
    book: xlsxwriter.Workbook, name: str, widths: Sequence[int], header: str
) -> Worksheet:
    """Add a sheet that prints one page wide, with page numbers."""
    sheet = book.add_worksheet(name[:31])
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    sheet.set_paper(_A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.hide_gridlines(2)
    if header:
        sheet.set_header("&L" + header.replace("&", "&&")[:200])
    sheet.set_footer("&L&A&RPage &P of &N")
    return sheet


def _write_cover(book: xlsxwriter.Workbook, formats: "_Formats", whole: WholeReport) -> None:
    sheet = _add_sheet(book, "Cover", (24, 60), "")
    sheet.write_string(0, 0, whole.header.council, formats.get(bold=True, font_size=12))
    sheet.write_string(2, 0, whole.title, formats.get(bold=True, font_size=20))
    sheet.set_row(2, 28)
    for place, (name, value) in enumerate(whole.facts, start=4):
        sheet.write_string(place, 0, name, formats.get(bold=True, valign="top"))
        sheet.write_string(place, 1, value, formats.get(text_wrap=True, valign="top"))


def _write_contents(book: xlsxwriter.Workbook, formats: "_Formats", whole: WholeReport) -> None:
    sheet = _add_sheet(book, "Contents", (70, 26, 70), facts(whole.header))
    sheet.write_string(0, 0, "Contents", formats.title)
    for place, text in enumerate(("Statement", "Sheet", "SHA-256 of the published figures")):
        sheet.write_string(2, place, text, formats.head)
    for place, statement in enumerate(whole.statements, start=3):
        link = f"internal:'{statement.name[:31]}'!A1"
        sheet.write_url(place, 0, link, formats.link, string=statement.title)
        sheet.write_string(place, 1, statement.name[:31])
        sheet.write_string(place, 2, statement.sha256 or "Draft, not final", formats.small)
    sheet.write_url(
        len(whole.statements) + 3, 0, "internal:'Notes'!A1", formats.link, string="Notes"
    )


def _write_table(book: xlsxwriter.Workbook, formats: "_Formats", statement: Statement) -> None:
    widths = sheet_widths(statement)
    sheet = _add_sheet(book, statement.name, widths, facts(statement.header))
    sheet.set_row(HEADER_ROW, _LINE * head_lines(statement, widths))
    sheet.write_string(0, 0, statement.title, formats.title)
    sheet.write_string(1, 0, facts(statement.header))
    sheet.write_string(2, 0, seal(statement), formats.small)
    sheet.freeze_panes(HEADER_ROW + 1, 1)
    sheet.repeat_rows(HEADER_ROW)
    for offset, row in enumerate(statement.rows, start=HEADER_ROW + 1):
        sheet.set_row(offset, _LINE * row_lines(row, statement, widths))
        look: dict[str, Property] = {"bold": row.kind in _BOLD_KINDS, "top": int(row.kind in _SUMS)}
        wrap = bool(row.cells)
        label = formats.text(**look, indent=row.level, text_wrap=wrap, valign="top")
        sheet.write_string(offset, 0, row.label, label)
        for place, column in enumerate(statement.columns, start=1):
            cell = row.cells.get(column.key)
            if cell is not None:
                _write_cell(sheet, (offset, place), cell, column, formats, statement.display, look)
    _add_table(sheet, formats, statement)


def _write_cell(
    sheet: Worksheet,
    place: tuple[int, int],
    cell: Cell,
    column: Column,
    formats: "_Formats",
    display: Display,
    look: Mapping[str, Property],
) -> None:
    if column.kind == "text":
        style = formats.text(**look, num_format="@", text_wrap=True, valign="top", indent=1)
        sheet.write_string(*place, cell.text, style)
        return
    number = figure(cell, display)
    if number is None and column.kind == "number" and cell.text != NOT_GIVEN:
        sheet.write_string(*place, cell.text, formats.get(**look, valign="top", align="right"))
    elif number is None:
        # Empty, not a dash: one text makes programs read a whole column of figures as texts.
        sheet.write_blank(*place, None, formats.get(**look, valign="top"))
    else:
        style = formats.get(**look, num_format=_number_format(number, display), valign="top")
        sheet.write_number(*place, number.value, style)


def _add_table(sheet: Worksheet, formats: "_Formats", statement: Statement) -> None:
    """Mark the cells as a table with one row of headings."""
    texts = headings(statement)
    right = [column.kind != "text" for column in statement.columns]
    styles = [formats.head, *(formats.head_right if r else formats.head_text for r in right)]
    columns = [
        {"header": text, "header_format": style} for text, style in zip(texts, styles, strict=True)
    ]
    sheet.add_table(
        HEADER_ROW,
        0,
        HEADER_ROW + max(1, len(statement.rows)),
        len(statement.columns),
        {
            "columns": columns,
            "name": "T_" + statement.name.replace("-", "_"),
            "style": "Table Style Light 1",
            "autofilter": False,
            "banded_rows": False,
        },
    )


def _write_notes(
    book: xlsxwriter.Workbook, formats: "_Formats", statements: Iterable[Statement], line: str
) -> None:
    notes = _add_sheet(book, "Notes", (10, _NOTE_WIDTH), line)
    notes.write_string(0, 0, "Notes", formats.title)
    notes.write_string(1, 0, line)
    wrap, bold = formats.get(text_wrap=True, valign="top"), formats.get(bold=True)
    lines = []
    for statement in statements:
        lines += [(statement.title, "", bold), *((*note, wrap) for note in sheet_notes(statement))]
        lines.append(("", "", wrap))
    for place, (mark, text, style) in enumerate(lines, start=3):
        notes.set_row(place, _LINE * text_lines(text, _NOTE_WIDTH))
        notes.write_string(place, 0, mark, style)
        notes.write_string(place, 1, text, style)


class _Formats:
    """Cell formats of one workbook, each made once."""

    def __init__(self, book: xlsxwriter.Workbook):
        self._book = book
        self._made: dict[tuple[tuple[str, Property], ...], Format] = {}
        head: dict[str, Property] = {
            "bold": True,
            "text_wrap": True,
            "valign": "bottom",
            "bottom": 1,
        }
        self.title = self.get(bold=True, font_size=14)
        self.small = self.get(font_size=8, font_color="#595959")
        self.link = self.get(font_color="#1D70B8", underline=1)
        self.head, self.head_right = self.get(**head), self.get(**head, align="right")
        self.head_text = self.text(**head, indent=1)

    def get(self, **properties: Property) -> Format:
        """Return the format with these properties; one that is off counts as not given."""
        key = tuple(sorted((name, value) for name, value in properties.items() if value))
        if key not in self._made:
            self._made[key] = self._book.add_format(dict(key))
        return self._made[key]

    def text(self, **properties: Property) -> Format:
        """Return the format of a text, aligned left: spreadsheets keep an indent only then."""
        return self.get(align="left", **properties)


def _plain_format(shape: NumberShape) -> str:
    """Return the format of a number that is no money."""
    digits = "#,##0" + ("." + "0" * shape.decimals if shape.decimals else "")
    digits += "," * shape.thousands
    if shape.after:
        digits += f'"{shape.after.replace(chr(34), "")}"'
    # A section of its own: without it, some programs print the sign of their language.
    return f"{digits};{'(' if shape.in_brackets else '-'}{digits}"


def _number_format(number: Figure, display: Display) -> str:
    """Return a number format with sections for positive, negative and, where needed, nil."""
    if number.kind == "number":
        return _plain_format(number.shape)
    decimals, pounds = scale(display, number.kind)
    shape = "#,##0" + ("." + "0" * decimals if decimals else "")
    shape += {1: "", 1_000: ",", 1_000_000: ",,"}[pounds]
    if number.kind == "percent":
        shape += '"%"'
    negative = f"({shape})" if display.favourable == "brackets" else f"-{shape}"
    if number.below_nil:
        negative = f'"{number.below_nil}"'
    return f"{shape};{negative}" + (f';"{number.at_nil}"' if number.at_nil else "")
