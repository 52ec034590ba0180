"""Write a document as the source of Typst, which sets it and makes the PDF. Pure.

Every text of the document is a string of Typst, so nothing in it is read as a command.
"""

import json
import re
from collections.abc import Iterator

from council_finance.charts import ChartTable
from council_finance.charts.drawing import draw
from council_finance.charts.svg import svg_of
from council_finance.documents.model import (
    Block,
    Document,
    Heading,
    Items,
    NamedValues,
    Paragraph,
    Picture,
    Table,
    split_pages,
)
from council_finance.statements.archive import xml_text
from council_finance.statements.model import Column, Row
from council_finance.statements.paper import column_widths, fits_a_page
from council_finance.statements.wording import heading, paper_notes, seal

_ACROSS, _UPRIGHT = 760, 500
_SUMS = ("subtotal", "total")
_BOLD = ("heading", *_SUMS)
_PREAMBLE = """\
#let colour = rgb({colour})
#set document(title: {title}, author: {council}, date: none)
#set text(lang: "en", region: "GB", font: ("Arial", "Liberation Sans"), size: 9.5pt)
#set par(leading: 0.6em, spacing: 0.9em)
#set page(
  paper: "a4", margin: (top: 20mm, bottom: 18mm, x: 17mm),
  header: context if counter(page).get().first() > 1 {{
    set text(size: 7.5pt, fill: rgb("#505a5f"))
    grid(columns: (1fr, auto), {line}, text(weight: "bold", fill: rgb("#942514"), {draft}))
  }},
  footer: context {{
    set text(size: 7.5pt, fill: rgb("#505a5f"))
    align(right)[Page #counter(page).display() of #counter(page).final().first()]
  }},
)
#show heading: set text(fill: colour)
#show heading: set block(below: 0.8em, sticky: true)
#show heading.where(level: 1): set text(size: 15pt)
#show heading.where(level: 2): set text(size: 12pt)
#show heading.where(level: 3): set text(size: 10pt)
#set table(stroke: none, inset: (x: 4pt, y: 3.2pt))
#show table: set text(size: 8pt)
#show table: set par(leading: 0.45em)
#show figure: set block(breakable: true, width: 100%)
#show figure.where(kind: image): set block(breakable: false)
#show figure.caption: it => align(left, text(size: 8.5pt, weight: "bold", it.body))
#set figure(gap: 0.6em, supplement: none, numbering: none)
#show link: it => underline(it)
#show outline.entry: set text(size: 10pt)
"""


def source_of(document: Document) -> str:
    """Return the source of a document."""
    draft = "" if document.is_final else "Draft, not final"
    preamble = _PREAMBLE.format(
        colour=_quote_text(document.colour),
        title=_quote_text(document.title),
        council=_quote_text(document.council),
        line=_quote_text(document.line),
        draft=_quote_text(draft),
    )
    return "\n".join([preamble, *_write_cover(document), *_write_blocks(document), ""])


def _quote_text(text: str) -> str:
    """Return a text as a string of Typst."""
    quoted = json.dumps(xml_text(text), ensure_ascii=False)
    return re.sub(r"\\u([0-9a-f]{4})", r"\\u{\1}", quoted)


def _write_cover(document: Document) -> Iterator[str]:
    yield "#v(45mm)"
    yield f"#text(size: 14pt, {_quote_text(document.council)})"
    yield f'#block(text(size: 26pt, weight: "bold", fill: colour, {_quote_text(document.title)}))'
    if not document.is_final:
        yield '#block(text(size: 14pt, weight: "bold", fill: rgb("#942514"), "Draft, not final"))'
    yield "#v(10mm)"
    yield _write_named_values(document.cover)
    yield "#pagebreak()"
    yield '#outline(title: "Contents", depth: 2)'


def _write_blocks(document: Document) -> Iterator[str]:
    """Yield the blocks, each run of them on pages of its own."""
    for run in split_pages(document.blocks):
        width = _ACROSS if run.across else _UPRIGHT
        written = "\n".join(_write_block(block, document, width) for block in run.blocks)
        yield f"#page(flipped: {'true' if run.across else 'false'})[\n{written}\n]"


def _write_block(block: Block, document: Document, width: float) -> str:
    if isinstance(block, Heading):
        label = f" <{block.anchor}>" if block.anchor else ""
        return f"#heading(level: {block.level}, {_quote_text(block.text)}){label}"
    if isinstance(block, Paragraph):
        return _write_paragraph(block)
    if isinstance(block, Items):
        kind = f"enum(start: {block.start}, " if block.numbered else "list("
        return f"#{kind}{', '.join(_quote_text(item) for item in block.items)})"
    if isinstance(block, NamedValues):
        return _write_named_values(block)
    if isinstance(block, Picture):
        return _write_picture(block, width)
    return _write_table(block, document.anchors)


def _write_paragraph(block: Paragraph) -> str:
    look = {
        "lead": "size: 11.5pt",
        "small": 'size: 7.5pt, fill: rgb("#505a5f")',
        "warning": 'weight: "bold", fill: rgb("#942514")',
    }.get(block.look)
    lines = _write_text(block.text, bold=False)
    return f"#par({{ set text({look}); {lines} }})" if look else f"#par({lines})"


def _write_named_values(block: NamedValues) -> str:
    cells = ", ".join(
        f"strong({_quote_text(name)}), {_quote_text(value)}" for name, value in block.rows
    )
    caption = f"figure.caption(position: top, {_quote_text(block.caption)})"
    table = f"table(columns: (38mm, 1fr), {cells})"
    return f"#figure(kind: table, caption: {caption}, align(left, {table}))"


def _write_picture(block: Picture, width: float) -> str:
    """Write a chart as a vector drawing under its finding, with its figures below it."""
    chart = block.chart
    svg = svg_of(draw(chart.figure, width=width))
    alternative = f"{chart.title}. {chart.unit}. The figures follow as a table."
    drawn = (
        f"#figure(kind: image, caption: figure.caption(position: top, {_quote_text(chart.title)}), "
        f'align(left, image(bytes({_quote_text(svg)}), format: "svg", width: 100%, '
        f"alt: {_quote_text(alternative)})))"
    )
    unit = _write_paragraph(Paragraph(chart.unit, "small"))
    if chart.table is None:
        return f"{drawn}\n{unit}"
    written = f"{drawn}\n{unit}\n{_write_figures(chart.table, chart.title)}"
    is_short = len(chart.table.rows) <= _MOST_FIGURES
    return f"#block(breakable: false, width: 100%)[\n{written}\n]" if is_short else written


_MOST_FIGURES = 14
"""Rows of figures that surely stand on a page with their chart."""


def _write_figures(table: ChartTable, title: str) -> str:
    """Write the figures of a chart."""
    text = {0, *table.text_columns}
    sides = ["left" if place in text else "right" for place in range(len(table.headings))]
    rows = [*table.rows, *([table.total] if table.total else [])]
    cells = ", ".join(_quote_text(cell) for row in rows for cell in row)
    heads = ", ".join(f"strong({_quote_text(each)})" for each in table.headings)
    return (
        "#figure(kind: table, caption: figure.caption(position: top, "
        f"{_quote_text(f'Figures: {title}')}), align(left, table("
        f"columns: {len(table.headings)}, align: ({', '.join(sides)},), {_RULES}, "
        f"table.header({heads}), {cells})))"
    )


_RULES = (
    "stroke: (_, y) => if y == 0 { (bottom: 1pt + colour) } "
    'else { (bottom: 0.3pt + rgb("#b1b4b6")) }, '
    'fill: (_, y) => if y == 0 { rgb("#eef2f6") }'
)


def _write_table(block: Table, anchors: frozenset[str]) -> str:
    """Write a statement with its notes; all on one page where they fit."""
    statement = block.statement
    notes = [f"{mark} {text}".strip() for mark, text in paper_notes(statement)]
    written = [_write_paragraph(Paragraph(text, "small")) for text in [*notes, seal(statement)]]
    if not statement.rows:
        return "\n".join(written)
    drawn = "\n".join([_write_statement(block, anchors), *written])
    is_short = fits_a_page(statement) and sum(map(len, notes)) < _MOST_NOTES
    return f"#block(breakable: false, width: 100%)[\n{drawn}\n]" if is_short else drawn


_MOST_NOTES = 1_000
"""Characters of notes that surely stand under a table which fits a page."""


def _write_statement(block: Table, anchors: frozenset[str]) -> str:
    statement = block.statement
    columns, widths = statement.reader_columns, column_widths(statement)
    sides = ["left", *("left" if each.kind == "text" else "right" for each in columns)]
    heads = [statement.row_heading, *(heading(column) for column in columns)]
    unit = statement.display.unit_label
    caption = f"{statement.title}, in {unit}" if unit else statement.title
    lines = [
        f"#figure(kind: table, caption: figure.caption(position: top, {_quote_text(caption)}), "
        f"align(left, table(columns: ({', '.join(f'{each}%' for each in widths)},), "
        f"align: ({', '.join(sides)},), {_RULES},",
        f"table.header({', '.join(f'strong({_quote_text(each)})' for each in heads)}),",
        *(_write_row(row, columns, block, anchors) for row in statement.rows),
        ")))",
    ]
    return "\n".join(lines)


def _write_row(row: Row, columns: tuple[Column, ...], block: Table, anchors: frozenset[str]) -> str:
    indent = f"h({row.level * 3}mm) + " if row.level else ""
    label = f"{indent}{_write_text(row.label, bold=row.kind in _BOLD)}"
    if not row.cells:
        return f"table.cell(colspan: {len(columns) + 1}, {label}),"
    cells = [label]
    for column in columns:
        cell = row.cells[column.key]
        text = _write_text(cell.text, bold=row.kind in _BOLD)
        anchor = block.link_of(column.key, cell.text)
        if anchor in anchors:
            text = f"link(<{anchor}>, {text})"
        cells.append(f"{text} + super({_quote_text(cell.mark)})" if cell.mark else text)
    rule = "table.hline(stroke: 0.8pt), " if row.kind in _SUMS else ""
    return f"{rule}{', '.join(cells)},"


def _write_text(text: str, *, bold: bool) -> str:
    lines = " + linebreak() + ".join(f"text({_quote_text(line)})" for line in text.split("\n"))
    return f"strong({lines})" if bold else lines
