"""Make the PDF of a document: tagged for screen readers (PDF/UA-1), with bookmarks."""

import io

import pikepdf
import typst
from pikepdf import Array, Dictionary, Name, Object

from council_finance.documents.model import Document
from council_finance.documents.typst_source import source_of


def to_pdf(document: Document) -> bytes:
    """Return the PDF of a document; the same document gives the same bytes."""
    return set_pages(source_of(document))


def set_pages(source: str) -> bytes:
    """Return the PDF of a document's source (`source_of`)."""
    made = typst.compile(source.encode(), format="pdf", pdf_standards=["ua-1"])
    return _tag_row_headings(made)


def _tag_row_headings(made: bytes) -> bytes:
    """Return a PDF in which the first cell of each row of a table is its heading.

    Typst tags the headings of columns only.
    """
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(made)) as pdf:
        for element in _table_rows(pdf.Root.StructTreeRoot):
            _make_row_heading(element)
        pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def _children_of(element: Object) -> list[Object]:
    children = element.get("/K")
    if children is None or isinstance(children, int):
        return []
    listed = list(children) if isinstance(children, Array) else [children]
    return [each for each in listed if isinstance(each, Dictionary)]


def _table_rows(root: Object) -> list[Object]:
    """Return the rows of all tables but those of their headings."""
    rows, waiting = [], _children_of(root)
    while waiting:
        element = waiting.pop()
        kind = element.get("/S")
        if kind == Name.TR:
            rows.append(element)
        elif kind != Name.THead:
            waiting += _children_of(element)
    return rows


def _make_row_heading(row: Object) -> None:
    """Make the first cell of a row its heading; one over all columns keeps the number of them."""
    cells = row.get("/K")
    first = cells[0] if isinstance(cells, Array) else cells
    if first is None or first.get("/S") != Name.TD:
        return
    first.S = Name.TH
    kept = first.get("/A")
    listed = kept if isinstance(kept, Array) else [kept] if kept is not None else []
    of_table = next((each for each in listed if each.get("/O") == Name.Table), None)
    if of_table is None:
        first.A = Array([Dictionary(O=Name.Table, Scope=Name.Row), *listed])
    else:
        of_table.Scope = Name.Row
