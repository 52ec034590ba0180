"""How a statement stands on paper and on a sheet: the page, widths of columns, heights. Pure."""

import textwrap
from collections.abc import Sequence

from council_finance.statements.model import Column, Row, Statement
from council_finance.statements.wording import heading, headings

UPRIGHT, ACROSS = 100, 160
"""How many characters of the small print of a table a line holds, by how the page lies."""

_LEAST_ON_A_SHEET = 15
_BOLD = 1.25
"""How much wider a character of a heading is."""

_LEAST, _MOST_TEXT, _MOST_LABEL = 7, 44, 46


def lies_across(statement: Statement) -> bool:
    """Whether an upright page is too narrow for it."""
    return sum(_characters(statement)) > UPRIGHT


def column_widths(statement: Statement) -> list[float]:
    """Per cent of the line for each column, the label's first; together at most 100."""
    wanted = _characters(statement)
    line = max(sum(wanted), ACROSS if lies_across(statement) else UPRIGHT)
    stretched = [each * min(1.5, line / sum(wanted)) for each in wanted]
    return [round(100 * each / line, 2) for each in stretched]


def _characters(statement: Statement) -> list[int]:
    labels = [statement.row_heading] + [
        "  " * row.level + row.label for row in statement.rows if row.cells
    ]
    longest = max(len(label) for label in labels)
    return [
        min(max(longest, 2 * _LEAST) + 2, _MOST_LABEL),
        *(_wanted(column, statement) for column in statement.reader_columns),
    ]


def _wanted(column: Column, statement: Statement) -> int:
    """A figure wants its line whole; a text may be broken, and so may a heading between words."""
    texts = [row.cells[column.key].text for row in statement.rows if row.cells]
    longest = max((len(text) for text in texts), default=0)
    words = max(len(word) for word in heading(column).replace("-", "- ").split())
    wanted = max(longest, round(words * _BOLD), _LEAST) + 2
    return min(wanted, _MOST_TEXT) if column.kind == "text" else wanted


def sheet_widths(statement: Statement) -> list[int]:
    """Characters of each column of a spreadsheet, which holds every column, the label's first."""
    labels = [2 * row.level + len(row.label) for row in statement.rows if row.cells]
    return [
        min(max([*labels, len(statement.row_heading)]) + 2, 60),
        *(max(_wanted(column, statement), _LEAST_ON_A_SHEET) for column in statement.columns),
    ]


def head_lines(statement: Statement, widths: Sequence[int]) -> int:
    """How many lines the head of a sheet's table takes."""
    return max(map(text_lines, headings(statement), widths))


def row_lines(row: Row, statement: Statement, widths: Sequence[int]) -> int:
    """How many lines a row of a sheet takes."""
    texts = [row.cells[c.key].text for c in statement.columns if row.cells and c.kind == "text"]
    across = [w for w, c in zip(widths[1:], statement.columns, strict=True) if c.kind == "text"]
    label = text_lines(row.label, widths[0] - 2 * row.level) if row.cells else 1
    return max([label, *map(text_lines, texts, across)])


def text_lines(text: str, width: int) -> int:
    """Of a text that is broken at so many characters, counted with some to spare."""
    return sum(len(textwrap.wrap(part, max(width - 1, 1))) or 1 for part in text.split("\n"))
