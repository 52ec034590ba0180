"""Describe the rows that are left out: a file's notes, rows that a layout skips. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from council_finance.money import is_amount
from council_finance.uploads.headers import blank, blank_cells
from council_finance.uploads.reading import RawTable
from council_finance.uploads.stated_units import refuse_unclear_units, unit_of_title

_MOST_NAMED = 5
_LONGEST = 60


def refuse_other_units(
    rows: pd.DataFrame, scales: Mapping[str, int], headings: Mapping[str, str], *, layout: bool
) -> None:
    """Raise HeadingsRefused where rows under the headings state another unit than was read.

    `scales` are the units of the columns of amounts, `headings` their headings in the file.
    """
    cells = [cell for row in rows.to_numpy(dtype=object) for cell in row if isinstance(cell, str)]
    units = {unit.scale for unit in map(unit_of_title, cells) if unit is not None}
    other = {own: headings[own] for own, scale in scales.items() if units - {scale}}
    refuse_unclear_units(other, layout=layout)


def describe_notes(rows: pd.DataFrame, numbers: Sequence[int]) -> list[str]:
    """Return sentences on the rows left out as they have no figures and not a line's codes."""
    texts = [
        next(str(cell).strip() for cell in row if not blank(cell))[:_LONGEST]
        for row in rows.to_numpy(dtype=object)[:_MOST_NAMED]
    ]
    sentences = [
        f"Row {number} was left out: it has no figures, and not the codes of a line (“{text}”)."
        for number, text in zip(numbers, texts, strict=False)
    ]
    more = len(numbers) - len(sentences)
    if more:
        rows_were = "row was" if more == 1 else "rows were"
        sentences.append(
            f"{more:,} more {rows_were} left out: without figures and the codes of a line."
        )
    return sentences


def mark_rows_with_figures(
    cells: pd.DataFrame, places: Collection[int] | None = None
) -> np.ndarray:
    """Return a mask of the rows with a figure in one of these columns, or in any column."""
    found = np.zeros(len(cells), dtype=bool)
    for place in range(cells.shape[1]) if places is None else places:
        column = cells.iloc[:, place].to_numpy(dtype=object)
        found |= np.array([not blank(cell) and _is_figure(cell) for cell in column], dtype=bool)
    return found


def _is_figure(cell: object) -> bool:
    return not isinstance(cell, str) or is_amount(cell)


def describe_rows_with_figures(numbers: Sequence[int], why: str) -> list[str]:
    """Return a sentence on rows with figures that a layout leaves out; none for no rows."""
    if not len(numbers):
        return []
    first = ", ".join(str(number) for number in numbers[:_MOST_NAMED])
    if len(numbers) == 1:
        return [f"Row {first} has figures and was left out, {why}."]
    more = f" and {len(numbers) - _MOST_NAMED:,} more" if len(numbers) > _MOST_NAMED else ""
    return [f"Rows {first}{more} have figures and were left out, {why}."]


def without_figures(cells: pd.DataFrame, places: Collection[int]) -> pd.DataFrame:
    """Return the rows that are blank in all of these columns."""
    without = np.arange(len(cells))
    for place in places:
        column = cells.iloc[:, place].to_numpy(dtype=object)
        column = column if len(without) == len(column) else column[without]
        without = without[(column == "") | pd.isna(column)]
    return cells.iloc[without]


def describe_skipped_rows(below: RawTable, kept: RawTable, places: Collection[int]) -> list[str]:
    """Return sentences on rows with figures that a layout skips by the text they begin with."""
    skipped = ~np.isin(below.row_numbers, kept.row_numbers)
    if not skipped.any():
        return []
    has_figures = mark_rows_with_figures(below.cells[skipped], places)
    numbers = below.row_numbers[skipped][has_figures]
    return describe_rows_with_figures(numbers, "as the layout skips rows that begin so")


def without_skipped(raw: RawTable, beginnings: Sequence[str], start: int) -> RawTable:
    """Return the table without blank rows and rows to skip, looked for from row `start` on."""
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
