"""Find the distinct contents of a column's cells, so that each is processed once. Pure."""

from collections.abc import Callable

import numpy as np
import pandas as pd


def number_contents(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of each cell's content, and the distinct contents in order of appearance.

    Blank cells of a workbook (None or NaN) are a content too.
    """
    numbers, contents = pd.factorize(cells)
    if numbers.min(initial=0) < 0:
        return pd.factorize(cells, use_na_sentinel=False)
    return numbers, contents


def each_cell(cells: np.ndarray, holds: Callable[[object], bool]) -> np.ndarray:
    """Return whether a condition holds for each cell; check each distinct content once."""
    numbers, contents = number_contents(cells)
    answers = np.array([bool(holds(content)) for content in contents], dtype=bool)
    if not answers.any():
        return np.zeros(len(cells), dtype=bool)
    return answers[numbers]
