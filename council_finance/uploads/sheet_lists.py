"""Lists the sheets of workbooks and files in markup, with what is hidden in them. Pure."""

import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import unescape

from council_finance.uploads import xlsx
from council_finance.uploads.archive import Archive, Unzipped
from council_finance.uploads.compound import Compound
from council_finance.uploads.file_format import (
    COMPOUND_BEGINNING,
    ZIP_BEGINNING,
    is_spreadsheetml,
)
from council_finance.uploads.sheets import Sheet
from council_finance.uploads.spreadsheetml import MarkupSheet, read_spreadsheetml
from council_finance.uploads.web_tables import read_web_page
from council_finance.uploads.workbook import damage_refused

_ROW = re.compile(rb"<(?:\w+:)?row\s([^>]*)>")
_COLUMN = re.compile(rb"<(?:\w+:)?col\s([^>]*)>")
_HIDDEN = re.compile(rb"\bhidden\s*=\s*[\"'](?:1|true)[\"']")
_NUMBER = re.compile(rb"\br\s*=\s*[\"']([0-9]{1,7})[\"']")
_SPAN = re.compile(rb"\b(min|max)\s*=\s*[\"']([0-9]{1,7})[\"']")
_FILTER = re.compile(rb"<(?:\w+:)?(?:filterColumn|autoFilter)\b")
_ODS_TABLE = re.compile(rb"<table:table\b([^>]*)>(.*?)</table:table>", re.DOTALL)
_ODS_PART = re.compile(rb"<table:table-(row|column)\b((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>")
_ODS_HIDDEN = re.compile(rb"table:visibility\s*=\s*[\"'](?:collapse|filter)[\"']")
_ODS_REPEATED = re.compile(rb"table:number-(?:rows|columns)-repeated\s*=\s*[\"']([0-9]+)[\"']")
_ODS_NAME = re.compile(rb"table:name\s*=\s*[\"']([^\"']*)[\"']")
_ODS_STYLE = re.compile(rb"table:style-name\s*=\s*[\"']([^\"']*)[\"']")
_ODS_HIDDEN_STYLE = re.compile(
    rb"<style:style\b[^>]*style:name\s*=\s*[\"']([^\"']*)[\"'][^>]*>\s*"
    rb"<style:table-properties\b[^>]*table:display\s*=\s*[\"']false[\"']"
)
_XLS_ROW, _XLS_COLUMN, _XLS_SHEET, _XLS_BEGIN, _XLS_FILTER = 0x208, 0x7D, 0x85, 0x809, 0x9D


@dataclass
class _XlsSheet:
    rows: list[int] = field(default_factory=list)
    columns: list[tuple[int, int]] = field(default_factory=list)
    filtered: bool = False


def list_sheets(content: bytes, unzipped: Unzipped | None = None) -> list[Sheet]:
    """Return the sheets of a file that is no CSV file, in order. Raise `FileRefused`.

    The only visible sheet of an XLSX workbook is left in `unzipped`.
    """
    if content.startswith(ZIP_BEGINNING):
        with damage_refused():
            archive = Archive(content)
            if xlsx.BEGINNING not in archive:
                return _ods_sheets(archive)
            return _xlsx_sheets(archive, {} if unzipped is None else unzipped)
    if content.startswith(COMPOUND_BEGINNING):
        with damage_refused():
            return _xls_sheets(content)
    if is_spreadsheetml(content):
        return _markup_sheets(read_spreadsheetml(content))
    return _markup_sheets(read_web_page(content))


def _markup_sheets(sheets: Iterable[MarkupSheet]) -> list[Sheet]:
    return [
        Sheet(each.name, not each.hidden, tuple((row, row) for row in each.hidden_rows))
        for each in sheets
    ]


def _xlsx_sheets(archive: Archive, unzipped: Unzipped) -> list[Sheet]:
    found, sheets = [], xlsx.sheets_of(archive)
    is_only_one = sum(sheet.visible for sheet in sheets) == 1
    for sheet in sheets:
        if not sheet.visible:
            found.append(Sheet(sheet.name, False))
            continue
        xml = archive.read(sheet.part)
        found.append(_add_hidden_ranges(sheet, xml))
        if is_only_one:
            unzipped[sheet.part] = xml
    return found


def _add_hidden_ranges(sheet: xlsx.Sheet, xml: bytes) -> Sheet:
    rows: list[tuple[int, int]] = []
    columns: list[tuple[int, int]] = []
    if b"hidden" in xml:
        number = 0
        for row in _ROW.finditer(xml):
            given = _NUMBER.search(row[1])
            number = int(given[1]) if given else number + 1
            if _HIDDEN.search(row[1]):
                rows.append((number, number))
        for column in _COLUMN.finditer(xml):
            if _HIDDEN.search(column[1]):
                span = {key: int(value) for key, value in _SPAN.findall(column[1])}
                first = span.get(b"min", 1)
                columns.append((first, span.get(b"max", first)))
    filtered = _FILTER.search(xml, max(0, xml.rfind(b"</sheetData>"))) is not None
    return Sheet(sheet.name, True, tuple(rows), tuple(columns), filtered)


def _ods_sheets(archive: Archive) -> list[Sheet]:
    xml = archive.read("content.xml")
    unseen = set(_ODS_HIDDEN_STYLE.findall(xml))
    sheets = []
    for table in _ODS_TABLE.finditer(xml):
        name, style = _ODS_NAME.search(table[1]), _ODS_STYLE.search(table[1])
        hidden: dict[bytes, list[tuple[int, int]]] = {b"row": [], b"column": []}
        ends = {b"row": 0, b"column": 0}
        for part in _ODS_PART.finditer(table[2]):
            times = _ODS_REPEATED.search(part[2])
            first = ends[part[1]] + 1
            ends[part[1]] += int(times[1]) if times else 1
            if _ODS_HIDDEN.search(part[2]):
                hidden[part[1]].append((first, ends[part[1]]))
        text = unescape(name[1].decode("utf-8")) if name else ""
        visible = not (style and style[1] in unseen)
        filtered = b'visibility="filter"' in table[2]
        sheets.append(
            Sheet(text, visible, tuple(hidden[b"row"]), tuple(hidden[b"column"]), filtered)
        )
    return sheets


def _xls_sheets(content: bytes) -> list[Sheet]:
    container = Compound(content)
    book = container.stream("Workbook" if "Workbook" in container.names else "Book")
    found: dict[int, _XlsSheet] = {}
    order: list[tuple[int, bool, str]] = []
    place, current = 0, _XlsSheet()
    while place + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, place)
        data = book[place + 4 : place + 4 + length]
        if kind == _XLS_BEGIN:
            current = found.setdefault(place, _XlsSheet())
        elif kind == _XLS_SHEET and data[5] == 0:
            start, state = struct.unpack_from("<IB", data)
            order.append((start, state & 3 == 0, _xls_sheet_name(data)))
        elif kind == _XLS_ROW and data[12] & 0x20:
            current.rows.append(struct.unpack_from("<H", data)[0] + 1)
        elif kind == _XLS_COLUMN and data[8] & 1:
            first, last = struct.unpack_from("<HH", data)
            current.columns.append((first + 1, min(last, 255) + 1))
        elif kind == _XLS_FILTER:
            current.filtered = True
        place += 4 + length
    return [
        Sheet(
            name,
            visible,
            tuple((row, row) for row in found[start].rows),
            tuple(found[start].columns),
            found[start].filtered,
        )
        for start, visible, name in order
    ]


def _xls_sheet_name(data: bytes) -> str:
    length, wide = data[6], data[7] & 1
    raw = data[8 : 8 + length * (1 + wide)]
    return raw.decode("utf-16-le" if wide else "latin-1")
