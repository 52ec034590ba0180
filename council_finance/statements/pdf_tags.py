"""The tags of a printed report: one table in them, whatever number of pages it takes.

WeasyPrint (70) tags every page by itself: a table of four pages is four tables, and the heads that
it repeats, page numbers and running titles are tagged as if they were more of the report
(https://github.com/Kozea/WeasyPrint/issues/2903). `join_pages` puts this right in memory, before
the file is written: the parts of a section become one section and those of a table one table,
cells name their headings by Headers, IDs and Scope, and what is on a page for the page's sake
becomes an artifact.
"""

from collections.abc import Iterator

import pydyf
from weasyprint import Document
from weasyprint.formatting_structure.boxes import TableCellBox

_TABLE = ("/Caption", "/THead", "/TBody")
"""What a table has, in its order."""

_SCOPES = {"row": "/Row", "col": "/Column"}


def join_pages(document: Document, pdf: pydyf.PDF) -> None:
    """Join what page breaks cut; to be given to WeasyPrint as its finisher."""
    tags = _Tags(document, pdf)
    tags.join_sections()
    tags.name_headings()
    tags.leave_out_what_is_not_content()


class _Tags:
    """The structure elements of a document, which pydyf holds as dictionaries by number."""

    def __init__(self, document: Document, pdf: pydyf.PDF):
        self._objects = pdf.objects
        self._pages = [pdf.objects[int(number)] for number in pdf.pages["Kids"][::3]]
        self._root = self._object(pdf.catalog["StructTreeRoot"])
        self._cells = {
            box.mark.number: box.element
            for page in document.pages
            for box in page._page_box.descendants()
            if isinstance(box, TableCellBox) and box.element is not None
        }

    def join_sections(self) -> None:
        """A section without a heading of its own goes on from the page before."""
        (body,) = self._kids(self._root)
        sections: list[pydyf.Dictionary] = []
        for part in self._kids(body):
            if sections and part["S"] == "/Sect" and not self._has_heading(part):
                self._continue(sections[-1], part)
            else:
                sections.append(part)
        self._set_kids(body, sections)

    def _has_heading(self, section: pydyf.Dictionary) -> bool:
        return any(kid["S"] == "/H1" for kid in self._kids(section))

    def _continue(self, section: pydyf.Dictionary, part: pydyf.Dictionary) -> None:
        ours, more = self._kids(section), self._kids(part)
        if ours and more and ours[-1]["S"] == more[0]["S"] == "/Table":
            self._continue_table(ours[-1], more.pop(0))
        self._set_kids(section, ours + more)

    def _continue_table(self, table: pydyf.Dictionary, part: pydyf.Dictionary) -> None:
        """Rows go into the table; a head that the page repeats stays outside of the tree."""
        groups = {group["S"]: group for group in self._kids(table)}
        for group in self._kids(part):
            if group["S"] == "/TBody" in groups:
                self._continue_rows(groups["/TBody"], self._kids(group))
            # A page that a high row fills has no head; the first head there is counts.
            groups.setdefault(group["S"], group)
        self._set_kids(table, [groups[tag] for tag in _TABLE if tag in groups])

    def _continue_rows(self, body: pydyf.Dictionary, more: list[pydyf.Dictionary]) -> None:
        """Add rows; the first may be the rest of the last, cut because it is higher than a page."""
        rows = self._kids(body)
        if self._source(rows[-1]) is self._source(more[0]):
            for cell, rest in zip(*map(self._kids, (rows[-1], more.pop(0))), strict=True):
                self._set_kids(cell, self._kids(cell) + self._kids(rest))
        self._set_kids(body, rows + more)

    def _source(self, row: pydyf.Dictionary) -> object:
        """The first cell in the page's HTML: the same for both parts of a row that is cut."""
        return self._cells[self._kids(row)[0].number]

    def name_headings(self) -> None:
        """Say of each heading cell what it heads, and of each cell by what it is headed."""
        names = []
        for heading in self._below(self._root, "/TH"):
            heading["A"]["Scope"] = _SCOPES[self._cells[heading.number].attrib["scope"]]
            names.append((heading["ID"].string, heading.reference))
        for table in self._below(self._root, "/Table"):
            self._head_cells(table)
        pairs = [each for name, heading in sorted(names) for each in (pydyf.String(name), heading)]
        self._root["IDTree"] = pydyf.Dictionary({"Names": pydyf.Array(pairs)})

    def _head_cells(self, table: pydyf.Dictionary) -> None:
        """Name the headings of each figure: its row's and its column's, found by its place."""
        rows = [self._kids(row) for row in self._below(table, "/TR")]
        columns = [cell["ID"] for cell in rows[0] if cell["A"].get("Scope") == "/Column"]
        for cells in rows:
            row = [cell["ID"] for cell in cells if cell["S"] == "/TH"]
            for place, cell in enumerate(cells):
                if cell["S"] == "/TD":
                    cell["A"]["Headers"] = pydyf.Array(row + columns[place : place + 1])

    def leave_out_what_is_not_content(self) -> None:
        """Mark what is in no structure element as of the page: PDF/UA calls it an artifact."""
        kept = {element.number for element in self._below(self._root)}
        by_page = self._object(self._root["ParentTree"])["Nums"]
        for place, page in enumerate(self._pages):
            elements = by_page[2 * place + 1]
            for mark, reference in enumerate(elements):
                if self._object(reference).number not in kept:
                    elements[mark] = b"null"
            left_out = {mark for mark, each in enumerate(elements) if each == b"null"}
            _make_artifacts(self._object(page["Contents"]).stream, left_out)

    def _object(self, reference: bytes) -> pydyf.Object:
        return self._objects[int(reference.split()[0])]

    def _kids(self, element: pydyf.Dictionary) -> list[pydyf.Dictionary]:
        """Structure elements within one; neither marked content nor links."""
        found = (self._object(kid) for kid in element["K"] if isinstance(kid, bytes))
        return [each for each in found if "S" in each]

    def _set_kids(self, parent: pydyf.Dictionary, kids: list[pydyf.Dictionary]) -> None:
        parent["K"] = pydyf.Array(kid.reference for kid in kids)
        for kid in kids:
            kid["P"] = parent.reference

    def _below(self, element: pydyf.Dictionary, tag: str = "") -> Iterator[pydyf.Dictionary]:
        for kid in self._kids(element):
            if tag in ("", kid["S"]):
                yield kid
            yield from self._below(kid, tag)


def _make_artifacts(operators: list, marks: set[int]) -> None:
    """Turn `/Span <</MCID 5>> BDC` into the artifact of a page, for these numbers."""
    for place, operand in enumerate(operators):
        if isinstance(operand, pydyf.Dictionary) and operand.get("MCID") in marks:
            operators[place - 1] = "/Artifact"
            operators[place] = pydyf.Dictionary({"Type": "/Pagination"})
