"""Find a file's headings, and suggest the own column of each. Pure."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from council_finance.money import is_amount
from council_finance.uploads.columns import ColumnSpec, normalised
from council_finance.uploads.headers import HEADINGS_WITHIN, blank
from council_finance.uploads.layout_data import MOST_HEADER_ROWS
from council_finance.uploads.limits import MOST_COLUMNS, letters
from council_finance.uploads.reading import RawTable
from council_finance.uploads.stated_units import StatedUnits
from council_finance.uploads.units import split_unit

LONGEST_HEADING = 200
"""The length up to which a user can choose a text as a heading."""

_SAMPLES = 3
_CELL = 60
_ALIKE = 0.5
_MEANS = {
    # words of ledgers, and the product's own
    "revised": "current",
    "latest": "current",
    "working": "current",
    "outturn": "forecast",
    "projection": "forecast",
    "projected": "forecast",
    "spend": "actual",
    "spent": "actual",
    "expenditure": "actual",
    "actuals": "actual",
    "ytd": "todate",
    "committed": "commitments",
    "phased": "profiled",
    "dept": "service",
    "department": "service",
    "subjective": "account",
    "nominal": "account",
    "objective": "cost centre",
    "details": "description",
    "detail": "description",
    "narrative": "description",
}
_SAYS_NOTHING = {"code", "no", "number", "ref", "net", "gl", "ledger", "year", "full", "annual"}
_ANOTHER_FIGURE = {"variance", "previous", "prior", "last", "movement"}


def likely_headings(raw: RawTable, specs: tuple[ColumnSpec, ...]) -> dict | None:
    """Return the row that most likely holds the headings, with the first rows below it, as texts.

    It is the row that suggests most columns, else the one with most texts; the texts of a row with
    figures count as data. Of equal rows the first is taken.

    `row` is its number, `headings` are its cells, `rows` the numbers of the rows below it and
    `cells` their texts, shortened for a page; `units` are the units that the file states for each
    column (null where not certain). `lines` are the texts of the row and of up to four rows above
    it. Where a heading is repeated and the row above distinguishes the columns, `headings` are
    those of both rows joined, as a layout with two `header_rows` names them. None where no row has
    two texts.
    """
    best, place = (0, 1), None
    for position in range(min(HEADINGS_WITHIN, len(raw.cells))):
        texts = _texts_of_row(raw, position)
        given = {text for text in texts if text}
        words = {text for text in given if not is_amount(text)}
        suggests = len(words) == len(given) > 1
        found = (len(guess_columns(texts, specs)) if suggests else 0, len(words))
        if found > best:
            best, place = found, position
    return None if place is None else headings_at(raw, place)


def headings_at(raw: RawTable, place: int) -> dict:
    """Return the headings in the row at a position, in the form of `likely_headings`."""
    under = [
        position
        for position in range(place + 1, min(place + HEADINGS_WITHIN, len(raw.cells)))
        if not all(blank(cell) for cell in raw.cells.iloc[position])
    ][:_SAMPLES]
    first = max(0, place + 1 - MOST_HEADER_ROWS)
    lines = [_texts_of_row(raw, position) for position in range(first, place + 1)]
    headings, header_rows = lines[-1], 1
    if place and _has_repeats(headings):
        together = join_heading_lines(lines[-2:])
        if not _has_repeats(together):
            headings, header_rows = together, 2
    units = StatedUnits(raw, place + 1 - header_rows, place)
    return {
        "row": int(raw.row_numbers[place]),
        "header_rows": header_rows,
        "headings": headings,
        "lines": lines,
        "units": [units.scale(at, text) for at, text in enumerate(headings)],
        "rows": [int(raw.row_numbers[position]) for position in under],
        "cells": [
            _cut_texts(map(_display_text, _row_cells(raw, position)), _CELL) for position in under
        ],
    }


def _texts_of_row(raw: RawTable, position: int) -> list[str]:
    """Return the text of each cell of a row, shortened to the longest heading."""
    return _cut_texts(map(str, _row_cells(raw, position)), LONGEST_HEADING)


def _has_repeats(headings: list[str]) -> bool:
    """Return whether two headings are equal, but for case, spaces and punctuation."""
    plain = [normalised(text) for text in headings if normalised(text)]
    return len(set(plain)) < len(plain)


def join_heading_lines(lines: Sequence[Sequence[str]]) -> list[str]:
    """Return each heading of the last row after its group headings, which the rows above have.

    A group heading is the text above a heading, or the last one to the left of that. Above a blank
    cell only the texts of its own column count.
    """
    *above, headings = lines
    groups = [_carry_to_the_right(row) for row in above]
    return _cut_texts(
        (
            " ".join(filter(None, (row[place] for row in (groups if heading else above))))
            + f" {heading}"
            for place, heading in enumerate(headings)
        ),
        LONGEST_HEADING,
    )


def _carry_to_the_right(row: Sequence[str]) -> list[str]:
    carried: list[str] = []
    for text in row:
        carried.append(text or (carried[-1] if carried else ""))
    return carried


def _row_cells(raw: RawTable, position: int) -> list:
    """Return the cells of a row, blank ones as empty texts."""
    return ["" if blank(cell) else cell for cell in raw.cells.iloc[position, :MOST_COLUMNS]]


def _display_text(cell: object) -> str:
    """Return a cell as text; a workbook's whole number without decimals."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _cut_texts(texts: Iterable[str], longest: int) -> list[str]:
    """Return texts trimmed, and shortened with … to the longest length allowed."""
    texts = (text.strip() for text in texts)
    return [text if len(text) <= longest else text[: longest - 1] + "…" for text in texts]


def choosable(headings: Sequence[str]) -> dict[int, str]:
    """Return, by position, the headings that a layout can name: not blank and not shortened.

    A repeated heading is named with its column's letter.
    """
    plain = [normalised(text) for text in headings]
    return {
        place: headings[place] if plain.count(text) == 1 else at_letter(headings[place], place)
        for place, text in enumerate(plain)
        if text and not headings[place].endswith("…")
    }


def at_letter(heading: str, place: int) -> str:
    """Return the name in layouts of a column whose heading the file has more than once."""
    return f"{heading} (column {letters(place)})"


def guess_columns(headings: Sequence[str], specs: tuple[ColumnSpec, ...]) -> dict[str, int]:
    """Return the position of the likely heading of each own column that has one; none is repeated.

    The likeliest pair is taken first, of equals that of a required column, then the first heading.
    """
    pairs = sorted(
        (-likeness(headings[place], spec.name), not spec.required, place, order)
        for place, name in choosable(headings).items()
        if name == headings[place]
        for order, spec in enumerate(specs)
    )
    found: dict[str, int] = {}
    for unlike, _, place, order in pairs:
        name = specs[order].name
        if -unlike > _ALIKE and name not in found and place not in found.values():
            found[name] = place
    return found


def likeness(heading: str, column: str) -> float:
    """Return the similarity of a heading's words with those of an own column, from 0 to 1.

    It is twice the shared words, over all words of both; an abbreviation counts less. `Net
    Budget` and current_budget share a word of three: 0.67.
    """
    words, wanted = _heading_words(heading), _column_words(column)
    if not words or _ANOTHER_FIGURE & words - wanted:
        return 0.0
    if words == {"".join(word[0] for word in column.split("_"))} and "_" in column:
        return 0.9
    shared = sum(max(_same_word(word, other) for other in wanted) for word in words)
    return 2 * shared / (len(words) + len(wanted))


@lru_cache(maxsize=1_000)
def _heading_words(heading: str) -> set[str]:
    return _split_words(split_unit(heading)[0], _MEANS)


@lru_cache(maxsize=1_000)
def _column_words(column: str) -> set[str]:
    return _split_words(column, {})


def _split_words(text: str, means: dict[str, str]) -> set[str]:
    """Return a text's words, with synonyms replaced, without words that carry no meaning."""
    plain = re.sub(r"\ba/c\b", "account", text.casefold().replace("_", " "))
    plain = re.sub(r"\bto date\b", "todate", plain)
    words = re.findall(r"[a-z]+", plain)
    words = [each for word in words for each in means.get(word, word).split()]
    return {word for word in words if word not in _SAYS_NOTHING} or set(words)


def _same_word(word: str, wanted: str) -> float:
    """Return 1 for the same word, 0.9 for its beginning, 0.8 for its first and later letters."""
    if word == wanted:
        return 1.0
    if len(word) < 3 or word[0] != wanted[0]:
        return 0.0
    if wanted.startswith(word) or word.startswith(wanted) and len(wanted) > 3:
        return 0.9
    rest = iter(wanted[1:])
    return 0.8 if all(letter in rest for letter in word[1:]) else 0.0
