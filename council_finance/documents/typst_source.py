"""Write a document as the source of Typst, which sets it and makes the PDF. Pure.

Every text of the document is a string of Typst, so nothing in it is read as a command.
"""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from council_finance.charts import ChartTable
from council_finance.charts.drawing import draw
from council_finance.charts.svg import svg_of
from council_finance.documents.model import (
    Block,
    Document,
    FiguresTable,
    Heading,
    Items,
    NamedValues,
    PageRun,
    Paragraph,
    Picture,
    Table,
    split_pages,
    text_widths,
)
from council_finance.statements.archive import xml_text
from council_finance.statements.model import Column, Row, Statement
from council_finance.statements.paper import (
    column_widths,
    fits_a_page,
    parts_on_paper,
    print_scale,
)
from council_finance.statements.wording import heading, paper_notes, seal, table_caption

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
#show figure.caption: it => block(
  sticky: true, align(left, text(size: 8.5pt, weight: "bold", it.body))
)
#set figure(gap: 0.6em, supplement: none, numbering: none)
#show link: it => underline(it)
#show outline.entry: set text(size: 9pt)
#show outline.entry: set block(spacing: 0.55em)
#show outline.entry.where(level: 1): set text(weight: "bold")
#show outline.entry.where(level: 1): set block(above: 0.9em)
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
    quoted = _quote(xml_text(text))
    return re.sub(r"\\u([0-9a-f]{4})", r"\\u{\1}", quoted) if "\\u" in quoted else quoted


_quote = json.JSONEncoder(ensure_ascii=False).encode


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
        written = "\n".join(_write_run(run, document, width))
        yield f"#page(flipped: {'true' if run.across else 'false'})[\n{written}\n]"


def _write_run(run: PageRun, document: Document, width: float) -> Iterator[str]:
    """Yield the blocks of a run; a long table begins where some of its rows stand below it."""
    for place, (block, after) in enumerate(pairwise([*run.blocks, None])):
        if block is None:
            continue
        if place and isinstance(block, Heading) and _is_long(after):
            yield _ROOM_FOR_ROWS
        yield _write_block(block, document, width)


def _is_long(block: Block | None) -> bool:
    """Return whether a block is a table that may not stand on one page."""
    return isinstance(block, Table) and not fits_a_page(block.statement)


_ROOM_FOR_ROWS = "#block(breakable: false, height: 45mm, below: 0pt)\n#v(-45mm)"
"""An empty block that stands on the next page where this one has no room for it."""


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
    if isinstance(block, FiguresTable):
        written = _write_figures(block.table, block.caption)
        return _keep_on_a_page(written) if len(block.table.rows) <= _MOST_FIGURES else written
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
    written = f"{drawn}\n{unit}\n{_write_figures(chart.table, f'Figures: {chart.title}')}"
    return _keep_on_a_page(written) if len(chart.table.rows) <= _MOST_FIGURES else written


def _keep_on_a_page(written: str) -> str:
    """Return what is written as a block that is not cut at the end of a page."""
    return f"#block(breakable: false, width: 100%)[\n{written}\n]"


_MOST_FIGURES = 14
"""Rows of figures that surely stand on a page with their chart."""


def _write_figures(table: ChartTable, caption: str) -> str:
    """Write a small table of figures under its caption, its columns as wide as their texts."""
    text = {0, *table.text_columns}
    sides = ["left" if place in text else "right" for place in range(len(table.headings))]
    cells = [_quote_text(cell) for row in table.rows for cell in row]
    cells += [f"strong({_quote_text(cell)})" for cell in table.total]
    widths = ", ".join(f"{each}fr" for each in text_widths(table))
    return (
        "#figure(kind: table, caption: figure.caption(position: top, "
        f"{_quote_text(caption)}), align(left, table("
        f"columns: ({widths},), align: ({', '.join(sides)},), {_RULE}, "
        f"{_write_heads(table.headings)}, {', '.join(cells)})))"
    )


_RULE = 'stroke: (bottom: 0.3pt + rgb("#b1b4b6"))'
_OF_HEADS = 'fill: rgb("#eef2f6"), stroke: (bottom: 1pt + colour)'


def _write_heads(headings: Iterable[str]) -> str:
    """Write the headings of columns; a rule for all cells would be asked for each of thousands."""
    cells = [f"table.cell({_OF_HEADS}, strong({_quote_text(each)}))" for each in headings]
    return f"table.header({', '.join(cells)})"


def _write_table(block: Table, anchors: frozenset[str]) -> str:
    """Write a statement with its notes; all on one page where they fit."""
    statement = block.statement
    notes = [f"{mark} {text}".strip() for mark, text in paper_notes(statement)]
    written = [_write_paragraph(Paragraph(text, "small")) for text in [*notes, seal(statement)]]
    has_few_notes = sum(map(len, notes)) < _MOST_NOTES
    below = "\n".join(written)
    if has_few_notes:
        below = _keep_on_a_page(below)
    if not statement.rows:
        return below
    parts = parts_on_paper(statement)
    drawn = [_write_statement(part, block, anchors) for part in parts]
    if fits_a_page(statement):
        drawn = [_keep_on_a_page(each) for each in drawn]
        if has_few_notes:
            drawn[-1:] = [_keep_on_a_page(f"{drawn[-1]}\n{below}")]
            return "\n".join(drawn)
    return "\n".join([*drawn, below])


_MOST_NOTES = 1_000
"""Characters of notes that surely stand under a table which fits a page."""


_LAST_ROWS = 3
"""Rows that stay together, so that a total is not left alone on a page."""


def _write_statement(statement: Statement, block: Table, anchors: frozenset[str]) -> str:
    """Write the table of a block's statement, or of a part of it; long ones begin with two rows."""
    columns, widths = statement.reader_columns, column_widths(statement)
    sides = ["left", *("left" if each.kind == "text" else "right" for each in columns)]
    heads = [statement.row_heading, *(heading(column) for column in columns)]
    caption, scale = _quote_text(table_caption(statement)), print_scale(statement)
    rows = [_write_row(row, columns, block, anchors) for row in statement.rows]
    lines = [
        f"#figure(kind: table, caption: figure.caption(position: top, {caption}), "
        f"align(left, {{ show table: set text(size: {8 * scale:.1f}pt); "
        f"set table(inset: (x: {4 * scale:.1f}pt, y: 3.2pt)); table(columns: "
        f"({', '.join(f'{each}%' for each in widths)},), align: ({', '.join(sides)},), {_RULE},",
        f"{_write_heads(heads)},",
        *rows[:-_LAST_ROWS],
        "table.footer(repeat: false,",
        *rows[-_LAST_ROWS:],
        ")) }))",
    ]
    return "\n".join(lines)


def _write_row(row: Row, columns: tuple[Column, ...], block: Table, anchors: frozenset[str]) -> str:
    label = _write_text(row.label, bold=row.kind in _BOLD)
    if row.level:
        label = f"pad(left: {row.level * 3}mm, {label})"
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
    # A string is content without the function `text`, whose thousands of calls cost time.
    lines = " + linebreak() + ".join(_quote_text(line) for line in text.split("\n"))
    return f"strong({lines})" if bold else lines
