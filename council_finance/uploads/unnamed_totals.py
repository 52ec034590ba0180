"""Lines whose figures are the sum of those above, though nothing in them says total. Pure."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from council_finance.uploads.amounts import column_of_pence

_FEWEST_FIGURES = 2
_ROWS_LOOKED_AT = 200


def likely_totals(
    frame: pd.DataFrame, codes: Sequence[str], amounts: Sequence[str]
) -> list[tuple[int, int, int]]:
    """Lines whose every figure is the sum of the lines above, as (row, first row, last row).

    The sum is that of all lines above, or of those with the same codes in the first column, in the
    first two, and so on. At least two figures that are not nil and not the same have to agree.
    """
    given = [frame[name].notna().to_numpy(dtype=bool) for name in amounts]
    pence = [frame[name].fillna(0).to_numpy(dtype="int64") for name in amounts]
    if len(pence) < _FEWEST_FIGURES or len(frame) <= _FEWEST_FIGURES:
        return []
    before = [np.concatenate([[0], np.cumsum(column)])[:-1] for column in pence]
    some = np.zeros(len(frame), dtype="int64")
    largest, least = np.full(len(frame), -(2**62)), np.full(len(frame), 2**62)
    for column in pence:
        some += column != 0
        largest = np.where(column != 0, np.maximum(largest, column), largest)
        least = np.where(column != 0, np.minimum(least, column), least)
    told_apart = (some >= _FEWEST_FIGURES) & (largest != least)
    places = np.arange(len(frame))
    starts_new = np.zeros(len(frame), dtype=bool)
    found = np.full(len(frame), -1)
    for name in [None, *codes]:
        if name is not None:
            column = frame[name].to_numpy(dtype=object)
            starts_new[1:] |= column[1:] != column[:-1]
        starts = np.maximum.accumulate(np.where(starts_new, places, 0))
        agree = told_apart & (places - starts >= _FEWEST_FIGURES)
        for number, column in enumerate(pence):
            sums = before[number] - before[number][starts]
            agree &= ~given[number] | (sums == column)
        found = np.where(agree, starts, found)
    rows = frame.index.to_numpy()
    return [
        (int(rows[at]), int(rows[found[at]]), int(rows[at - 1]))
        for at in np.flatnonzero(found >= 0)
    ]


def is_last_the_sum(columns: Sequence[np.ndarray], scale: int) -> bool:
    """Whether the last of several columns of figures is the sum of the others in the first rows."""
    if len(columns) <= _FEWEST_FIGURES:
        return False
    pence = [column_of_pence(cells[:_ROWS_LOOKED_AT], scale)[0] for cells in columns]
    *others, total = [pd.Series(column).fillna(0) for column in pence]
    return bool((total != 0).sum() >= _FEWEST_FIGURES and (sum(others) == total).all())
