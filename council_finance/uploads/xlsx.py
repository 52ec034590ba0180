"""Checks of an XLSX workbook's XML before its cells are read: its sheets and extent. Pure.

The reader of workbooks allocates memory for the whole rectangle around a sheet's cells, so that one
cell in the last row and column would take all memory.
"""

import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree import ElementTree
from xml.parsers import expat

import numpy as np

from council_finance.uploads.archive import Archive
from council_finance.uploads.byte_pairs import has_pair
from council_finance.uploads.limits import MOST_CELLS, MOST_COLUMNS, MOST_LINES, column_number
from council_finance.uploads.number_formats import (
    BUILT_IN,
    is_date,
    is_plain,
    shows_digits_alone,
)

BEGINNING = "_rels/.rels"
STYLES, TEXTS = "xl/styles.xml", "xl/sharedstrings.xml"
_BEGINNING_BYTES = 65_536
_DECLARED = re.compile(rb"<(?:\w+:)?sst\b[^>]*\buniqueCount\s*=\s*[\"']([0-9]{1,20})[\"']")
_LEAST_TEXT_BYTES = len("<si/>")
_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*)>")
_STYLE = re.compile(rb"\bs=[\"']([0-9]+)[\"']")
_AT = re.compile(rb"\br=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
_PREFIXED_CELL = re.compile(rb":c[\s/>]")
_BLANK_CELL = re.compile(
    rb'<c r="[A-Z]{1,3}[0-9]{1,7}"(?: [a-z]{1,3}="[^"<>&]{0,20}+")*+ ?(?:/>|></c>)'
)
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ENDS_NAME = np.isin(np.arange(256), list(b" />\t\r\n"))
_SLICE = 1024 * 1024
_SHOW_DIGITS = (*range(9), *range(37, 45), 49)
"""The built-in formats, by their numbers, that show a number by its digits."""

_ROOM = 20  # more than the longest beginning of a cell


class Sheet(NamedTuple):
    """A sheet of the workbook and the part that holds it."""

    name: str
    visible: bool
    part: str


def sheets_of(archive: Archive) -> list[Sheet]:
    """Return the worksheets in order.

    Raise `ParseError`, `KeyError` or `ValueError` where the workbook is damaged.
    """
    book = _find_workbook_part(archive)
    relations = _read_relations(archive, f"xl/_rels/{posixpath.basename(book)}.rels")
    sheets = []
    for element in ElementTree.fromstring(archive.read(book)).iter():
        if element.tag.rpartition("}")[2] != "sheet":
            continue
        reference = (value for key, value in element.attrib.items() if key.endswith("}id"))
        relation = relations[next(reference, "")]
        if relation.get("Type", "").endswith("/worksheet"):
            visible = element.get("state", "visible") == "visible"
            sheets.append(Sheet(element.get("name", ""), visible, _find_sheet_part(relation)))
    if len({sheet.name for sheet in sheets}) < len(sheets):
        raise ValueError("a sheet occurs twice")
    return sheets


def _find_sheet_part(relation: ElementTree.Element) -> str:
    """Return the part that a relation of the workbook leads to, as the reader finds it."""
    target = relation.get("Target", "")
    start = "/" if target.startswith("xl/") else "/xl"
    return posixpath.normpath(posixpath.join(start, target)).lstrip("/")


def _find_workbook_part(archive: Archive) -> str:
    """Return the part that lists the sheets. Raise `ValueError` where it is not certain."""
    relations = _read_relations(archive, BEGINNING).values()
    books = [each for each in relations if each.get("Type", "").endswith("/officeDocument")]
    if len(books) != 1:
        raise ValueError("not one workbook")
    part = posixpath.join("/", books[0].get("Target", "")).lstrip("/")
    if posixpath.dirname(part) != "xl":
        raise ValueError("the workbook is not in its usual folder")
    return part


def _read_relations(archive: Archive, part: str) -> dict[str, ElementTree.Element]:
    relations = {}
    for element in ElementTree.fromstring(archive.read(part)):
        if element.get("Id") in relations:
            raise ValueError("a relation occurs twice")
        relations[element.get("Id", "")] = element
    return relations


def read_texts(archive: Archive) -> bytes:
    """Return the XML of the workbook's texts; blank where it has none.

    Raise `ValueError` where it declares more texts than its bytes can hold: the reader of workbooks
    allocates memory for as many before it reads one.
    """
    name = next((name for name in archive.parts if name.casefold() == TEXTS), None)
    xml = archive.read(name) if name else b""
    for promised in _DECLARED.finditer(xml[:_BEGINNING_BYTES]):
        if int(promised[1]) * _LEAST_TEXT_BYTES > len(xml):
            raise ValueError("more texts than bytes")
    return xml


class Styles(NamedTuple):
    """The cell styles of a workbook by how they show a number.

    `odd` are the formats, by style, that show it with more than its digits; `plain` the styles that
    surely show it by its digits alone, and never as a date.
    """

    odd: dict[bytes, str]
    plain: frozenset[int]


def read_styles(archive: Archive) -> Styles:
    """Return the workbook's cell styles. Raise `ParseError` or `ValueError` where damaged."""
    name = next((name for name in archive.parts if name.casefold() == STYLES), None)
    if name is None:
        return Styles({}, frozenset())
    root = ElementTree.fromstring(archive.read(name))
    own = {
        int(each.get("numFmtId", 0)): each.get("formatCode", "")
        for each in root.iter()
        if each.tag.rpartition("}")[2] == "numFmt"
    }
    styles = (each for each in root.iter() if each.tag.rpartition("}")[2] == "cellXfs")
    numbers = [int(style.get("numFmtId", 0)) for style in next(styles, ())]
    plain = {number for number in _SHOW_DIGITS if number not in own}
    plain |= {number for number, own_format in own.items() if shows_digits_alone(own_format)}
    formats_by_style = {
        n: own.get(number, BUILT_IN.get(number, "")) for n, number in enumerate(numbers)
    }
    odd = {
        b"%d" % style: number_format
        for style, number_format in formats_by_style.items()
        if number_format and not is_plain(number_format) and not is_date(number_format)
    }
    return Styles(odd, frozenset(n for n, number in enumerate(numbers) if number in plain))


def cells_with(xml: bytes, formats: dict[bytes, str]) -> Iterator[tuple[int, int, str]]:
    """Yield row and column from nought of each cell with one of the styles, and its format."""
    if not formats:
        return
    for cell in _CELL.finditer(xml):
        style, place = _STYLE.search(cell[1]), _AT.search(cell[1])
        if style and place and style[1] in formats:
            column = column_number(place[1].decode())
            yield int(place[2]) - 1, column - 1, formats[style[1]]


def extent(xml: bytes) -> tuple[int, int]:
    """Return the number of rows and columns from A1 to the last cell that is not blank.

    They may be more where cells are blank, as long as that is within the limits. Raise `ExpatError`
    or `ValueError` where the sheet is damaged.
    """
    rough = _rough_extent(xml)
    if rough and _exceeds_limits(*rough):
        rough = _rough_extent(xml, without_blanks=True)
    return rough or _exact_extent(xml)


def _exceeds_limits(rows: int, columns: int) -> bool:
    return columns > MOST_COLUMNS or rows > MOST_LINES or rows * columns > MOST_CELLS


def _rough_extent(xml: bytes, without_blanks: bool = False) -> tuple[int, int] | None:
    """Return the extent by the cells' references; None where one is not written as by Excel."""
    if b"\x00" in xml[:8] or (has_pair(xml, b":c") and _PREFIXED_CELL.search(xml)):
        return None
    rows = columns = 0
    for piece in _cut_at_elements(xml):
        found = _slice_extent(_BLANK_CELL.sub(b"", piece) if without_blanks else piece)
        if found is None:
            return None
        rows, columns = max(rows, found[0]), max(columns, found[1])
    return rows, columns


def _cut_at_elements(xml: bytes) -> Iterator[bytes]:
    """Yield the XML in pieces that end where an element begins."""
    start = 0
    while start < len(xml):
        end = start + _SLICE
        if end < len(xml):
            begin = xml.rfind(b"<", start + 1, end)
            end = begin if begin > start else end
        yield xml[start:end]
        start = end


def _slice_extent(xml: bytes) -> tuple[int, int] | None:
    piece = np.frombuffer(xml + b" " * _ROOM, np.uint8)
    begins = np.flatnonzero((piece[:-_ROOM] == ord("<")) & (piece[1 : 1 - _ROOM] == ord("c")))
    begins = begins[_ENDS_NAME[piece[begins + 2]]]
    for offset, byte in enumerate(b' r="', start=2):
        if not (piece[begins + offset] == byte).all():
            return None
    place, column, row = begins + 6, np.zeros(len(begins), "i4"), np.zeros(len(begins), "i4")
    for _ in range(3):
        letter = piece[place] - np.uint8(ord("A"))
        is_letter = letter < 26
        if not is_letter.any():
            break
        column = np.where(is_letter, column * 26 + letter + 1, column)
        place = place + is_letter
    for _ in range(7):
        digit = piece[place] - np.uint8(ord("0"))
        is_digit = digit < 10
        if not is_digit.any():
            break
        row = np.where(is_digit, row * 10 + digit, row)
        place = place + is_digit
    if not ((piece[place] == ord('"')) & (column > 0) & (row > 0)).all():
        return None
    return int(row.max(initial=0)), int(column.max(initial=0))


class _Cells:
    """A reader of the sheet's extent, which counts cells as the reader of workbooks does."""

    def __init__(self) -> None:
        self.row = self.column = self.rows = self.columns = 0
        self.in_cell = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Count a row, a cell, or content of a cell."""
        name = name.rpartition(":")[2]
        if self.in_cell:
            self.rows, self.columns = max(self.rows, self.row), max(self.columns, self.column)
        elif name == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.column = 0
        elif name == "c":
            self.in_cell, self.column = True, self.column + 1
            if "r" in attributes:
                place = _PLACE.fullmatch(attributes["r"])
                if place is None:
                    raise ValueError("a cell in no place")
                self.column, self.row = column_number(place[1]), int(place[2])

    def end(self, name: str) -> None:
        """End a cell."""
        if name.rpartition(":")[2] == "c":
            self.in_cell = False


def _exact_extent(xml: bytes) -> tuple[int, int]:
    cells, parser = _Cells(), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = cells.start, cells.end
    parser.Parse(xml, True)
    return cells.rows, cells.columns
