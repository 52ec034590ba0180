"""A document as data, which the PDF, the Word file and the HTML page are written from. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from council_finance.charts import Chart
from council_finance.statements import Statement


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


Block = Heading | Paragraph | Items | NamedValues | Table | Picture


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


def split_parts(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    """Yield the blocks of each part, which begins with a heading of level 1."""
    part: list[Block] = []
    for block in blocks:
        if isinstance(block, Heading) and block.level == 1 and part:
            yield part
            part = []
        part.append(block)
    if part:
        yield part
