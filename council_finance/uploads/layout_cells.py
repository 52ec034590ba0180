"""Read cells that hold several codes, or a figure with DR or CR. Pure."""

import re

import numpy as np
import pandas as pd

from council_finance.money import exact_pounds
from council_finance.uploads.cells import BadCell
from council_finance.uploads.codes import NotACode, code_text
from council_finance.uploads.layout_data import Split

_SIDE = r"\(?(?P<{}>CREDIT|DEBIT|CR|DR|C|D)\.?\)?"
_SIDED = re.compile(
    rf"(?:{_SIDE.format('before')}\s*)?(?P<number>[^()+–−-]+?)(?:\s*{_SIDE.format('after')})?",
    re.IGNORECASE,
)
_SAYS_SIDE = re.compile(r"[a-z]", re.IGNORECASE)


def codes_of(cell: object) -> str:
    """Return the text of a cell that holds several codes. Raises BadCell."""
    try:
        return code_text(cell)
    except NotACode as fault:
        raise BadCell(str(fault)) from fault


def parts_of(text: str, split: Split) -> tuple[str, ...]:
    """Return a cell's parts: all blank for a blank or a total, none where it cannot be split."""
    if not text:
        return ("",) * len(split.into)
    if split.separator:
        parts = [part.strip() for part in text.split(split.separator)]
    elif len(text) == sum(split.lengths):
        ends = np.cumsum(split.lengths)
        parts = [
            text[end - length : end].strip()
            for end, length in zip(ends, split.lengths, strict=True)
        ]
    else:
        parts = []
    if len(parts) == len(split.into) and all(parts):
        return tuple(parts)
    return ("",) * len(split.into) if "total" in text.casefold() else ()


def expected_parts(split: Split) -> str:
    """Return the fault of a cell that cannot be split: the codes that were expected in it."""
    names = " and ".join(split.into)
    if split.separator:
        return f"{names} with “{split.separator}” between them were expected"
    lengths = " and ".join(str(length) for length in split.lengths)
    return f"{names} of {lengths} characters were expected"


def side_of(cell: object) -> tuple[object, bool]:
    """Return a figure without its DR or CR (else unchanged), and whether it is a credit."""
    if type(cell) is not str or not _SAYS_SIDE.search(cell):
        return cell, False
    match = _SIDED.fullmatch(cell.strip())
    if match is None or (match["before"] is None) == (match["after"] is None):
        return cell, False
    return match["number"].strip(), (match["before"] or match["after"]).upper().startswith("C")


def in_pounds(pence: pd.Series) -> np.ndarray:
    """Return amounts as exact texts in pounds; blank where none is given."""
    texts = ["" if amount is pd.NA else exact_pounds(amount) for amount in pence.to_list()]
    return np.array([*texts, None], dtype=object)[:-1]
