"""A document as data, which the PDF, the Word file and the HTML page are written from. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from council_finance.charts import Chart, ChartTable
from council_finance.statements import Statement
from council_finance.statements.paper import fits_a_page, lies_across


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 (a part, on a new page), 2 or 3; `anchor` is what links lead to."""

    text: str
    level: int = 1
    anchor: str = ""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `look` is "lead", "small" or "warning", empty for ordinary text."""

    text: str
    look: str = ""


@dataclass(frozen=True)
class Items:
    """A list with bullets, or numbered from `start` on."""

    items: tuple[str, ...]
    numbered: bool = False
    start: int = 1


@dataclass(frozen=True)
class NamedValues:
    """Names with their values, as on a cover, under a caption that is read out."""

    caption: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """A statement's table with its notes.

    `links` lead from the text of a cell of the column `link_column` to an anchor.
    """

    statement: Statement
    link_column: str = ""
    links: Mapping[str, str] = field(default_factory=dict)

    def link_of(self, column: str, text: str) -> str:
        """Return the anchor that a cell links to; empty for none."""
        return self.links.get(text, "") if column == self.link_column else ""


@dataclass(frozen=True)
class Picture:
    """A chart with its finding as caption; its figures follow as a table."""

    chart: Chart


@dataclass(frozen=True)
class FiguresTable:
    """A small table of an app's figures under a caption; that of a statement is a `Table`."""

    caption: str
    table: ChartTable


def text_widths(table: ChartTable) -> list[int]:
    """Return the width of each column of a small table in characters, within bounds."""
    rows = [table.headings, *table.rows, *([table.total] if table.total else [])]
    return [
        min(max(_NARROWEST, *(len(row[place]) for row in rows)), _WIDEST)
        for place in range(len(table.headings))
    ]


_NARROWEST, _WIDEST = 11, 36
"""Characters of a column of a small table: longer texts are broken into lines."""


Block = Heading | Paragraph | Items | NamedValues | Table | Picture | FiguresTable


@dataclass(frozen=True)
class Document:
    """A document: its title, what it is about in a line, its cover and the blocks after it.

    `is_final` says that its figures are published and may not change; `colour` is that of its
    headings, as `#12436d`.
    """

    title: str
    council: str
    line: str
    cover: NamedValues
    blocks: tuple[Block, ...]
    is_final: bool
    colour: str = "#12436d"

    @property
    def anchors(self) -> frozenset[str]:
        """Return the anchors that the blocks have."""
        return anchors_of(self.blocks)

    @property
    def parts(self) -> tuple[Heading, ...]:
        """Return the headings of the contents: those of level 1 and 2."""
        return tuple(each for each in self.blocks if isinstance(each, Heading) and each.level < 3)


def anchors_of(blocks: Iterable[Block]) -> frozenset[str]:
    """Return the anchors of the headings among the blocks."""
    return frozenset(
        block.anchor for block in blocks if isinstance(block, Heading) and block.anchor
    )


@dataclass(frozen=True)
class PageRun:
    """Blocks that follow each other on pages of one kind: upright, or on their side."""

    across: bool
    blocks: tuple[Block, ...]


def split_pages(blocks: Iterable[Block]) -> Iterator[PageRun]:
    """Yield the blocks of pages that begin anew: those of a part, or of the other kind of page.

    A part begins with a heading of level 1. Where a section has a wide table its pages lie on
    their side, and go on so for sections with narrower tables of up to a page; all others are
    upright.
    """
    across, run = False, list[Block]()
    for section in _split_sections(blocks):
        tables = [each for each in section if isinstance(each, Table)]
        wide = any(lies_across(each.statement) for each in tables) or (
            across and bool(tables) and all(fits_a_page(each.statement) for each in tables)
        )
        begins = isinstance(section[0], Heading) and section[0].level == 1
        if run and (begins or wide != across):
            yield PageRun(across, tuple(run))
            run = []
        if begins:
            wide = any(lies_across(each.statement) for each in tables)
        across = wide
        run += section
    if run:
        yield PageRun(across, tuple(run))


def _split_sections(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    """Yield the blocks from a heading of level 1 or 2 to the next; headings alone go with it."""
    section: list[Block] = []
    for block in blocks:
        is_first = isinstance(block, Heading) and block.level < _LOWER
        if is_first and not all(isinstance(each, Heading) for each in section):
            yield section
            section = []
        section.append(block)
    if section:
        yield section


_LOWER = 3
"""The level of headings that stand within a section."""
