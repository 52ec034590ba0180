"""Find the product's own headings, and the rows below headings without repeated ones. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from council_finance.uploads.columns import ColumnSpec, Heading, match_headings
from council_finance.uploads.contents import Cells, each_cell
from council_finance.uploads.limits import letters
from council_finance.uploads.problems import SHOWN, FileRefused, HeadingsRefused, Problem
from council_finance.uploads.reading import RawTable
from council_finance.uploads.split_figures import FIRST_DIGITS, NEXT_DIGITS

HEADINGS_WITHIN = 50
"""The number of rows from the top within which headings are looked for, below any titles."""

_FOUND = 60
_DIGITS = re.compile("[0-9]+")


class Headed(NamedTuple):
    """The rows under a file's headings.

    `places` and `texts` are the position and the text in the file of each heading that a layout
    names; `titles` are the headings of all columns, as texts, and `row` is their row in the file.
    """

    body: RawTable
    places: Mapping[str, int]
    texts: Mapping[str, str]
    titles: Sequence[str]
    row: int


class OwnHeadings(NamedTuple):
    """The product's own headings in a file: their row's position, and the columns by name.

    `unused` are the row's other headings.
    """

    place: int
    columns: dict[str, Heading]
    unused: Sequence[str]


def own_headings(raw: RawTable, specs: tuple[ColumnSpec, ...]) -> list[str]:
    """Return the first row with headings of all required columns; [] where there is none."""
    try:
        place = find_own_headings(raw, specs).place
    except HeadingsRefused:
        return []
    return [str(cell) for cell in raw.cells.iloc[place]]


def find_own_headings(raw: RawTable, specs: tuple[ColumnSpec, ...]) -> OwnHeadings:
    """Return the headings of the first row that has those of all required columns.

    Raise `HeadingsRefused` where a required column is missing or a column occurs twice.
    """
    required = {spec.name for spec in specs if spec.required}
    best, repeated = OwnHeadings(-1, {}, []), list[str]()
    for position in range(min(HEADINGS_WITHIN, len(raw.cells))):
        cells = [str(cell) for cell in raw.cells.iloc[position]]
        found, twice, unused = match_headings(cells, specs)
        has_all = required <= set(found)
        if has_all or len(found) > len(best.columns):
            best, repeated = OwnHeadings(position, found, unused), twice
        if has_all:
            break
    problems = describe_missing(best.columns, specs)
    if not best.columns:
        expected = ", ".join(spec.name for spec in specs if not spec.aside)
        problems = [Problem(f"No row of headings was found. The columns are: {expected}.")]
    problems += [Problem(f"The column {text} is in the file twice.") for text in repeated]
    if problems:
        raise HeadingsRefused(*problems)
    return best


def describe_missing(found: Collection[str], specs: Collection[ColumnSpec]) -> list[Problem]:
    """Return a problem for each required column that is not among those found."""
    missing = sorted({spec.name for spec in specs if spec.required} - set(found))
    return [Problem(f"The column {name} is missing.") for name in missing]


def below_headings(raw: RawTable, first: int, last: int | None = None, ignore=False) -> RawTable:
    """Return the rows below the heading rows, which are at the positions `first` to `last`.

    Rows that repeat a heading row (on each printed page) are left out, with the titles that the
    first page has above its headings too, whatever the page number. Raises FileRefused with each
    row that has a value under no heading, or more cells than there are headings, since its figures
    may be in the wrong columns; with `ignore`, columns without a heading are not checked.
    """
    last = first if last is None else last
    headings = raw.cells.iloc[first : last + 1]
    body = raw.cells.iloc[last + 1 :]
    rows = raw.row_numbers[last + 1 :]
    if not ignore:
        headed = ~_is_blank_column(headings)
        if not headed.all():
            _refuse_values_beside(body, rows, headed)
        if raw.widths is not None and len(headed) > 1 + max(np.flatnonzero(headed), default=-1):
            _refuse_more_cells(body, rows, raw.widths(), raw.row_numbers[first : last + 1])
    repeated = np.zeros(len(body), dtype=bool)
    for position in range(len(headings)):
        repeated |= _repeats_heading(body, headings.iloc[position])
    if repeated.any():
        repeated |= _titles_above(body, repeated, raw.cells.iloc[:first])
        body, rows = body[~repeated], rows[~repeated]
    return RawTable(body, rows=rows, names=raw.names)


def _is_blank_column(headings: pd.DataFrame) -> np.ndarray:
    return np.array([all(blank(cell) for cell in headings[name]) for name in headings.columns])


def blank(cell: object) -> bool:
    """Return whether there is nothing in a cell."""
    return cell is None or cell != cell or (isinstance(cell, str) and not cell.strip())  # noqa: PLR0124


def blank_cells(cells: Cells) -> np.ndarray:
    """Return a mask of a column's blank cells; each distinct content is checked once."""
    return each_cell(cells, blank)


def _repeats_heading(body: pd.DataFrame, heading: pd.Series) -> np.ndarray:
    """Return a mask of the rows that repeat a heading row, whatever their case and spaces."""
    equal = np.zeros(len(body), dtype=bool)
    if all(blank(cell) for cell in heading):
        return equal
    left = np.arange(len(body))
    for place in sorted(range(len(heading)), key=lambda place: blank(heading.iloc[place])):
        cells = body.iloc[:, place].to_numpy(dtype=object)[left]
        left = left[_equal_cells(cells, heading.iloc[place])]
        if not left.size:
            break
    equal[left] = True
    return equal


def _equal_cells(cells: np.ndarray, heading: object) -> np.ndarray:
    """Return a mask of the cells that repeat a heading, whatever their case and spaces."""
    wanted = _plain_text(heading)
    return each_cell(cells, lambda cell: _plain_text(cell) == wanted)


def _plain_text(cell: object) -> object:
    """Return a text in lower case with single spaces; a number or date unchanged."""
    if blank(cell):
        return ""
    return " ".join(cell.split()).casefold() if isinstance(cell, str) else cell


def _titles_above(body: pd.DataFrame, repeated: np.ndarray, above: pd.DataFrame) -> np.ndarray:
    """Return a mask of the blank rows and repeated titles directly above repeated headings."""
    titles = {_without_digits(row) for row in above.to_numpy(dtype=object)}
    found = np.zeros(len(body), dtype=bool)
    for place in np.flatnonzero(repeated):
        over = place - 1
        while over >= 0 and not repeated[over]:
            row = _without_digits(body.iloc[over])
            if any(row) and row not in titles:
                break
            found[over] = True
            over -= 1
    return found


def _without_digits(row: Iterable[object]) -> tuple[str, ...]:
    """Return a row's texts without digits, so that Page 2 equals Page 1."""
    return tuple(_DIGITS.sub("", str(_plain_text(cell))) for cell in row)


def _refuse_values_beside(body: pd.DataFrame, rows: np.ndarray, headed: np.ndarray) -> None:
    """Refuse rows with a value in a column without a heading."""
    problems = []
    for place in np.flatnonzero(~headed):
        cells = body.iloc[:, place].to_numpy(dtype=object)
        for position in np.flatnonzero(cells != ""):
            if not blank(cells[position]):
                found = str(cells[position])[:_FOUND]
                problems.append(Problem(_BESIDE, int(rows[position]), letters(place), found))
    if problems:
        raise FileRefused(*sorted(problems, key=lambda problem: problem.row)[:SHOWN])


def _refuse_more_cells(
    body: pd.DataFrame, rows: np.ndarray, widths: np.ndarray, heading_rows: np.ndarray
) -> None:
    """Refuse rows with more cells than the heading row, unless all have as many more.

    A program may end every row but the heading row with separators. Rows without any value are not
    compared.
    """
    allowed = int(widths[heading_rows - 1].max())
    given = ~(body == "").all(axis=1).to_numpy(dtype=bool)
    more = widths[rows - 1] - allowed
    same_everywhere = len(set(more[given])) == 1
    if same_everywhere and not _thousands_everywhere(body[given], allowed):
        return
    wrong = rows[given & (more > 0)]
    if len(wrong):
        raise FileRefused(*(Problem(_MORE_CELLS, int(row)) for row in wrong[:SHOWN]))


def _thousands_everywhere(body: pd.DataFrame, width: int) -> bool:
    """Return whether each row has two adjacent cells that read as one figure: 1 and 234."""
    found = np.zeros(len(body), dtype=bool)
    cells = body.iloc[:, :width].astype(str)
    for place in range(width - 1):
        before, after = cells.iloc[:, place], cells.iloc[:, place + 1]
        found |= (before.str.fullmatch(FIRST_DIGITS) & after.str.fullmatch(NEXT_DIGITS)).to_numpy(
            dtype=bool
        )
    return bool(found.all())


_MORE_CELLS = "more cells than headings; put 1,234 in quotation marks"

_BESIDE = (
    "this value stands under no heading. Give each column a heading of its own (not one over two"
    " columns), and put figures such as 1,234 in quotation marks"
)
