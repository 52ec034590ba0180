"""Checks that several kinds of file have in common."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from council_finance.uploads.table import TypedTable


def check_once(table: TypedTable, column: str, message: str) -> None:
    """Add a problem for each row whose code is on an earlier row too."""
    codes = table.frame[column]
    for row in codes.index[codes.duplicated() & (codes != "")]:
        table.problem(row, column, codes[row], message)


def check_lengths(table: TypedTable, column: str, most: int) -> None:
    """Add a problem for each text that is too long to be stored."""
    texts = table.frame[column]
    for row in texts.index[texts.str.len() > most]:
        table.problem(row, column, "", f"the text has more than {most} characters")


def list_some(codes: Iterable[str]) -> str:
    """Return codes for a sentence: 20 at most, and how many more."""
    found = list(codes)
    more = f" and {len(found) - 20} more" if len(found) > 20 else ""
    return ", ".join(found[:20]) + more


def whole_or_none(value: Any) -> int | None:
    """Return a cell's whole number, None where it is blank."""
    return None if pd.isna(value) else int(value)
