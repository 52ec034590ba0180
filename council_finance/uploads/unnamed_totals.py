"""Lines whose figures are the sum of those above, without a word for a total. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from council_finance.uploads.amounts import column_of_pence

_FEWEST_FIGURES = 2
_ROWS_LOOKED_AT = 200


def likely_totals(
    frame: pd.DataFrame, codes: Sequence[str], amounts: Sequence[str]
) -> list[tuple[int, int, int]]:
    """Return lines whose every figure is the sum of the lines above: (row, first row, last row).

    The sum is that of all lines above, or of those with the same codes in the first column, in the
    first two, and so on. At least two figures that are not nil and not the same have to agree.
    """
    if len(amounts) < _FEWEST_FIGURES or len(frame) <= _FEWEST_FIGURES:
        return []
    figures = [_Figures.of(frame[name]) for name in amounts]
    places = np.arange(len(frame))
    starts_new = np.zeros(len(frame), dtype=bool)
    found = np.full(len(frame), -1)
    for name in [None, *codes]:
        if name is not None:
            column = frame[name].array
            is_numbered = isinstance(column, pd.Categorical)
            column = column.codes if is_numbered else column.to_numpy(dtype=object)
            starts_new[1:] |= column[1:] != column[:-1]
        starts = np.maximum.accumulate(np.where(starts_new, places, 0))
        is_long = places - starts >= _FEWEST_FIGURES
        at = np.flatnonzero(is_long & figures[0].are_sums(slice(None), starts))
        for column in figures[1:]:
            at = at[column.are_sums(at, starts)]
        at = at[_are_different(np.array([column.pence[at] for column in figures]))]
        found[at] = starts[at]
    rows = frame.index.to_numpy()
    return [
        (int(rows[at]), int(rows[found[at]]), int(rows[at - 1]))
        for at in np.flatnonzero(found >= 0)
    ]


class _Figures(NamedTuple):
    """A column of amounts: pence (0: not given), which are given, and the sum of those above."""

    pence: np.ndarray
    given: np.ndarray
    before: np.ndarray

    @classmethod
    def of(cls, column: pd.Series) -> "_Figures":
        """Return the figures of a column of pence (Int64)."""
        pence = column.fillna(0).to_numpy(dtype="int64")
        given = column.notna().to_numpy(dtype=bool)
        return cls(pence, given, np.cumsum(pence) - pence)

    def are_sums(self, at: np.ndarray | slice, starts: np.ndarray) -> np.ndarray:
        """Return which rows `at` are the sum of the rows above from `starts` on, or not given."""
        sums = self.before[at] - self.before[starts[at]]
        agree: np.ndarray = (sums == self.pence[at]) | ~self.given[at]
        return agree


def _are_different(figures: np.ndarray) -> np.ndarray:
    """Return a flag for each column of `figures` in which two figures are neither nil nor equal."""
    is_some = figures != 0
    largest = np.where(is_some, figures, -(2**62)).max(axis=0)
    least = np.where(is_some, figures, 2**62).min(axis=0)
    different: np.ndarray = (is_some.sum(axis=0) >= _FEWEST_FIGURES) & (largest != least)
    return different


def is_last_the_sum(columns: Sequence[np.ndarray], scale: int) -> bool:
    """Return True where the last of several columns is the sum of the others in the first rows."""
    if len(columns) <= _FEWEST_FIGURES:
        return False
    pence = [column_of_pence(cells[:_ROWS_LOOKED_AT], scale)[0] for cells in columns]
    *others, total = [pd.Series(column).fillna(0) for column in pence]
    return bool((total != 0).sum() >= _FEWEST_FIGURES and (sum(others) == total).all())
