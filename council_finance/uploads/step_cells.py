"""Cells and columns, as a layout's steps read and write them. Pure."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from council_finance.periods import CLOSE
from council_finance.uploads.columns import CODE, normalised
from council_finance.uploads.layout_data import LayoutSpec
from council_finance.uploads.month_headings import same_but_for_month
from council_finance.uploads.problems import FileRefused, Problem
from council_finance.uploads.step_data import AddColumns, NameColumn, TakeParts
from council_finance.uploads.total_rows import says_total
from council_finance.uploads.units import UNIT_LABELS, split_unit, unit_of

_MONEY = re.compile(r"£|gbp|thousand|million|billion", re.IGNORECASE)


def cell_says_total(cell: object) -> bool:
    """Return True for a cell with a text that names a total."""
    return isinstance(cell, str) and says_total(cell)


def split_code(text: str, step: TakeParts, highest: int) -> list[str] | None:
    """Return the parts of a code; [] for a blank or a total, None where the parts do not fit."""
    if not text:
        return []
    parts = [part.strip() for part in text.split(step.separator)]
    if len(parts) == step.count if step.count else len(parts) >= highest:
        return parts if all(parts[place - 1] for place in step.into.values()) else None
    return [] if cell_says_total(text) else None


def format_in_unit(pence: pd.Series, scale: int) -> np.ndarray:
    """Return pence as exact texts in the column's unit; blank where no amount is given."""
    digits = len(str(scale)) + 1
    texts = [
        ""
        if amount is pd.NA
        else f"{'-' if amount < 0 else ''}{abs(amount) // (100 * scale)}"
        f".{abs(amount) % (100 * scale):0{digits}d}"
        for amount in pence.to_list()
    ]
    return np.array([*texts, None], dtype=object)[:-1]


def named_columns(
    layout: LayoutSpec, plain: Sequence[str], carried: Sequence[str]
) -> dict[str, int]:
    """Return the position of each column that a step names by letter; -1 with another heading."""
    found = {}
    for step in layout.steps:
        if isinstance(step, NameColumn):
            wanted, place = normalised(step.heading), step.position
            texts = [each[place] for each in (plain, carried) if place < len(each)]
            texts += [split_unit(text)[0] for text in texts]
            is_there = wanted in {normalised(text) for text in texts} or any(
                same_but_for_month(step.heading, text) for text in texts
            )
            found[step.name] = place if is_there else -1
    return found


def heading_as_code(title: str, scale: int, own: str) -> str:
    """Return the heading of a column of figures as a code, without the unit that it states.

    `scale` is the unit in which the figures, which become `own`, are read. A code such as K or 000
    is not a unit. Raise `FileRefused` where the heading states another unit.
    """
    unit = unit_of(title)
    if unit.scale == 1 or not _MONEY.search(title):
        return title
    if unit.scale != scale:
        said = UNIT_LABELS.get(unit.scale or 0, "a unit that is not known")
        raise FileRefused(
            Problem(
                f"The heading “{title}” says {said}, and the figures are read in "
                f"{UNIT_LABELS[scale]}. Say their unit in the layout: {own} = "
                '"k" (£000), "m", "bn" or "pounds" under [units].'
            )
        )
    code = re.search(re.escape(unit.rest.strip(" ()[]:-")), title, re.IGNORECASE)
    return code[0] if code else title


def months_to_add(step: AddColumns, period: int | None) -> tuple[str, ...]:
    """Return the columns of months up to a period; all of them at the close.

    Raise `FileRefused` for period 0, a whole year, or a period without a column.
    """
    if not period:
        raise FileRefused(
            Problem(
                f"The layout adds months up to the period as {step.into}; a file of the whole "
                "year, or of period 0, has none."
            )
        )
    if period == CLOSE:
        return step.columns
    if period > len(step.columns):
        raise FileRefused(
            Problem(
                f"The layout names {len(step.columns)} columns of months for {step.into}; "
                f"period {period} needs {period}."
            )
        )
    return step.columns[:period]


def find_code_places(
    layout: LayoutSpec, places: Mapping[str, int], column_kinds: Mapping[str, str]
) -> list[int]:
    """Return the positions of the file's columns that hold codes, by the layout.

    `places` are the positions of headings and of columns that steps made.
    """
    headings = [own for own in places if column_kinds.get(own) == CODE]
    headings += [
        heading for heading, own in layout.columns.items() if column_kinds.get(own) == CODE
    ]
    headings += [
        split.heading
        for split in layout.splits
        if any(column_kinds.get(own) == CODE for own in split.into)
    ]
    return [places[heading] for heading in headings]


def find_own_column(layout: LayoutSpec, heading: str) -> str:
    """Return the own column of amounts that a file's column becomes, or that a step made."""
    own = dict(layout.columns)
    own |= {each: r.own for r in layout.debit_credits for each in (r.debit, r.credit)}
    return own.get(heading, heading)
