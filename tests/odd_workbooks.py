"""Workbooks made by hand, byte by byte, as no spreadsheet program would write them for a test."""

import io
import struct
import zipfile

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_ODS = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
    '<office:automatic-styles><style:style style:name="hid" style:family="table">'
    '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
    "<office:body><office:spreadsheet>{}</office:spreadsheet></office:body>"
    "</office:document-content>"
)
_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def zipped(parts, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method, compresslevel=1) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def xlsx(sheets, **more):
    """An XLSX workbook of sheets: name → the XML within sheetData, or (that, its state).

    `more` replaces parts or adds them.
    """
    names, relations, parts = "", "", {}
    for number, (name, sheet) in enumerate(sheets.items(), start=1):
        rows, state = sheet if isinstance(sheet, tuple) else (sheet, "visible")
        names += f'<sheet name="{name}" sheetId="{number}" state="{state}" r:id="r{number}"/>'
        relations += (
            f'<Relationship Id="r{number}" Type="{_OFFICE}/worksheet"'
            f' Target="worksheets/sheet{number}.xml"/>'
        )
        xml = f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{_MAIN}"><sheetData>'
        ended = "</sheetData></worksheet>"
        parts[f"xl/worksheets/sheet{number}.xml"] = f"{xml}{rows}{ended}"
    parts["xl/workbook.xml"] = (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{names}</sheets></workbook>'
    )
    parts["xl/_rels/workbook.xml.rels"] = (
        f'<Relationships xmlns="{_PACKAGE}">{relations}</Relationships>'
    )
    parts["_rels/.rels"] = (
        f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="r1" Target="xl/workbook.xml"'
        f' Type="{_OFFICE}/officeDocument"/></Relationships>'
    )
    return zipped(parts | more)


def rows_of(table, first=1):
    """The XML of an XLSX sheet's rows: texts inline, numbers as numbers."""
    out = []
    for number, row in enumerate(table, start=first):
        cells = "".join(_cell(f"{chr(65 + place)}{number}", cell) for place, cell in enumerate(row))
        out.append(f'<row r="{number}">{cells}</row>')
    return "".join(out)


def _cell(place, cell):
    if isinstance(cell, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{cell}</t></is></c>'
    return f'<c r="{place}"><v>{cell}</v></c>'


def ods(tables, **more):
    """An ODS workbook of tables: name → the XML of its rows."""
    xml = "".join(
        f'<table:table table:name="{name}" table:style-name="{"hid" if hidden else "any"}">'
        f"{rows}</table:table>"
        for name, (rows, hidden) in tables.items()
    )
    mimetype = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = {"META-INF/manifest.xml": "<manifest:manifest/>"}
    return zipped({"mimetype": mimetype, "content.xml": _ODS.format(xml), **manifest, **more})


def ods_rows(table):
    """The XML of an ODS table's rows; a cell that begins with < stands as it is."""
    out = ""
    for row in table:
        cells = "".join(
            cell
            if cell.startswith("<")
            else f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p>'
            "</table:table-cell>"
            for cell in row
        )
        out += f"<table:table-row>{cells}</table:table-row>"
    return out


def compound(streams):
    """A compound file of streams by name, each of 4096 bytes at least."""
    names = ["Root Entry", *streams]
    directory, sectors, table = b"", b"", []
    for name in names:
        content = streams.get(name, b"")
        content += b"\x00" * (-len(content) % 512)
        content += b"\x00" * max(0, 4096 - len(content)) if name in streams else b""
        start, count = len(table), len(content) // 512
        table += [*range(start + 1, start + count), _END] if count else []
        sectors += content
        text = name.encode("utf-16-le")
        entry = text.ljust(64, b"\x00") + struct.pack("<HBB", len(text) + 2, 2 if count else 5, 1)
        links = struct.pack("<III", _FREE, _FREE, _FREE if count else 1)
        tail = struct.pack("<36xII4x", start if count else _END, len(content))
        directory += entry + links + tail
    directory += b"\x00" * (-len(directory) % 512)
    start = len(table)
    table += [*range(start + 1, start + len(directory) // 512), _END]
    of_table = -(-(len(table) + 1) * 4 // 512) + 1
    places = list(range(len(table), len(table) + of_table))
    table += [_TABLE] * of_table
    table += [_FREE] * (of_table * 128 - len(table))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 16
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9I", 0, of_table, start, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<109I", *places, *[_FREE] * (109 - of_table))
    return header + sectors + directory + struct.pack(f"<{len(table)}I", *table)


def xls(sheets, before=b""):
    """An XLS workbook of sheets: name → (cells, hidden); a cell is (row, column, content)."""
    bodies = [_sheet(cells) for cells, _ in sheets.values()]
    start = _record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)) + before
    lengths = [4 + 8 + len(name) for name in sheets]
    place = len(start) + sum(lengths) + 4
    for (name, (_, hidden)), body in zip(sheets.items(), bodies, strict=True):
        about = struct.pack("<IBBBB", place, hidden, 0, len(name), 0)
        start += _record(0x85, about + name.encode("latin-1"))
        place += len(body)
    return compound({"Workbook": start + _record(0x0A, b"") + b"".join(bodies)})


def _sheet(cells):
    out = _record(0x809, struct.pack("<HHHHII", 0x600, 16, 0, 0, 0, 0))
    for row, column, content in cells:
        place = struct.pack("<HHH", row, column, 0)
        if isinstance(content, str):
            text = struct.pack("<HB", len(content), 0) + content.encode("latin-1")
            out += _record(0x204, place + text)
        elif isinstance(content, bytes):
            out += _record(0x205, place + content)
        else:
            out += _record(0x203, place + struct.pack("<d", content))
    return out + _record(0x0A, b"")


def _record(kind, content):
    return struct.pack("<HH", kind, len(content)) + content
