"""Cells of an XLSX sheet without a value: errors, and formulas that were never worked out. Pure.

The reader of workbooks gives such a cell as blank, and blank means "not given".
"""

import io
import posixpath
import re
import zipfile
from xml.etree import ElementTree

_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]+)"')
_ERROR_TEXT = re.compile(rb"<(?:\w+:)?v>([^<]*)</")
_FORMULA, _VALUE = re.compile(rb"<(?:\w+:)?f\b"), re.compile(rb"<(?:\w+:)?v>[^<]")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


NO_VALUE = "an error, or a formula that was never worked out, has no value"


class UnreadableCell(str):
    """What stands in a cell that has no value: `#N/A`, or `formula`."""


def unreadable_cells(content: bytes, sheet: str) -> dict[tuple[int, int], UnreadableCell]:
    """By (row, column) from nought, for the sheet of that name; none in other kinds of workbook."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return {}
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        part = _part(book, sheet)
        xml = book.read(part) if part in book.namelist() else b""
    if b't="e"' not in xml and _FORMULA.search(xml) is None:
        return {}
    return dict(_unreadable(xml))


def _part(book: zipfile.ZipFile, sheet: str) -> str:
    """The part of the file that holds a sheet, or nothing."""
    if "xl/workbook.xml" not in book.namelist():
        return ""
    sheets = ElementTree.fromstring(book.read("xl/workbook.xml")).iter()
    relation = next((e.get(_RELATION) for e in sheets if e.get("name") == sheet), None)
    relations = ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))
    target = next((e.get("Target", "") for e in relations if e.get("Id") == relation), "")
    return posixpath.join("/xl", target).lstrip("/")


def _unreadable(xml: bytes):
    for cell in _CELL.finditer(xml):
        attributes, inside = cell[1], cell[2] or b""
        is_error = b't="e"' in attributes
        has_value = _VALUE.search(inside) or b't="str"' in attributes
        never_worked_out = _FORMULA.search(inside) and not has_value
        place = _PLACE.search(attributes)
        if place and (is_error or never_worked_out):
            text = _ERROR_TEXT.search(inside)
            shown = text[1].decode() if is_error and text else "formula"
            yield (int(place[2]) - 1, _column(place[1])), UnreadableCell(shown)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1
