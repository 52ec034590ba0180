"""Cells of a column as a layout's steps read and write them. Pure."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from council_finance.uploads.columns import normalised
from council_finance.uploads.layout_data import Layout
from council_finance.uploads.step_data import NameColumn, TakeParts
from council_finance.uploads.total_rows import says_total
from council_finance.uploads.units import split_unit


def each_cell(cells: np.ndarray, holds: Callable[[object], bool]) -> np.ndarray:
    """Whether something holds of each cell, asked once of each content."""
    codes, uniques = pd.factorize(cells, use_na_sentinel=False)
    answers = [bool(holds(cell)) for cell in uniques]
    return np.array([*answers, False], dtype=bool)[codes]


def cell_says_total(cell: object) -> bool:
    """Whether a cell is a text that names a total."""
    return isinstance(cell, str) and says_total(cell)


def parts_taken(text: str, step: TakeParts, highest: int) -> list[str] | None:
    """The parts of a code; an empty list of a blank or of a total, None where it does not split."""
    if not text:
        return []
    parts = [part.strip() for part in text.split(step.separator)]
    if len(parts) == step.count if step.count else len(parts) >= highest:
        return parts if all(parts[place - 1] for place in step.into.values()) else None
    return [] if cell_says_total(text) else None


def in_unit(pence: pd.Series, scale: int) -> np.ndarray:
    """Amounts as texts in the column's unit, exact; blank where none is given."""
    digits = len(str(scale)) + 1
    texts = [
        ""
        if amount is pd.NA
        else f"{'-' if amount < 0 else ''}{abs(amount) // (100 * scale)}"
        f".{abs(amount) % (100 * scale):0{digits}d}"
        for amount in pence.to_list()
    ]
    return np.array([*texts, None], dtype=object)[:-1]


def named_columns(layout: Layout, plain: Sequence[str], carried: Sequence[str]) -> dict[str, int]:
    """The position of each column that a step names by its letter; -1 where another heading is."""
    found = {}
    for step in layout.steps:
        if isinstance(step, NameColumn):
            wanted, place = normalised(step.heading), step.position
            texts = [each[place] for each in (plain, carried) if place < len(each)]
            texts += [split_unit(text)[0] for text in texts]
            is_there = wanted in {normalised(text) for text in texts}
            found[step.name] = place if is_there else -1
    return found
