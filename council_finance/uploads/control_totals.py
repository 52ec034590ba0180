"""Total rows of a file: not stored, but compared with the rows above them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from council_finance.money import exact_pounds
from council_finance.uploads.cells import text_of
from council_finance.uploads.columns import AMOUNT, ColumnSpec

if TYPE_CHECKING:
    from council_finance.uploads.table import TypedTable


def is_control_row(body: pd.DataFrame, code_positions: list[int]) -> pd.Series:
    """True for rows whose codes are blank and whose text says total."""
    if not code_positions:
        return pd.Series(False, index=body.index)
    codes = body[[body.columns[position] for position in code_positions]]
    without_codes = codes.map(lambda cell: text_of(cell) == "").all(axis=1)
    says_total = pd.Series(False, index=body.index)
    for row in body.index[without_codes]:
        texts = (cell for cell in body.loc[row] if isinstance(cell, str))
        says_total[row] = any("total" in text.casefold() for text in texts)
    return without_codes & says_total


def check_control_totals(
    table: TypedTable, control: pd.Series, specs: tuple[ColumnSpec, ...]
) -> None:
    """Note a problem where a total is neither that of all rows above nor of those since the last.

    Both are usual: a grand total, and a subtotal of each part.
    """
    rows = list(control.index[control])
    for spec in specs:
        if spec.kind != AMOUNT or spec.name not in table.given:
            continue
        amounts = table.frame[spec.name].where(~control)
        start = control.index.min()
        for row in rows:
            total = table.frame[spec.name][row]
            above, since = int(amounts.loc[:row].sum()), int(amounts.loc[start:row].sum())
            start = row
            if total is not pd.NA and total not in (above, since):
                table.problem(
                    row,
                    spec.name,
                    exact_pounds(int(total)),
                    f"this total is not the sum of the rows above it ({exact_pounds(above)})",
                )
