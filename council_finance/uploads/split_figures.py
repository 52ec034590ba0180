"""Figures of a CSV file that were split into two cells: 1,234 without quotation marks. Pure."""

import re
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from council_finance.uploads.file_texts import FileTexts
from council_finance.uploads.problems import SHOWN, FileRefused, Problem
from council_finance.uploads.reading import RawTable

FIRST_DIGITS = r"\s*[-(+]?£?-?[0-9]{1,3}\s*"
NEXT_DIGITS = r"\s*[0-9]{3}(?:\.[0-9]*)?[)-]?\s*"
_NOUGHT_FIRST = r"\s*0[0-9]{2}(?:\.[0-9]*)?[)-]?\s*"
_ANY_NOUGHT_FIRST = re.compile(r"\n0[0-9]{2}(?![0-9])")
_ANY_AFTER_SPACES = re.compile(r"\n[ \t]+0[0-9]{2}(?![0-9])")
_SPLIT = "a figure such as 1,234 seems to be split into two cells; put it in quotation marks"


def refuse_split_figures(
    raw: RawTable, body: RawTable, amounts: Collection[int], others: Collection[int]
) -> None:
    """Refuse rows of a CSV file, no wider than its headings, in which figures have been split.

    `amounts` are the positions of the columns of amounts, `others` those of columns that hold
    something else. No program writes 1 and 000 side by side as two figures. Where rows have
    different numbers of cells, and each longer one has as many pairs such as 1 and 234 as it has
    more cells, these are split too. Raise `FileRefused`.
    """
    if raw.widths is None or body.cells.empty:
        return
    width = body.cells.shape[1]
    pairs = [at for at in sorted(amounts) if at + 1 < width and at + 1 not in others]
    split = _find_split_by_noughts(body.cells, pairs) | _find_split_in_longer_rows(raw, body, pairs)
    if split.any():
        rows = np.asarray(body.row_numbers)[split][:SHOWN]
        raise FileRefused(*(Problem(_SPLIT, int(row)) for row in rows))


def _find_split_by_noughts(cells: pd.DataFrame, pairs: Sequence[int]) -> np.ndarray:
    """Return a flag for each row in which 1 to 3 digits are followed by three such as 034."""
    found = np.zeros(len(cells), dtype=bool)
    for place in pairs:
        after = cells.iloc[:, place + 1]
        if _may_begin_with_nought(after) and _has_nought_first("\n" + "\n".join(after.tolist())):
            found |= _are_pairs(cells.iloc[:, place], after, _NOUGHT_FIRST)
    return found


def _may_begin_with_nought(column: pd.Series) -> bool:
    """Return False where no text begins with nought or a blank, as its bytes tell at once."""
    return column.array.may_begin_with_nought() if isinstance(column.array, FileTexts) else True


def _has_nought_first(lines: str) -> bool:
    """Return True where a line begins with three digits of which the first is nought.

    Most files have none: a pattern that begins with a fixed text is searched many times faster than
    one that begins with optional spaces.
    """
    if _ANY_NOUGHT_FIRST.search(lines):
        return True
    return ("\n " in lines or "\n\t" in lines) and bool(_ANY_AFTER_SPACES.search(lines))


def _find_split_in_longer_rows(raw: RawTable, body: RawTable, pairs: Sequence[int]) -> np.ndarray:
    """Return a flag for each row with as many split pairs as it has more cells than others.

    Return no flag at all where one of the longer rows has fewer pairs.
    """
    nowhere = np.zeros(len(body.cells), dtype=bool)
    if raw.widths is None or not pairs or not (body.cells.iloc[:, -1] == "").any():
        return nowhere
    widths = raw.widths()[np.asarray(body.row_numbers) - 1]
    if (widths == widths[0]).all():
        return nowhere
    given = ~(body.cells == "").all(axis=1).to_numpy(dtype=bool)
    longer = given & (widths > widths[given].min(initial=np.iinfo("int64").max))
    if not longer.any():
        return nowhere
    cells = body.cells[longer]
    more = widths[longer] - widths[given].min()
    many = np.zeros(len(cells), dtype="int64")
    for place in pairs:
        many += _are_pairs(cells.iloc[:, place], cells.iloc[:, place + 1], NEXT_DIGITS)
    return longer if (many >= more).all() else nowhere


def _are_pairs(before: pd.Series, after: pd.Series, wanted: str) -> np.ndarray:
    before, after = before.astype(object), after.astype(object)
    both = before.str.fullmatch(FIRST_DIGITS) & after.str.fullmatch(wanted)
    flags: np.ndarray = both.to_numpy(dtype=bool)
    return flags
