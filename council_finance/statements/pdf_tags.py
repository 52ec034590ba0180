"""The tags of a printed report: one table in them, whatever number of pages it takes.

WeasyPrint (70) tags every page by itself: a table of four pages is four tables, and the heads that
it repeats, page numbers and running titles are tagged as content of the report
(https://github.com/Kozea/WeasyPrint/issues/2903). `join_pages` puts this right in memory, before
the file is written: the parts of a section become one section and those of a table one table,
cells name their headings by Headers, IDs and Scope, and what is on a page for the page's sake
becomes an artifact.
"""

from collections.abc import Iterator
from typing import Any

import pydyf
from weasyprint import Document
from weasyprint.formatting_structure.boxes import TableCellBox

_TABLE = ("/Caption", "/THead", "/TBody")
"""The parts of a table, in their order."""

_SCOPES = {"row": "/Row", "col": "/Column"}


def join_pages(document: Document, pdf: pydyf.PDF) -> None:
    """Join what page breaks cut. WeasyPrint calls it as its finisher."""
    tags = _Tags(document, pdf)
    tags.join_sections()
    tags.name_headings()
    tags.leave_out_what_is_not_content()


class _Tags:
    """The structure elements of a document, which pydyf holds as dictionaries by number."""

    def __init__(self, document: Document, pdf: pydyf.PDF):
        self._objects = pdf.objects
        self._pages = [pdf.objects[int(number)] for number in pdf.pages["Kids"][::3]]
        self._root = self._find_object(pdf.catalog["StructTreeRoot"])
        self._cells = {
            box.mark.number: box.element
            for page in document.pages
            for box in page._page_box.descendants()
            if isinstance(box, TableCellBox) and box.element is not None
        }

    def join_sections(self) -> None:
        """Join each section without a heading of its own to the section before."""
        (body,) = self._child_elements(self._root)
        sections: list[pydyf.Dictionary] = []
        for part in self._child_elements(body):
            if sections and part["S"] == "/Sect" and not self._has_heading(part):
                self._add_to_section(sections[-1], part)
            else:
                sections.append(part)
        self._set_children(body, sections)

    def _has_heading(self, section: pydyf.Dictionary) -> bool:
        return any(kid["S"] == "/H1" for kid in self._child_elements(section))

    def _add_to_section(self, section: pydyf.Dictionary, part: pydyf.Dictionary) -> None:
        ours, more = self._child_elements(section), self._child_elements(part)
        if ours and more and ours[-1]["S"] == more[0]["S"] == "/Table":
            self._add_to_table(ours[-1], more.pop(0))
        self._set_children(section, ours + more)

    def _add_to_table(self, table: pydyf.Dictionary, part: pydyf.Dictionary) -> None:
        """Add the rows of the next page; the headings that it repeats are left out of the tree."""
        groups = {group["S"]: group for group in self._child_elements(table)}
        for group in self._child_elements(part):
            if group["S"] == "/TBody" in groups:
                self._add_to_rows(groups["/TBody"], self._child_elements(group))
            # A page that a tall row fills has no headings; the first ones found are used.
            groups.setdefault(group["S"], group)
        self._set_children(table, [groups[tag] for tag in _TABLE if tag in groups])

    def _add_to_rows(self, body: pydyf.Dictionary, more: list[pydyf.Dictionary]) -> None:
        """Add rows; the first may be the rest of the last one, cut as it is taller than a page."""
        rows = self._child_elements(body)
        if self._source_cell(rows[-1]) is self._source_cell(more[0]):
            for cell, rest in zip(*map(self._child_elements, (rows[-1], more.pop(0))), strict=True):
                self._set_children(cell, self._child_elements(cell) + self._child_elements(rest))
        self._set_children(body, rows + more)

    def _source_cell(self, row: pydyf.Dictionary) -> object:
        """Return the row's first cell in the HTML: the same for both parts of a cut row."""
        return self._cells[self._child_elements(row)[0].number]

    def name_headings(self) -> None:
        """Give each heading cell its scope, and each figure the headings that apply to it."""
        names = []
        for heading in self._find_descendants(self._root, "/TH"):
            heading["A"]["Scope"] = _SCOPES[self._cells[heading.number].attrib["scope"]]
            names.append((heading["ID"].string, heading.reference))
        for table in self._find_descendants(self._root, "/Table"):
            self._name_headings_of_cells(table)
        pairs = [each for name, heading in sorted(names) for each in (pydyf.String(name), heading)]
        self._root["IDTree"] = pydyf.Dictionary({"Names": pydyf.Array(pairs)})

    def _name_headings_of_cells(self, table: pydyf.Dictionary) -> None:
        """Give each figure of a table the headings of its row and of its column."""
        rows = [self._child_elements(row) for row in self._find_descendants(table, "/TR")]
        columns = [cell["ID"] for cell in rows[0] if cell["A"].get("Scope") == "/Column"]
        for cells in rows:
            row = [cell["ID"] for cell in cells if cell["S"] == "/TH"]
            for place, cell in enumerate(cells):
                if cell["S"] == "/TD":
                    cell["A"]["Headers"] = pydyf.Array(row + columns[place : place + 1])

    def leave_out_what_is_not_content(self) -> None:
        """Mark what is in no structure element as belonging to the page (an artifact in PDF/UA)."""
        kept = {element.number for element in self._find_descendants(self._root)}
        by_page = self._find_object(self._root["ParentTree"])["Nums"]
        for place, page in enumerate(self._pages):
            elements = by_page[2 * place + 1]
            for mark, reference in enumerate(elements):
                if self._find_object(reference).number not in kept:
                    elements[mark] = b"null"
            left_out = {mark for mark, each in enumerate(elements) if each == b"null"}
            _make_artifacts(self._find_object(page["Contents"]).stream, left_out)

    def _find_object(self, reference: bytes) -> pydyf.Object:
        return self._objects[int(reference.split()[0])]

    def _child_elements(self, element: pydyf.Dictionary) -> list[pydyf.Dictionary]:
        """Return the structure elements directly within one, without marked content and links."""
        found = (self._find_object(kid) for kid in element["K"] if isinstance(kid, bytes))
        return [each for each in found if "S" in each]

    def _set_children(self, parent: pydyf.Dictionary, kids: list[pydyf.Dictionary]) -> None:
        parent["K"] = pydyf.Array(kid.reference for kid in kids)
        for kid in kids:
            kid["P"] = parent.reference

    def _find_descendants(
        self, element: pydyf.Dictionary, tag: str = ""
    ) -> Iterator[pydyf.Dictionary]:
        for kid in self._child_elements(element):
            if tag in ("", kid["S"]):
                yield kid
            yield from self._find_descendants(kid, tag)


def _make_artifacts(operators: list[Any], marks: set[int]) -> None:
    """Turn `/Span <</MCID 5>> BDC` into an artifact of the page, for these numbers."""
    for place, operand in enumerate(operators):
        if isinstance(operand, pydyf.Dictionary) and operand.get("MCID") in marks:
            operators[place - 1] = "/Artifact"
            operators[place] = pydyf.Dictionary({"Type": "/Pagination"})
