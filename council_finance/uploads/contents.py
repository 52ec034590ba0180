"""Find the distinct contents of a column's cells, so that each is processed once. Pure."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pandas as pd

from council_finance.uploads.file_texts import FileTexts

Cells: TypeAlias = "np.ndarray | pd.Categorical | FileTexts"
"""A column of cells; as categories where its contents are numbered already."""


def as_categories(cells: np.ndarray) -> Cells:
    """Return a column of plain texts as categories, in order of appearance; others unchanged.

    Every later step then numbers its contents for nothing.
    """
    if set(map(type, cells.tolist())) != {str}:
        return cells
    return from_numbers(*number_contents(cells))


def from_numbers(numbers: np.ndarray, contents: np.ndarray) -> pd.Categorical:
    """Return the categories whose numbers and contents `number_contents` returned."""
    return pd.Categorical.from_codes(numbers, categories=pd.Index(contents, dtype=object))


def number_contents(cells: "Cells | pd.Series") -> tuple[np.ndarray, np.ndarray]:
    """Return the number of each cell's content, and the distinct contents in order of appearance.

    Blank cells of a workbook (None or NaN) are a content too.
    """
    if isinstance(cells, pd.Series):
        is_numbered = isinstance(cells.dtype, pd.CategoricalDtype)
        cells = cells.array if is_numbered else cells.to_numpy()
    if isinstance(cells, FileTexts):
        if cells.numbered is not None:
            return cells.numbered
        cells = cells.texts
    if isinstance(cells, pd.Categorical):
        return cells.codes.astype("int64"), cells.categories.to_numpy()
    numbers, contents = pd.factorize(cells)
    if numbers.min(initial=0) < 0:
        return pd.factorize(cells, use_na_sentinel=False)
    return numbers, contents


def each_cell(cells: Cells, holds: Callable[[object], bool]) -> np.ndarray:
    """Return whether a condition holds for each cell; check each distinct content once."""
    numbers, contents = number_contents(cells)
    answers = np.array([bool(holds(content)) for content in contents], dtype=bool)
    if not answers.any():
        return np.zeros(len(cells), dtype=bool)
    return answers[numbers]
