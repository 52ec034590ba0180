"""Read a whole column of amounts at once. Pure.

The usual forms are read in a few passes over the column as one array, of characters or of numbers.
The other cells (units in cells, faults) are read one by one by money.parse_amount, which defines
what an amount is. Both give the same pence, or the same fault.
"""

import datetime
import re

import numpy as np
import pandas as pd

from council_finance.money import NotAnAmount, parse_amount
from council_finance.uploads.file_texts import FileTexts
from council_finance.uploads.number_formats import ShownNumber
from council_finance.uploads.plain_amounts import read_plain_amounts
from council_finance.uploads.shown_amounts import as_shown, is_plain_amount
from council_finance.uploads.unreadable import NO_VALUE, UnreadableCell

_NUMBER_ALONE = r"[0-9][0-9,]*(?:\.[0-9]+)?"
_NUMBER = rf"£?{_NUMBER_ALONE}"
_REWRITES = (
    # spaces around; dashes of every kind; a dash alone is nil, with a pound sign or without
    (re.compile(r"^[ \t\xa0]+|[ \t\xa0]+$", re.M), ""),
    (re.compile("[\N{MINUS SIGN}\N{EN DASH}]"), "-"),
    (re.compile("^(?:£[ \xa0]*)?[-\N{EM DASH}]$", re.M), "0"),
    # £ (1,234), (1,234) and 1,234- are negative
    (re.compile(rf"^£[ \xa0]*\(({_NUMBER_ALONE})\)$", re.M), r"-\1"),
    (re.compile(rf"^\(({_NUMBER})\)$", re.M), r"-\1"),
    (re.compile(rf"^({_NUMBER})-$", re.M), r"-\1"),
    # +621, £1,234, -£135, £-135
    (re.compile(r"^(-?)£[ \xa0]+(?=[0-9])", re.M), r"\1£"),
    (re.compile(r"^\+(?=£?[0-9])", re.M), ""),
    (re.compile(r"^(-?)£(?=[0-9])", re.M), r"\1"),
    (re.compile(r"^£-(?=[0-9])", re.M), "-"),
    # thousands in threes
    (
        re.compile(
            r"^(-?[0-9]{1,3}),([0-9]{3})(?:,([0-9]{3}))?(?:,([0-9]{3}))?(?=\.[0-9]|$)", re.M
        ),
        r"\1\2\3\4",
    ),
)
_EXPLICIT = re.compile(r'\s*="([^"]*)"\s*')
"""The form ="1,234.50", in which some programs write every cell of a CSV file."""

_EXACT_BELOW = 1e11
"""Pence below which a binary fraction's error is far smaller than the tolerance."""

_SURELY_WHOLE = 5e-5


def column_of_pence(
    cells: np.ndarray | FileTexts, scale: int
) -> tuple[pd.arrays.IntegerArray, dict[int, str]]:
    """Return the pence of a column's cells (Int64, NA where blank), and the faults by position.

    `cells` are texts, numbers or blanks; `scale` is one of units.UNITS.
    """
    if isinstance(cells, FileTexts):
        return _read_file_texts(cells, scale)
    pence = np.zeros(len(cells), dtype="int64")
    blank = np.zeros(len(cells), dtype=bool)
    texts = _find_texts(cells)
    left = _read_texts(cells, np.flatnonzero(texts), scale, pence, blank) if texts.any() else []
    if not texts.all():
        left += _read_numbers(cells, np.flatnonzero(~texts), scale, pence, blank)
    faults = _read_one_by_one(cells, left, scale, pence, blank) if left else {}
    return pd.arrays.IntegerArray(pence, blank), faults


def _read_file_texts(cells: FileTexts, scale: int) -> tuple[pd.arrays.IntegerArray, dict[int, str]]:
    """Return the same for a file's cells; texts are made of those that are not plain alone."""
    pence, is_plain, blank = cells.amounts(scale)
    places = np.flatnonzero(~(is_plain | blank))
    if not places.size:
        return pd.arrays.IntegerArray(pence, blank), {}
    others, faults = column_of_pence(cells[places].texts, scale)
    pence[places], blank[places] = others.fillna(0), others.isna()
    return pd.arrays.IntegerArray(pence, blank), {
        int(places[place]): fault for place, fault in faults.items()
    }


def _find_texts(cells: np.ndarray) -> np.ndarray:
    """Return a mask of the cells that are texts."""
    kind = pd.api.types.infer_dtype(cells, skipna=False)
    if kind in ("mixed", "mixed-integer"):
        return pd.Series(cells, dtype=object).str.len().notna().to_numpy()
    return np.full(len(cells), kind in ("string", "empty"))


def _read_texts(cells, places, scale: int, pence, blank) -> list[int]:
    """Fill in texts that are plain, unchanged or rewritten; return the places of the others."""
    lines = "\n".join((cells[places] if len(places) < len(cells) else cells).tolist())
    if lines.count("\n") != max(0, len(places) - 1):
        return places.tolist()
    left = _fill_in_plain(lines, places, scale, pence, blank)
    if not left.size:
        return []
    lines = "\n".join(cells[left].tolist())
    for pattern, replacement in _REWRITES:
        lines = pattern.sub(replacement, lines)
    return _fill_in_plain(lines, left, scale, pence, blank).tolist()


def _fill_in_plain(lines: str, places, scale: int, pence, blank) -> np.ndarray:
    """Fill in the plain numbers and the blanks; return the places of the other lines."""
    amounts, is_plain, is_empty = read_plain_amounts(lines, scale)
    pence[places], blank[places] = amounts, is_empty
    return places[~(is_plain | is_empty)]


def _read_numbers(cells, places, scale: int, pence, blank) -> list[int]:
    """Fill in numbers that are whole pence, within the tolerance; return the places of others."""
    values = cells[places]
    if ShownNumber in set(map(type, values.tolist())):
        odd = [place for place in places if _is_shown_otherwise(cells[place])]
        if odd:
            return odd + _read_numbers(cells, np.setdiff1d(places, odd), scale, pence, blank)
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind not in ("floating", "integer", "mixed-integer-float", "empty"):
        return places.tolist()
    if kind == "floating":
        numbers = values.astype("float64")
    else:
        numbers = pd.to_numeric(pd.Series(values, dtype=object)).to_numpy(
            "float64", na_value=np.nan
        )
    exact = numbers * 100 * scale
    whole = np.rint(exact)
    missing = np.isnan(numbers)
    sure = (np.abs(exact - whole) < _SURELY_WHOLE) & (np.abs(whole) < _EXACT_BELOW)
    pence[places[sure]] = whole[sure].astype("int64")
    blank[places] = missing
    return places[~sure & ~missing].tolist()


def _is_shown_otherwise(cell: object) -> bool:
    return type(cell) is ShownNumber and not is_plain_amount(cell)


def _read_one_by_one(cells, places: list[int], scale: int, pence, blank) -> dict[int, str]:
    """Fill in the remaining cells by the full rule and return the faults; read equal cells once."""
    faults: dict[int, str] = {}
    known: dict[str, int | None | NotAnAmount] = {}
    for place in places:
        cell = cells[place]
        how = cell.how if isinstance(cell, ShownNumber) else ""
        key = f"{type(cell).__name__}:{cell}:{how}"
        if key not in known:
            known[key] = _parse_cell(cell, scale)
        value = known[key]
        if isinstance(value, NotAnAmount):
            faults[place] = str(value)
        blank[place] = not isinstance(value, int)
        pence[place] = value if isinstance(value, int) else 0
    return faults


def _parse_cell(cell: object, scale: int) -> int | None | NotAnAmount:
    """Return the pence of a cell, None where it is blank, or the fault (not raised)."""
    if isinstance(cell, UnreadableCell):
        return NotAnAmount(NO_VALUE)
    if isinstance(cell, datetime.date | datetime.time | datetime.timedelta):
        return NotAnAmount("a date stands where a figure was expected")
    try:
        if _is_shown_otherwise(cell):
            scale = as_shown(cell, scale)
        explicit = _EXPLICIT.fullmatch(cell) if isinstance(cell, str) else None
        return parse_amount(explicit[1] if explicit else cell, scale)
    except NotAnAmount as fault:
        return fault
