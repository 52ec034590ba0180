"""Checks that the files of the capital programme have in common."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import pandas as pd
from django.db.models import Model

from capital.calculations import Balance
from capital.rules import describe_shortfall
from council_finance.uploads.table import TypedTable

AT_ONCE = 500
"""Rows stored in one query."""

STATEMENT_KEYS = {"total"}
"""Keys of rows that statements add; rows of schemes have their references."""


def check_once(table: TypedTable, columns: Sequence[str], message: str) -> None:
    """Add a problem for each row whose codes in these columns are on an earlier row together."""
    frame = table.frame
    given = (frame[list(columns)] != "").all(axis=1)
    for row in frame.index[frame.duplicated(list(columns)) & given]:
        table.problem(row, columns[0], frame[columns[0]][row], message)


def check_lengths(table: TypedTable, lengths: Mapping[str, int]) -> None:
    """Add a problem for each text that is too long to be stored."""
    for column, most in lengths.items():
        texts = table.frame[column]
        for row in texts.index[texts.str.len() > most]:
            table.problem(row, column, "", f"the text has more than {most:,} characters")


def check_row_keys(table: TypedTable) -> None:
    """Refuse references that statements use for rows of their own."""
    for row, reference in table.frame["reference"].items():
        if reference in STATEMENT_KEYS or reference.startswith("heading:"):
            message = "statements call a row of their own by this; give another reference"
            table.problem(row, "reference", reference, message)


def check_known(
    table: TypedTable, column: str, known: Collection[str], noun: str, file: str
) -> None:
    """Add a problem for each reference that the year's file does not have."""
    codes = table.frame[column]
    for row, code in codes[~codes.isin(list(known)) & (codes != "")].items():
        message = f"there is no {noun} with this reference; the references are those of {file}"
        table.problem(row, column, code, message)


def warn_of_missing(table: TypedTable, names: Mapping[str, str], words: str) -> None:
    """Warn of stored rows (names by reference) that the file leaves out."""
    named = set(table.frame["reference"])
    left = [f"{name} ({reference})" for reference, name in names.items() if reference not in named]
    for each in left[:20]:
        table.warn(f"{each} is not in the file; {words}.")
    if len(left) > 20:
        table.warn(f"{len(left) - 20:,} more are not in the file; {words}.")


def warn_of_shortfalls(table: TypedTable, found: Iterable[Balance]) -> None:
    """Warn where funding is not equal to expenditure; the report cannot be published so."""
    for balance in found:
        if balance.shortfall:
            table.warn(
                f"{describe_shortfall(balance)} The report cannot be published until they are "
                "equal."
            )


def to_pence(value: object) -> int | None:
    """Return an amount of a frame as pence; None where the cell was blank."""
    return None if pd.isna(value) else int(value)  # type: ignore[call-overload]


def given_amounts(amounts: Iterable[int | None]) -> list[int]:
    """Return the amounts that are given."""
    return [amount for amount in amounts if amount is not None]


def put_rows(rows: Sequence[Model]) -> None:
    """Store rows of one table, new ones and changed ones, in a few queries."""
    new = [row for row in rows if row.pk is None]
    changed = [row for row in rows if row.pk is not None]
    if new:
        type(new[0])._default_manager.bulk_create(new, batch_size=AT_ONCE)
    if changed:
        model = type(changed[0])
        names = [field.name for field in model._meta.concrete_fields if not field.primary_key]
        model._default_manager.bulk_update(changed, names, batch_size=AT_ONCE)


def warn_of_unreported(table: TypedTable, names: Mapping[str, str], noun: str) -> None:
    """Warn of references of the year's file (with names) for which a period's file has no row."""
    left = sorted(set(names) - set(table.frame["reference"]))
    if left:
        have = f"1 {noun} has" if len(left) == 1 else f"{len(left):,} {noun}s have"
        more = f" and {len(left) - 20:,} more" if len(left) > 20 else ""
        listed = ", ".join(left[:20])
        table.warn(f"{have} no row and will not be reported: {listed}{more}.")
