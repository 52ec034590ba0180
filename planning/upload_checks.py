"""Checks and values that several kinds of file of this app share."""

import datetime
import re
from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd

from council_finance.periods import parse_financial_year
from council_finance.uploads.problems import FileRefused, Problem
from council_finance.uploads.table import TypedTable
from monitoring.uploading.prepared import did_you_mean

_LONG_YEAR = re.compile(r"(\d{4}[/-])\d\d(\d\d)")


def read_year(text: str) -> int:
    """Return the calendar year in which `2019/20`, `2019-20` or `2019/2020` begins.

    Raise `NotAYear` for another text.
    """
    return parse_financial_year(_LONG_YEAR.sub(r"\1\2", text))


def require_columns(table: TypedTable, *names: str) -> None:
    """Raise `FileRefused` where a column is missing whose cells may be blank."""
    if missing := [name for name in names if name not in table.given]:
        raise FileRefused(*(Problem(f"The column {name} is missing.") for name in missing))


def check_once(table: TypedTable, columns: Sequence[str], message: str) -> None:
    """Add a problem for each row whose key is on an earlier row too."""
    repeated = table.frame.duplicated(list(columns))
    for row in table.frame.index[repeated]:
        if key := table.frame.at[row, columns[-1]]:
            table.problem(row, columns[-1], key, message)


def check_lengths(table: TypedTable, most: int, *columns: str) -> None:
    """Add a problem for each text that is too long to be stored."""
    for column in columns:
        texts = table.frame[column]
        for row in texts.index[texts.str.len() > most]:
            table.problem(row, column, "", f"the text has more than {most} characters")


def check_references(table: TypedTable, column: str, known: Collection[str], file: str) -> None:
    """Add a problem for each reference that no row of a file has; blank names none."""
    for row, code in table.frame[column].items():
        if code and code not in known:
            message = f"there is no row with this reference in {file}{did_you_mean(code, known)}"
            table.problem(int(row), column, code, message)


def check_not_negative(table: TypedTable, *columns: str) -> None:
    """Add a problem for each amount below nil."""
    for column in columns:
        amounts = table.frame[column]
        for row in amounts.index[(amounts < 0).fillna(False)]:
            table.problem(row, column, "", "the amount is below nil; give it without a sign")


def whole_or_none(value: Any) -> int | None:
    """Return a whole number, or pence, of a cell; None where it is blank."""
    return None if pd.isna(value) else int(value)


def yes_no_or_none(word: str) -> bool | None:
    """Return True for `yes`, False for `no` and None for a blank cell."""
    return {"yes": True, "no": False}.get(word)


def date_or_none(value: Any) -> datetime.date | None:
    """Return the date of a cell; None where it is blank."""
    return value if isinstance(value, datetime.date) else None
