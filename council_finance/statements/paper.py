"""The size of a statement on paper and on a sheet: page, widths of columns, heights. Pure."""

import textwrap
from collections.abc import Sequence
from dataclasses import replace

from council_finance.statements.model import Column, Row, Statement
from council_finance.statements.wording import heading, headings

UPRIGHT, ACROSS = 100, 160
"""Characters of a table's small print on a line of an upright page and of one on its side."""

_LEAST_ON_A_SHEET = 15
_BOLD = 1.25
"""Width of a character in bold, of one in regular weight."""

_LEAST, _MOST_TEXT, _MOST_LABEL = 7, 44, 46
_LEAST_LABEL = 26
"""Characters that labels keep however many columns there are."""

_SMALLEST = 0.75
"""The smallest print of a table, of the usual one; wider tables are cut into parts."""


def lies_across(statement: Statement) -> bool:
    """Return whether an upright page is too narrow for the statement."""
    return sum(_wanted_characters(statement)) > UPRIGHT


def column_widths(statement: Statement) -> list[float]:
    """Return the width of each column in per cent of the line, the label's first; at most 100."""
    wanted = _fitted_characters(statement)
    line = max(sum(wanted), ACROSS if lies_across(statement) else UPRIGHT)
    stretched = [each * min(1.5, line / sum(wanted)) for each in wanted]
    return [round(100 * each / line, 2) for each in stretched]


def print_scale(statement: Statement) -> float:
    """Return the size of the table's print, of the usual one, with which its figures fit."""
    return min(1.0, round(ACROSS / sum(_fitted_characters(statement)), 2))


def parts_on_paper(statement: Statement) -> list[Statement]:
    """Return the statement, or where it has too many columns its parts, each with some of them."""
    if print_scale(statement) >= _SMALLEST:
        return [statement]
    label, *widths = _least_characters(statement)
    most = ACROSS - label
    count = -(-sum(widths) // most)
    share, taken = sum(widths) / count, 0
    parts: list[list[Column]] = [[]]
    for column, width in zip(statement.reader_columns, widths, strict=True):
        if parts[-1] and (taken + width > most or taken >= share):
            parts.append([])
            taken = 0
        parts[-1].append(column)
        taken += width
    return [_take_columns(statement, columns) for columns in parts]


def _take_columns(statement: Statement, columns: Sequence[Column]) -> Statement:
    title = statement.title
    if len(columns) < len(statement.reader_columns):
        first, last = columns[0].label, columns[-1].label
        title = f"{title}: {first}" if first == last else f"{title}: {first} to {last}"
    left_out = [each.key for each in statement.reader_columns if each not in columns]
    hidden = (*statement.hidden_from_readers, *left_out)
    return replace(statement, title=title, hidden_from_readers=hidden)


def fits_a_page(statement: Statement) -> bool:
    """Return whether the table surely stands on one page with its headings and some text."""
    across = lies_across(statement)
    line, most = (ACROSS, _LINES_ACROSS) if across else (UPRIGHT, _LINES_UPRIGHT)
    widths = [round(each * line / 100) for each in column_widths(statement)]
    label, *rest = widths
    lines = 0
    for row in statement.rows:
        cells = zip(statement.reader_columns, rest, strict=True) if row.cells else ()
        texts = [text_lines(row.cells[column.key].text, width) for column, width in cells]
        lines += max([text_lines(row.label, label if row.cells else line), *texts])
        if lines > most:
            return False
    return True


_LINES_ACROSS, _LINES_UPRIGHT = 24, 36
"""Lines of a table that surely stand on a page on its side, and on an upright one."""


def _fitted_characters(statement: Statement) -> list[int]:
    """Return the width of each column, where texts give way if a line is too short for all."""
    wanted, least = _wanted_characters(statement), _least_characters(statement)
    excess = sum(wanted) - ACROSS
    slack = sum(wanted) - sum(least)
    if excess <= 0 or not slack:
        return wanted
    share = min(1.0, excess / slack)
    return [
        most - round((most - fewest) * share) for most, fewest in zip(wanted, least, strict=True)
    ]


def _least_characters(statement: Statement) -> list[int]:
    """Return the least width of each column: lines are broken at blanks, which no figure has."""
    label, *wanted = _wanted_characters(statement)
    columns = zip(statement.reader_columns, wanted, strict=True)
    return [
        min(label, _LEAST_LABEL),
        *(_least_width(column, most, statement) for column, most in columns),
    ]


def _least_width(column: Column, wanted: int, statement: Statement) -> int:
    texts = [row.cells[column.key].text for row in statement.rows if row.cells]
    words = [word for text in texts for word in text.replace("-", "- ").split()]
    of_heading = max(len(word) for word in heading(column).replace("-", "- ").split())
    longest = max([len(word) for word in words], default=0)
    return min(wanted, max(longest, round(of_heading * _BOLD), _LEAST) + 2)


def _wanted_characters(statement: Statement) -> list[int]:
    labels = [statement.row_heading] + [
        "  " * row.level + row.label for row in statement.rows if row.cells
    ]
    longest = max(len(label) for label in labels)
    return [
        min(max(longest, 2 * _LEAST) + 2, _MOST_LABEL),
        *(_wanted_width(column, statement) for column in statement.reader_columns),
    ]


def _wanted_width(column: Column, statement: Statement) -> int:
    """Return a column's width in characters; only texts and headings are broken into lines."""
    texts = [row.cells[column.key].text for row in statement.rows if row.cells]
    longest = max((len(text) for text in texts), default=0)
    words = max(len(word) for word in heading(column).replace("-", "- ").split())
    wanted = max(longest, round(words * _BOLD), _LEAST) + 2
    return min(wanted, _MOST_TEXT) if column.kind == "text" else wanted


def sheet_widths(statement: Statement) -> list[int]:
    """Return the width of every column of a spreadsheet in characters, the label's first."""
    labels = [2 * row.level + len(row.label) for row in statement.rows if row.cells]
    return [
        min(max([*labels, len(statement.row_heading)]) + 2, 60),
        *(max(_wanted_width(column, statement), _LEAST_ON_A_SHEET) for column in statement.columns),
    ]


def head_lines(statement: Statement, widths: Sequence[int]) -> int:
    """Return the number of lines of the heading row of a sheet's table."""
    return max(map(text_lines, headings(statement), widths))


def row_lines(row: Row, statement: Statement, widths: Sequence[int]) -> int:
    """Return the number of lines of a row of a sheet."""
    texts = [row.cells[c.key].text for c in statement.columns if row.cells and c.kind == "text"]
    across = [w for w, c in zip(widths[1:], statement.columns, strict=True) if c.kind == "text"]
    label = text_lines(row.label, widths[0] - 2 * row.level) if row.cells else 1
    return max([label, *map(text_lines, texts, across)])


def text_lines(text: str, width: int) -> int:
    """Return the number of lines of a text, a little generously, in a column of that width."""
    if len(text) < width and text.isprintable():
        return 1  # as nearly all are, without being looked through for places to break
    return sum(len(textwrap.wrap(part, max(width - 1, 1))) or 1 for part in text.split("\n"))
