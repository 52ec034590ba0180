"""Total rows of a file: not stored, but compared with the rows above them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from council_finance.money import exact_pounds
from council_finance.uploads.columns import AMOUNT, ColumnSpec

if TYPE_CHECKING:
    from council_finance.uploads.table import TypedTable


def sort_out_rows(body: pd.DataFrame, without_codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which rows are figures and which are control totals; rows with nothing in them are neither.

    A control total has blank codes and a text that says total.
    """
    kept, control = np.ones(len(body), dtype=bool), np.zeros(len(body), dtype=bool)
    places = np.flatnonzero(without_codes)
    candidates = body.iloc[places]
    empty = (candidates.isna() | (candidates == "")).all(axis=1).to_numpy(dtype=bool)
    kept[places[empty]] = False
    for place in places[~empty]:
        texts = ["" if pd.isna(cell) else str(cell).strip() for cell in body.iloc[place]]
        if not any(texts):
            kept[place] = False
        elif any("total" in text.casefold() for text in texts):
            kept[place], control[place] = False, True
    return kept, control


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
