"""Tells lines from totals of other rows by the words in their cells. Pure."""

import re
from typing import NamedTuple

import numpy as np
import pandas as pd

from council_finance.uploads.contents import Cells, number_contents
from council_finance.uploads.file_texts import FileTexts
from council_finance.uploads.headers import blank

_TOTAL = re.compile(
    r"(?<![^\W_])(?:sub|grand|net|gross|overall|report)?[\s_-]*totals?(?![^\W_])", re.IGNORECASE
)

_OF = re.compile(r"^(?:of|for) ", re.IGNORECASE)


class SortedRows(NamedTuple):
    """The rows below the headings by what they are: arrays of the same length, a flag a row.

    `lines` are to be stored, `totals` are not lines for certain, whatever their figures are. Rows
    in `likely` are among the lines: they have all their codes, but one of these, or their text, is
    a word for a total and nothing else. Those in `possible` only have such a word among others.
    `notes` have words, and neither figures nor any code that a line needs; or nothing but one such
    code, which may be a heading. Rows in none of these are blank.
    """

    lines: np.ndarray
    totals: np.ndarray
    likely: np.ndarray
    possible: np.ndarray
    notes: np.ndarray

    def of(self, chosen: np.ndarray) -> "SortedRows":
        """Return the flags of some of the rows."""
        parts = (self.lines, self.totals, self.likely, self.possible, self.notes)
        return SortedRows(*(part[chosen] for part in parts))


def says_total(text: str) -> bool:
    """Return True for a text with a word for a total: `Sub-total Adults`, `00123 Total`."""
    return "total" in text.casefold() and _TOTAL.search(text) is not None


def without_total(text: str) -> str:
    """Return a text without its word for a total: `00123 Total` gives `00123`."""
    rest = _TOTAL.sub(" ", text).strip(" \t\xa0:-–=*.")
    return _OF.sub("", rest)


def sort_rows(
    body: pd.DataFrame,
    codes: dict[str, np.ndarray],
    needed: list[str],
    texts: list[np.ndarray],
    amounts: list[np.ndarray],
) -> SortedRows:
    """Return the rows sorted into lines, totals, notes and blank rows.

    `codes` are the columns of codes as they were read, `needed` those without which a row is no
    line; `texts` and `amounts` the cells of the columns of texts and of amounts. A row without one
    of its codes that says total somewhere is a total; in a kind of file without amounts there are
    none.
    """
    # To take the texts of a file one by one takes long.
    texts = [column.texts if isinstance(column, FileTexts) else column for column in texts]
    everywhere = np.ones(len(body), dtype=bool)
    nowhere = ~everywhere
    said_by_codes = [_rows_that_say_total(column) for column in codes.values()]
    in_code = np.logical_or.reduce([nowhere, *said_by_codes])
    blanks = {name: column == "" for name, column in codes.items()}
    lacking = np.logical_or.reduce([nowhere, *(blanks[name] for name in needed)])
    no_codes = np.logical_and.reduce([*blanks.values()] or [everywhere])
    lines, totals, notes = everywhere.copy(), nowhere.copy(), nowhere.copy()
    for place in np.flatnonzero(lacking | no_codes | (in_code if amounts else nowhere)).tolist():
        cells = ["" if blank(cell) else str(cell).strip() for cell in body.iloc[place]]
        if not any(cells):
            lines[place] = False
        elif amounts and any(map(says_total, cells)):
            totals[place] = not _has_codes(codes, needed, place)
            lines[place] = not totals[place]
        elif amounts and needed:
            has_figures = not all(blank(column[place]) for column in amounts)
            has_text = not all(blank(column[place]) for column in texts)
            few = sum(bool(codes[name][place]) for name in needed) <= (not has_text)
            notes[place] = few and not has_figures
            lines[place] = not notes[place]
    if not amounts:
        return SortedRows(lines, totals, nowhere, nowhere, notes)
    possible = lines & np.logical_or.reduce([in_code, *map(_rows_that_say_total, texts)])
    likely = nowhere.copy()
    for place in np.flatnonzero(possible).tolist():
        said = [str(column[place]) for column in (*codes.values(), *texts)]
        likely[place] = any(says_total(text) and _says_only_total(text, codes) for text in said)
    return SortedRows(lines, totals, likely, possible & ~likely, notes)


def _has_codes(codes: dict[str, np.ndarray], needed: list[str], place: int) -> bool:
    """Return True for a row with every code that it needs, one of which is more than "total"."""
    given = [codes[name][place] for name in needed or codes]
    return all(given) and not all(says_total(code) and not without_total(code) for code in given)


def _rows_that_say_total(cells: Cells) -> np.ndarray:
    """Return a flag for each cell that says total; one search is enough where none does."""
    if isinstance(cells, pd.Categorical):
        numbers, contents = number_contents(cells)
        says: np.ndarray = _rows_that_say_total(contents)[numbers]
        return says
    found = np.zeros(len(cells), dtype=bool)
    try:
        if "total" not in "\n".join(cells.tolist()).casefold():
            return found
    except TypeError:
        pass  # a workbook's column of texts may hold numbers
    for place, cell in enumerate(cells):
        found[place] = isinstance(cell, str) and says_total(cell)
    return found


def _says_only_total(text: str, codes: dict[str, np.ndarray]) -> bool:
    """Return True for a text that is "total" alone or with a code of the file: `00123 Total`."""
    rest = without_total(text)
    return not rest or any((column == rest).any() for column in codes.values())
