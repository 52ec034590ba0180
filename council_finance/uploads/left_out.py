"""What is said of rows that are left out: notes of a file, rows that a layout skips. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from council_finance.money import is_amount
from council_finance.uploads.headers import blank, blank_cells
from council_finance.uploads.reading import RawTable
from council_finance.uploads.stated_units import refuse_unclear_units, unit_of_title

_TOLD = 5
_LONGEST = 60


def refuse_other_units(
    rows: pd.DataFrame, scales: Mapping[str, int], headings: Mapping[str, str], *, layout: bool
) -> None:
    """Raise HeadingsRefused where rows under the headings state another unit than was read.

    `scales` are the units of the columns of amounts, `headings` what the file calls them.
    """
    cells = [cell for row in rows.to_numpy(dtype=object) for cell in row if isinstance(cell, str)]
    units = {unit.scale for unit in map(unit_of_title, cells) if unit is not None}
    other = {own: headings[own] for own, scale in scales.items() if units - {scale}}
    refuse_unclear_units(other, layout=layout)


def told_of_notes(rows: pd.DataFrame, numbers: Sequence[int]) -> list[str]:
    """Sentences on rows that hold no figure and no code that a line needs."""
    texts = [
        next(str(cell).strip() for cell in row if not blank(cell))[:_LONGEST]
        for row in rows.to_numpy(dtype=object)[:_TOLD]
    ]
    told = [
        f"Row {number} was left out: it has no figures, and not the codes of a line (“{text}”)."
        for number, text in zip(numbers, texts, strict=False)
    ]
    more = len(numbers) - len(told)
    if more:
        rows_were = "row was" if more == 1 else "rows were"
        told.append(f"{more:,} more {rows_were} left out: without figures and the codes of a line.")
    return told


def with_figures(cells: pd.DataFrame, places: Collection[int] | None = None) -> np.ndarray:
    """Which rows have a figure in one of the columns in these places, or in any."""
    found = np.zeros(len(cells), dtype=bool)
    for place in range(cells.shape[1]) if places is None else places:
        column = cells.iloc[:, place].to_numpy(dtype=object)
        found |= np.array([not blank(cell) and _is_figure(cell) for cell in column], dtype=bool)
    return found


def _is_figure(cell: object) -> bool:
    return not isinstance(cell, str) or is_amount(cell)


def told_of_figures(numbers: Sequence[int], why: str) -> list[str]:
    """A sentence on rows with figures that a layout leaves out; none where there are none."""
    if not len(numbers):
        return []
    first = ", ".join(str(number) for number in numbers[:_TOLD])
    if len(numbers) == 1:
        return [f"Row {first} has figures and was left out, {why}."]
    more = f" and {len(numbers) - _TOLD:,} more" if len(numbers) > _TOLD else ""
    return [f"Rows {first}{more} have figures and were left out, {why}."]


def without_figures(cells: pd.DataFrame, places: Collection[int]) -> pd.DataFrame:
    """The rows that have nothing in the columns in these places."""
    without = np.arange(len(cells))
    for place in places:
        column = cells.iloc[:, place].to_numpy(dtype=object)
        column = column if len(without) == len(column) else column[without]
        without = without[(column == "") | pd.isna(column)]
    return cells.iloc[without]


def told_of_skipped(below: RawTable, kept: RawTable, places: Collection[int]) -> list[str]:
    """What to say of rows with figures that a layout skips for the text with which they begin."""
    skipped = ~np.isin(below.row_numbers, kept.row_numbers)
    if not skipped.any():
        return []
    has_figures = with_figures(below.cells[skipped], places)
    numbers = below.row_numbers[skipped][has_figures]
    return told_of_figures(numbers, "as the layout skips rows that begin so")


def without_skipped(raw: RawTable, beginnings: Sequence[str], start: int) -> RawTable:
    """From row `start` on, without blank rows and those that begin with a text to skip."""
    starts = tuple(text.casefold() for text in beginnings)
    kept = np.ones(len(raw.cells), dtype=bool)
    left = np.arange(start, len(raw.cells))
    for place in range(raw.cells.shape[1]):
        if left.size == 0:
            break
        column = raw.cells.iloc[left, place].to_numpy(dtype=object)
        empty = blank_cells(column)
        if starts:
            texts = (str(cell).strip().casefold() for cell in column[~empty])
            kept[left[~empty]] = [not text.startswith(starts) for text in texts]
        left = left[empty]
    kept[left] = False
    if kept.all():
        return raw
    return replace(raw, cells=raw.cells[kept], rows=raw.row_numbers[kept])
