"""Checks of an ODS workbook's XML before its cells are read: extent, errors. Pure."""

import re
from dataclasses import dataclass, field
from html import unescape
from xml.parsers import expat

from council_finance.uploads.limits import MOST_CELLS, MOST_COLUMNS, check_extent, refusal
from council_finance.uploads.number_formats import ShownNumber
from council_finance.uploads.unreadable import UnreadableCell

_TAG = re.compile(
    rb"<(/?)table:(table|table-row|table-cell|covered-table-cell)(?=[\s/>])"
    rb"((?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+)>"
)
_SPACE_BETWEEN = (
    re.compile(rb"(>)\s+(?=</?table:)"),
    re.compile(
        rb"(<table:(?:covered-)?table-cell(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+(?<!/)>)\s+(?=<)"
    ),
    re.compile(rb"(</text:p>|<text:p/>)\s+(?=<)"),
)
_REPEATED = re.compile(rb"number-(?:rows|columns)-repeated\s*=\s*[\"'](\d+)")
_NAME = re.compile(rb"table:name\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_SHOWN = re.compile(rb"<text:p(?:/>|[^>]*>([^<]*)</text:p>)")
_VALUE = re.compile(rb"office:value\s*=\s*[\"']([^\"']*)[\"']")
_NUMBER = re.compile(rb'value-type="(?:float|percentage|currency)"')
_PLAIN = re.compile(
    "[-+\N{MINUS SIGN} (\N{NO-BREAK SPACE}£$€]*(?:0|[1-9][0-9,]*|(?=[.]))(?:[.][0-9]*)?"
    "[-+ )\N{NO-BREAK SPACE}£$€]*"
)
_SCIENTIFIC = re.compile(r"-?[0-9][.,]?[0-9]*E[+-]?[0-9]+", re.IGNORECASE)
_MARKUP = re.compile(rb"<text:s\b[^>]*>|<[^>]*>")
_ERROR_TEXT = re.compile(r"#[A-Z/0]+[!?]?|Err:[0-9]+")
_LONGEST_NUMBER = 500
_MANY_SPACES = re.compile(rb"text:c\s*=\s*[\"']\s*[0-9]{5}")


@dataclass
class _Table:
    """A table as it is followed; `scientific`: the workbook has a scientific number format."""

    name: str = ""
    scientific: bool = False
    row: int = 0
    column: int = 0
    last_column: int = 0
    blanks: int = 0
    times: int = 1
    rows: int = 0
    columns: int = 0
    row_cells: dict[int, object] = field(default_factory=dict)
    cells: dict[tuple[int, int], object] = field(default_factory=dict)


def check_ods(xml: bytes) -> dict[str, dict[tuple[int, int], object]]:
    """Return the cells that the reader gets wrong, by table name and (row, column) from nought.

    They are errors, formulas never calculated, and numbers that show more than their digits.
    Raise `FileRefused` where a table is beyond the limits, `ValueError` or `ExpatError`
    where it is damaged.
    """
    _check_form(xml)
    scientific = b"<number:scientific-number" in xml
    tables: dict[str, _Table] = {}
    table, cells, blanks = _Table(), 0, 0
    for tag in _TAG.finditer(xml):
        closing, kind, attributes = tag[1], tag[2], tag[3]
        ended = bool(closing) or attributes.endswith(b"/")
        if kind == b"table" and not closing:
            table = tables.setdefault(_table_name(attributes), _Table(scientific=scientific))
        elif kind == b"table":
            cells += table.rows * table.columns
        elif kind == b"table-row":
            if not closing:
                table.times, table.column, table.last_column = _repeat_count(attributes), 0, 0
            if ended:
                blanks += table.blanks
                _end_row(table)
        elif not closing:
            _note_cell(table, attributes, xml, tag.end())
        if max(cells, blanks) > MOST_CELLS:
            raise refusal("The workbook's sheets are too large. Save the table alone as CSV.")
    return {name: table.cells for name, table in tables.items()}


def without_space_between_cells(xml: bytes) -> bytes:
    """Return the XML without white space between rows, cells and paragraphs.

    It has no meaning there; Gnumeric and SheetJS write it, and the workbook reader stops at it.
    """
    for pattern in _SPACE_BETWEEN:
        xml = pattern.sub(rb"\1", xml)
    return xml


def _check_form(xml: bytes) -> None:
    # The reader never stops looking for the end of a table, so make sure that there is one.
    expat.ParserCreate().Parse(xml, True)
    if b"\x00" in xml:
        raise ValueError("not UTF-8")
    if _MANY_SPACES.search(xml):
        raise ValueError("a cell of ten thousand spaces")


def _table_name(attributes: bytes) -> str:
    match = _NAME.search(attributes)
    return unescape((match[1] or match[2] or b"").decode("utf-8")) if match else ""


def _repeat_count(attributes: bytes) -> int:
    if b"repeated" not in attributes:
        return 1
    match = _REPEATED.search(attributes)
    return int(match[1]) if match else 1


def _note_cell(table: _Table, attributes: bytes, xml: bytes, inside: int) -> None:
    start, times = table.column, _repeat_count(attributes)
    table.column += times
    # The reader allocates memory for blank cells too, except those at a row's end.
    table.blanks = start
    if b"table:formula" not in attributes and b"office:" not in attributes:
        return
    table.last_column = table.column
    if table.column > MOST_COLUMNS:
        check_extent(table.row + table.times, table.column, "A sheet of the workbook")
    text = _error_text(attributes, xml, inside)
    cell = UnreadableCell(text) if text else _read_shown_number(table, attributes, xml, inside)
    if cell is not None:
        table.row_cells |= {start + n: cell for n in range(times)}


def _error_text(attributes: bytes, xml: bytes, inside: int) -> str:
    """Return the error shown in a cell without a value; "" where it has a value.

    A formula without a type and without any text was never calculated (one whose result is an
    empty text has an empty paragraph).
    """
    is_error, has_formula = b'value-type="error"' in attributes, b"table:formula" in attributes
    if not is_error and not has_formula:
        return ""
    match = _SHOWN.match(xml, inside)
    text = unescape((match[1] or b"").decode("utf-8")) if match else ""
    if is_error or _ERROR_TEXT.fullmatch(text):
        return text or "#ERROR"
    return "" if match or b"office:value-type" in attributes else "formula"


def _read_shown_number(
    table: _Table, attributes: bytes, xml: bytes, inside: int
) -> ShownNumber | None:
    """Return a number whose cell shows more than its digits, such as 00123 for 123, else None.

    Without a scientific format, a cell shows 3.36E+10 only because its column is narrow.
    """
    if not _NUMBER.search(attributes) or not (value := _VALUE.search(attributes)):
        return None
    end = xml.find(b"</text:p>", inside, inside + _LONGEST_NUMBER)
    start = xml.find(b"<text:p", inside, end) if end > 0 else -1
    if start < 0 or xml.find(b"table:", inside, end) >= 0:
        return None
    inner = xml[xml.index(b">", start) + 1 : end]
    shown = unescape(_MARKUP.sub(b" ", inner).decode("utf-8")).strip()
    number = float(value[1])
    if not table.scientific and _SCIENTIFIC.fullmatch(shown):
        return None
    if not shown or (_PLAIN.fullmatch(shown) and not _is_divided(number, shown)):
        return None
    digits = re.sub(r"\.0*$|[^0-9]", "", shown)
    is_sure = number.is_integer() and digits.isdecimal() and int(digits) == number
    return ShownNumber(number, shown if is_sure else None, f"as {shown}")


def _is_divided(number: float, shown: str) -> bool:
    """Return True for a cell that shows its number in thousands or millions: 1,235 for 1234567."""
    whole = re.sub(r"[^0-9.]", "", shown).partition(".")[0]
    return abs(number) >= 1_000 and len(whole) + 2 < len(str(int(abs(number))))


def _end_row(table: _Table) -> None:
    if table.last_column:
        table.rows = table.row + table.times
        table.columns = max(table.columns, table.last_column)
        check_extent(
            table.rows, table.columns, f"The sheet “{table.name}”" if table.name else "A sheet"
        )
    for column, cell in table.row_cells.items():
        for row in range(table.row, table.row + table.times):
            table.cells[row, column] = cell
    table.row_cells = {}
    table.row += table.times
    table.times, table.last_column, table.blanks = 1, 0, 0
