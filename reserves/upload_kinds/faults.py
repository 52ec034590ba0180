"""Faults that rows of several kinds of file can have."""

from council_finance.money import plain_pounds
from council_finance.uploads.table import TypedTable

NAME_LENGTH = 300


def check_once(table: TypedTable, column: str, message: str) -> None:
    """Note each row whose code stands on an earlier row too."""
    codes = table.frame[column]
    for row in codes.index[codes.duplicated() & (codes != "")]:
        table.problem(row, column, codes[row], message)


def check_lengths(table: TypedTable, *columns: str) -> None:
    """Note each name that is too long to be kept."""
    for column in columns:
        texts = table.frame[column]
        for row in texts.index[texts.str.len() > NAME_LENGTH]:
            table.problem(row, column, "", f"the text has more than {NAME_LENGTH} characters")


def warn_of_left(table: TypedTable, codes: dict[str, str], column: str) -> None:
    """Warn of what stands stored (names by code) and is not in the file: it stays."""
    named = set(table.frame[column])
    for code, name in codes.items():
        if code not in named:
            table.warn(f"{name} ({code}) is not in the file; what stands of it stays.")


def warn_of_credits(table: TypedTable, column: str) -> None:
    """Say where the use of receipts is negative: a ledger prints it as a credit."""
    amounts = table.frame[column]
    rows = table.frame[(amounts < 0).fillna(False)].reset_index()
    table.warn_of_each(
        rows.itertuples(),
        lambda row: (
            f"{row.reference} has {plain_pounds(int(getattr(row, column)))}, less than nil. If the "
            "ledger prints the use of receipts as a credit, let a layout turn the sign of this "
            "column."
        ),
        column,
    )
