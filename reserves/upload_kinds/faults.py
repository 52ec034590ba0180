"""Checks that several kinds of file have in common."""

from council_finance.money import plain_pounds
from council_finance.uploads.table import TypedTable
from monitoring.uploading.prepared import Target
from reserves.models import ReserveKind
from reserves.rules import overdraft_message
from reserves.selectors import overdrafts_if_opened_at, reserves_of

NAME_LENGTH = 300


def check_once(table: TypedTable, column: str, message: str) -> None:
    """Add a problem for each row whose code is on an earlier row too."""
    codes = table.frame[column]
    for row in codes.index[codes.duplicated() & (codes != "")]:
        table.problem(row, column, codes[row], message)


def check_lengths(table: TypedTable, *columns: str) -> None:
    """Add a problem for each name that is too long to be stored."""
    for column in columns:
        texts = table.frame[column]
        for row in texts.index[texts.str.len() > NAME_LENGTH]:
            table.problem(row, column, "", f"the text has more than {NAME_LENGTH} characters")


def warn_of_missing(table: TypedTable, codes: dict[str, str], column: str) -> None:
    """Warn of stored reserves or projects (names by code) that the file leaves out: they stay."""
    named = set(table.frame[column])
    for code, name in codes.items():
        if code not in named:
            table.warn(f"{name} ({code}) is not in the file; it stays as it is stored.")


def warn_of_credits(table: TypedTable, column: str) -> None:
    """Warn where the use of receipts is negative: a ledger may print it as a credit."""
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


def find_overdrafts(target: Target) -> dict[str, str]:
    """Return why each overdrawn earmarked reserve of the year is so, by its code and period."""
    earmarked = [each for each in reserves_of(target.year) if each.kind == ReserveKind.EARMARKED]
    found = overdrafts_if_opened_at({each: each.opening_balance_pence for each in earmarked})
    return {
        f"{each.code} {over.measure} {over.period} {over.balance}": overdraft_message(
            each.name, over, each.approved_deficit_pence or 0
        )
        for each, over in found.items()
    }
