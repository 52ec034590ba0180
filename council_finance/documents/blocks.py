"""Blocks of a document from what pages show: sentences, key figures and charts. Pure."""

from collections.abc import Iterable

from council_finance.charts import Chart
from council_finance.documents.model import Block, NamedValues, Paragraph, Picture
from council_finance.key_figures import KeyFigure


def paragraphs(*sentences: str) -> list[Block]:
    """Return a paragraph for each sentence that is not empty."""
    return [Paragraph(sentence) for sentence in sentences if sentence]


def figures_block(caption: str, figures: Iterable[KeyFigure]) -> list[Block]:
    """Return the key figures of a page as a block; none where there are no figures."""
    rows = tuple(
        (each.label, ", ".join(filter(None, (f"{each.value} {each.word}".strip(), each.note))))
        for each in figures
    )
    return [NamedValues(caption, rows)] if rows else []


def picture_blocks(chart: Chart | None) -> list[Block]:
    """Return a chart as a block; none where there is no chart."""
    return [] if chart is None else [Picture(chart)]
