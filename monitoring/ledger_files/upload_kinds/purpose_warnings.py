"""What a person should look at in a file of forecasts, actuals or budgets."""

import pandas as pd

from council_finance.money import plain_pounds
from council_finance.uploads.table import TypedTable
from monitoring.ledger.spending_without_budget import is_unbudgeted
from monitoring.ledger_files.upload_kinds.ledger_figures import ledger_changes, lines_in_scope
from monitoring.ledger_files.upload_kinds.lines import Lines
from monitoring.ledger_files.upload_kinds.position_rows import CALCULATION_NAMES
from monitoring.uploading.prepared import Target

LEDGER_CHANGED, UNBUDGETED = "ledger", "unbudgeted"
"""What a warning is about; further keys are those of position_warnings."""


def warn_of_ledger_changes(
    table: TypedTable, aside: pd.DataFrame, rows: pd.DataFrame, stored: pd.DataFrame
) -> None:
    """Name the ledger's figures in the file that are not, or no longer, those of the ledger."""
    for change in ledger_changes(aside, rows["line"], stored):
        table.warn_of_each(
            change.itertuples(),
            lambda row: (
                f"{row.column} is {plain_pounds(row.given)} in the file and "
                f"{_pounds(row.now)} in the ledger’s figures now, which stay."
            ),
            about=LEDGER_CHANGED,
        )


def _pounds(pence) -> str:
    return "not given" if pd.isna(pence) else plain_pounds(int(pence))


def warn_of_unbudgeted(table: TypedTable, rows: pd.DataFrame, stored: pd.DataFrame) -> None:
    """Name each line that the file brings with spending and no budget."""
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
    """Count the lines that the file does not name and whose figures of its own columns stay."""
    left = lines_in_scope(stored[~stored["line"].isin(rows["line"])], lines, target)
    names = [CALCULATION_NAMES.get(name, name) for name in own]
    figures = left[names].fillna(0)
    count = int((figures != 0).any(axis=1).sum())
    if count:
        told = "1 line is" if count == 1 else f"{count:,} lines are"
        table.warn(f"{told} not in the file and keep what they had: {', '.join(own)}.")
