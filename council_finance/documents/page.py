"""A document as a web page: the blocks that `documents/blocks.html` draws."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from council_finance.charts.drawing import draw
from council_finance.charts.svg import svg_of
from council_finance.documents.model import (
    Block,
    Document,
    FiguresTable,
    Heading,
    Items,
    NamedValues,
    Paragraph,
    Picture,
    Table,
)
from council_finance.statements.presenting import for_page
from council_finance.statements.wording import amounts_unit, paper_notes, seal


@dataclass(frozen=True)
class PageBlock:
    """A block of the page: its kind, which is the template's word for it, and its content.

    `label` names the region in which its table scrolls; no two regions of a page share one.
    """

    kind: str
    content: Any
    more: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""


def page_blocks(document: Document) -> Iterator[PageBlock]:
    """Yield the blocks of a document as the template draws them."""
    times: Counter[str] = Counter()
    for number, block in enumerate(document.blocks, start=1):
        name = _name_of_table(block)
        times[name] += 1
        label = f"{name}, table {times[name]}" if times[name] > 1 else name
        yield replace(_present_block(block, document, number), label=label)


def _name_of_table(block: Block) -> str:
    """Return the words over the table of a block; "" where it has none."""
    if isinstance(block, Table):
        return block.statement.title
    if isinstance(block, Picture):
        return f"Figures: {block.chart.title}"
    return block.caption if isinstance(block, NamedValues | FiguresTable) else ""


def _present_block(block: Block, document: Document, number: int) -> PageBlock:
    if isinstance(block, Picture):
        # The drawing is made of escaped texts and numbers alone.
        svg: SafeString = mark_safe(svg_of(draw(block.chart.figure, width=500)))
        return PageBlock("picture", block.chart, {"svg": svg, "number": number})
    if isinstance(block, Table):
        return _present_table(block, document)
    kinds = {
        Heading: "heading",
        Paragraph: "paragraph",
        Items: "items",
        NamedValues: "values",
        FiguresTable: "figures",
    }
    return PageBlock(kinds[type(block)], block)


def _present_table(block: Table, document: Document) -> PageBlock:
    """Return a table whose rows are pairs: the row, and its cells with the anchors they link to."""
    statement = block.statement
    page, columns = for_page(statement), statement.reader_columns
    rows = []
    for row in page.rows:
        found = [
            block.link_of(column.key, cell.text)
            for column, cell in zip(columns, row.cells, strict=bool(row.cells))
        ]
        anchors = [anchor if anchor in document.anchors else "" for anchor in found]
        rows.append((row, list(zip(row.cells, anchors, strict=True))))
    more = {
        "unit": amounts_unit(statement),
        "rows": rows,
        "notes": paper_notes(statement),
        "seal": seal(statement),
    }
    return PageBlock("table", page, more)
