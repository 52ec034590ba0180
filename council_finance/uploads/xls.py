"""Checks of an XLS workbook's records before it is read: extent, errors, password. Pure."""

import struct
from collections import defaultdict
from dataclasses import dataclass, field

from council_finance.uploads.archive import PASSWORD
from council_finance.uploads.compound import Compound, Damaged
from council_finance.uploads.limits import MOST_CELLS, check_extent, refusal
from council_finance.uploads.unreadable import UnreadableCell
from council_finance.uploads.xls_numbers import Numbers

_SHEET, _PASSWORD, _STRINGS, _EXTENT, _BEGIN = 0x85, 0x2F, 0xFC, 0x200, 0x809
_FORMAT, _STYLE, _FROM_1904 = 0x41E, 0xE0, 0x22
_FORMULAS, _ERROR, _SEVERAL = {0x06, 0x206, 0x406}, 0x205, {0xBD, 0xBE}
_CELLS = {0x203, 0x204, 0xFD, 0x27E, 0xBD, 0xD6, _ERROR} | _FORMULAS
_LARGEST = 65_536 * 256
_ERROR_TEXTS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}


@dataclass
class _Sheet:
    rows: int = 0
    columns: int = 0
    cells: dict[tuple[int, int], object] = field(default_factory=dict)


def check_xls(content: bytes) -> list[dict[tuple[int, int], object]]:
    """Return the cells that the reader gets wrong in each sheet, by (row, column) from nought.

    They are errors, and numbers whose format the file itself defines.

    Raise `FileRefused` for a password or a sheet beyond the limits; `Damaged`, `struct.error` or
    `KeyError` where it is not an XLS workbook.
    """
    container = Compound(content)
    if "EncryptedPackage" in container.names:
        raise refusal(PASSWORD)
    book = container.stream("Workbook" if "Workbook" in container.names else "Book")
    sheets, order = _walk_records(book)
    for sheet in sheets.values():
        check_extent(sheet.rows, sheet.columns, "A sheet of the workbook")
    if sum(sheet.rows * sheet.columns for sheet in sheets.values()) > MOST_CELLS:
        raise refusal("The workbook's sheets are too large. Save the table alone as CSV or XLSX.")
    return [sheets[start].cells for start in order]


def _walk_records(book: bytes) -> tuple[dict[int, _Sheet], list[int]]:
    sheets: defaultdict[int, _Sheet] = defaultdict(_Sheet)
    order: list[int] = []
    numbers = Numbers()
    notes = {_FORMAT: numbers.note_format, _STYLE: numbers.note_style}
    place, sheet = 0, _Sheet()
    while place + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, place)
        data = book[place + 4 : place + 4 + length]
        if kind == _BEGIN:
            sheet = sheets[place]
            numbers.note_beginning(data)
        elif kind == _PASSWORD:
            raise refusal(PASSWORD)
        elif kind == _SHEET:
            order.append(struct.unpack_from("<I", data)[0])
        elif kind in _CELLS:
            _note_cell(sheet, kind, data)
            sheet.cells |= {(row, at): cell for row, at, cell in numbers.cells(kind, data)}
        elif kind in notes:
            notes[kind](data)
        elif kind == _FROM_1904:
            numbers.counts_from_1904 = data[:1] == b"\x01"
        elif kind in (_STRINGS, _EXTENT):
            _check_declared_size(kind, data, len(book))
        place += 4 + length
    return sheets, order


def _note_cell(sheet: _Sheet, kind: int, data: bytes) -> None:
    row, column = struct.unpack_from("<HH", data)
    last = struct.unpack_from("<H", data, len(data) - 2)[0] if kind in _SEVERAL else column
    sheet.rows = max(sheet.rows, row + 1)
    sheet.columns = max(sheet.columns, last + 1)
    code = None
    if kind == _ERROR and data[7]:
        code = data[6]
    elif kind in _FORMULAS and data[12:14] == b"\xff\xff" and data[6] == 2:
        code = data[8]
    if code is not None:
        sheet.cells[row, column] = UnreadableCell(_ERROR_TEXTS.get(code, "#ERROR"))


def _check_declared_size(kind: int, data: bytes, size: int) -> None:
    """Raise `Damaged` for a size that cannot be true; the reader would allocate memory for it."""
    if kind == _STRINGS:
        if struct.unpack_from("<I", data, 4)[0] > size:
            raise Damaged("more texts than bytes")
        return
    first, last, left, right = struct.unpack_from("<IIHH" if len(data) >= 12 else "<HHHH", data)
    if (last - first) * (right - left) > _LARGEST or last < first or right < left:
        raise Damaged("the extent of a sheet")
