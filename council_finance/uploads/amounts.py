"""A whole column of amounts at once. Pure.

What ledgers mostly write is read by a few passes over the column as one text, or as one array of
numbers; whatever is left (units in cells, faults) goes one by one through money.parse_amount, which
is the rule. Both give the same pence, or the same fault.
"""

import datetime
import re

import numpy as np
import pandas as pd

from council_finance.money import NotAnAmount, parse_amount
from council_finance.uploads.number_formats import ShownNumber
from council_finance.uploads.shown_amounts import as_shown, is_plain_amount
from council_finance.uploads.unreadable import NO_VALUE, UnreadableCell

_DECIMALS = {1: 2, 1_000: 5, 1_000_000: 8, 1_000_000_000: 11}
_WHOLE_DIGITS = {1: 10, 1_000: 7, 1_000_000: 4, 1_000_000_000: 1}
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
    (re.compile(r"^\+(?=[£0-9])", re.M), ""),
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
"""How some programs write every cell of a CSV file: ="1,234.50"."""

_LIMIT_POUNDS = 1e10
_PLAIN_CHARACTERS = np.zeros(256, dtype=bool)
_PLAIN_CHARACTERS[[ord(character) for character in "0123456789.-\n"]] = True
_EXACT_BELOW = 1e11
"""Pence below which a binary fraction's error is far smaller than the tolerance."""

_SURELY_WHOLE = 5e-5


def _odd_lines(scale: int) -> re.Pattern:
    """Lines that are neither blank nor a plain number that floats carry exactly."""
    plain = rf"(?:-?[0-9]{{1,{_WHOLE_DIGITS[scale]}}}(?:\.[0-9]{{1,{_DECIMALS[scale]}}})?)?"
    return re.compile(rf"^(?!{plain}$).*$", re.M)


_ODD = {scale: _odd_lines(scale) for scale in _DECIMALS}


def column_of_pence(cells: np.ndarray, scale: int) -> tuple[pd.arrays.IntegerArray, dict[int, str]]:
    """Pence of a column's cells (Int64, NA: blank), and what is wrong by place.

    `cells` are texts, numbers or blanks; `scale` is one of units.UNITS.
    """
    pence = np.zeros(len(cells), dtype="int64")
    blank = np.zeros(len(cells), dtype=bool)
    texts = _text_places(cells)
    left = _read_texts(cells, np.flatnonzero(texts), scale, pence, blank)
    left += _read_numbers(cells, np.flatnonzero(~texts), scale, pence, blank)
    faults = _read_one_by_one(cells, left, scale, pence, blank)
    return pd.arrays.IntegerArray(pence, blank), faults


def _text_places(cells: np.ndarray) -> np.ndarray:
    kind = pd.api.types.infer_dtype(cells, skipna=False)
    if kind in ("mixed", "mixed-integer"):
        return pd.Series(cells, dtype=object).str.len().notna().to_numpy()
    return np.full(len(cells), kind in ("string", "empty"))


def _read_texts(cells, places, scale: int, pence, blank) -> list[int]:
    """Fill in what is plain; answers the places that are left."""
    texts = cells[places]
    joined = "\n".join(texts)
    if joined.count("\n") != max(0, len(texts) - 1):
        return places.tolist()
    if scale == 1 and _only_pence(joined):
        return _read_plain(texts, places, pence, blank)
    if _ODD[scale].search(joined):
        for pattern, replacement in _REWRITES:
            joined = pattern.sub(replacement, joined)
        texts = np.array(joined.split("\n"), dtype=object)
        odd = _odd_places(joined, texts, scale)
    else:
        odd = np.zeros(len(texts), dtype=bool)
    numbers = pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce").to_numpy(
        dtype="float64", na_value=np.nan
    )
    plain = ~odd & ~np.isnan(numbers)
    pence[places[plain]] = np.rint(numbers[plain] * 100 * scale).astype("int64")
    blank[places] = ~odd & np.isnan(numbers)
    return places[odd].tolist()


def _only_pence(joined: str) -> bool:
    """Whether there are only digits, minus signs, and points with at most two digits behind."""
    if not joined.isascii():
        return False
    characters = np.frombuffer(joined.encode("ascii") + b"\n\n\n", dtype=np.uint8)
    if np.bincount(characters, minlength=256)[~_PLAIN_CHARACTERS].any():
        return False
    third = characters[np.flatnonzero(characters == ord(".")) + 3]
    return not ((third >= ord("0")) & (third <= ord("9"))).any()


def _read_plain(texts, places, pence, blank) -> list[int]:
    """The commonest column by far; what is no number after all (`-`, `1-2`) is left."""
    numbers = pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce").to_numpy(
        dtype="float64", na_value=np.nan
    )
    plain = np.abs(numbers) < _LIMIT_POUNDS
    pence[places[plain]] = np.rint(numbers[plain] * 100).astype("int64")
    empty = texts == ""
    blank[places] = empty
    return places[~plain & ~empty].tolist()


def _odd_places(joined: str, texts: np.ndarray, scale: int) -> np.ndarray:
    odd = np.zeros(len(texts), dtype=bool)
    starts = [match.start() for match in _ODD[scale].finditer(joined)]
    if starts:
        lengths = pd.Series(texts, dtype=object).str.len().to_numpy(dtype="int64") + 1
        odd[np.searchsorted(np.cumsum(lengths), starts, side="right")] = True
    return odd


def _read_numbers(cells, places, scale: int, pence, blank) -> list[int]:
    """A workbook's numbers: within the tolerance of a penny, they are that penny."""
    values = cells[places]
    if ShownNumber in set(map(type, values)):
        odd = [place for place in places if _is_shown_otherwise(cells[place])]
        if odd:
            return odd + _read_numbers(cells, np.setdiff1d(places, odd), scale, pence, blank)
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind not in ("floating", "integer", "mixed-integer-float", "empty"):
        return places.tolist()
    numbers = pd.to_numeric(pd.Series(values, dtype=object)).to_numpy(
        dtype="float64", na_value=np.nan
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
    """The rule itself, for what the passes left; a text that comes again is read once."""
    faults: dict[int, str] = {}
    known: dict[str, int | None | NotAnAmount] = {}
    for place in places:
        cell = cells[place]
        how = cell.how if isinstance(cell, ShownNumber) else ""
        key = f"{type(cell).__name__}:{cell}:{how}"
        if key not in known:
            known[key] = _parsed(cell, scale)
        value = known[key]
        if isinstance(value, NotAnAmount):
            faults[place] = str(value)
        blank[place] = not isinstance(value, int)
        pence[place] = value if isinstance(value, int) else 0
    return faults


def _parsed(cell: object, scale: int) -> int | None | NotAnAmount:
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
