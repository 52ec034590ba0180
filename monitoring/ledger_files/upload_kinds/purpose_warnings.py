"""Warnings of a file of forecasts, actuals or budgets."""

from typing import Any

import pandas as pd

from council_finance.money import plain_pounds
from council_finance.uploads.table import TypedTable
from monitoring.ledger.spending_without_budget import is_unbudgeted
from monitoring.ledger_files.upload_kinds.ledger_figures import ledger_changes, lines_in_scope
from monitoring.ledger_files.upload_kinds.lines import Lines
from monitoring.ledger_files.upload_kinds.position_rows import CALCULATION_NAMES
from monitoring.uploading.prepared import Target

LEDGER_CHANGED, UNBUDGETED = "ledger", "unbudgeted"
"""The subjects of warnings, besides those of position_warnings."""


def warn_of_ledger_changes(
    table: TypedTable, aside: pd.DataFrame, rows: pd.DataFrame, stored: pd.DataFrame
) -> None:
    """Warn of the ledger's figures in the file that differ from those stored now."""
    for change in ledger_changes(aside, rows["line"], stored):
        table.warn_of_each(
            change.itertuples(),
            lambda row: (
                f"{row.column} is {plain_pounds(row.given)} in the file and "
                f"{_format_pounds(row.now)} in the ledger’s figures now, which stay."
            ),
            about=LEDGER_CHANGED,
        )


def _format_pounds(pence: Any) -> str:
    """Format pence of a frame's cell, which may be missing."""
    return "not given" if pd.isna(pence) else plain_pounds(int(pence))


def warn_of_unbudgeted(table: TypedTable, rows: pd.DataFrame, stored: pd.DataFrame) -> None:
    """Warn of each new line with spending and no budget."""
    new = rows[~rows["line"].isin(stored["line"]) & is_unbudgeted(rows)]
    codes = table.frame.loc[new.index, ["cost_centre", "account"]]
    table.warn_of_each(
        codes.reset_index().itertuples(),
        lambda row: (
            f"The line {row.cost_centre}/{row.account} has no budget in this period: it is "
            "unbudgeted, with a budget of nil."
        ),
        "account",
        UNBUDGETED,
    )


def warn_of_left_lines(
    table: TypedTable,
    rows: pd.DataFrame,
    stored: pd.DataFrame,
    lines: Lines,
    target: Target,
    own: tuple[str, ...],
) -> None:
    """Warn with the number of lines that the file does not name and whose figures it leaves."""
    left = lines_in_scope(stored[~stored["line"].isin(rows["line"])], lines, target)
    names = [CALCULATION_NAMES.get(name, name) for name in own]
    figures = left[names].fillna(0)
    count = int((figures != 0).any(axis=1).sum())
    if count:
        lines_are = "1 line is" if count == 1 else f"{count:,} lines are"
        table.warn(f"{lines_are} not in the file and keep what they had: {', '.join(own)}.")
