"""Find the headings of a layout in a file, also where they bear the month of the file. Pure."""

from collections.abc import Mapping, Sequence

import pandas as pd

from council_finance.uploads.cells import BadCell, text_of
from council_finance.uploads.columns import normalised
from council_finance.uploads.headers import HEADINGS_WITHIN
from council_finance.uploads.layout_data import LayoutSpec
from council_finance.uploads.month_headings import later_months, place_by_month
from council_finance.uploads.problems import HeadingsRefused, Problem
from council_finance.uploads.reading import RawTable
from council_finance.uploads.step_cells import named_columns
from council_finance.uploads.units import split_unit


def find_headings(
    raw: RawTable, layout: LayoutSpec, *, exact: bool = False
) -> tuple[dict[str, int], dict[str, str], int]:
    """Return the columns and texts of the layout's headings, and the last heading row."""
    best: tuple[int, list[str]] | None = None
    for first in range(min(HEADINGS_WITHIN, len(raw.cells) - layout.header_rows + 1)):
        rows = raw.cells.iloc[first : first + layout.header_rows]
        plain, carried = heading_texts(rows)
        found = locate_headings(layout, plain, carried, exact=exact)
        missing = [heading for heading, places in found.items() if not places]
        if not missing:
            _refuse_twice(found)
            places = {heading: at[0] for heading, at in found.items()}
            texts = {heading: plain[at] for heading, at in places.items()}
            return places, texts, first + layout.header_rows - 1
        if best is None or len(missing) < best[0]:
            best = (len(missing), missing)
    missing = best[1] if best else layout.headings
    raise HeadingsRefused(
        *(Problem(f"The heading “{heading}” of the layout is missing.") for heading in missing)
    )


def locate_headings(
    layout: LayoutSpec, plain: list[str], carried: list[str], *, exact: bool = False
) -> dict[str, list[int]]:
    """Return the columns that have each heading of a layout, and each that a step names by letter.

    `plain` and `carried` are the headings of the columns, alone and with their group headings.
    With `exact`, a heading that bears another month than the layout's is not taken for it.
    """
    found = {heading: _places_of_heading(heading, plain, carried) for heading in layout.headings}
    if not exact:
        found |= _find_other_months(found, plain, carried)
    named = named_columns(layout, plain, carried)
    return found | {name: [place] if place >= 0 else [] for name, place in named.items()}


def heading_texts(rows: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Return each column's heading: its own texts, and with group headings carried to the right."""
    texts = [[_heading_cell_text(cell) for cell in row] for row in rows.to_numpy()]
    carried = [list(row) for row in texts]
    for row in carried[:-1]:
        for place in range(1, len(row)):
            row[place] = row[place] or row[place - 1]
    joined = [
        [" ".join(filter(None, column)) for column in zip(*each, strict=True)]
        for each in (texts, carried)
    ]
    return joined[0], joined[1]


def _heading_cell_text(cell: object) -> str:
    """Return a heading's text; blank for an unreadable cell. A workbook may hold it as a number."""
    try:
        return text_of(cell)
    except BadCell:
        return ""


def _places_of_heading(heading: str, plain: list[str], carried: list[str]) -> list[int]:
    """Return the columns with a heading: as it is, without a unit, or with a group heading."""
    wanted = normalised(heading)
    for texts in (plain, [split_unit(text)[0] for text in plain], carried):
        places = [place for place, text in enumerate(texts) if normalised(text) == wanted]
        if places:
            return places
    return []


def _find_other_months(
    found: Mapping[str, list[int]], plain: list[str], carried: list[str]
) -> dict[str, list[int]]:
    """Return the columns of headings that the file has with another month."""
    missing = [heading for heading, places in found.items() if not places]
    titles = list(zip(plain, carried, strict=True)) if missing else []
    places = {heading: place_by_month(heading, found, titles) for heading in missing}
    return {heading: [place] for heading, place in places.items() if place is not None}


def describe_later_months(texts: Mapping[str, str], titles: Sequence[str]) -> list[str]:
    """Return a sentence on each heading beside which the file has one of a later month."""
    read = set(texts.values())
    return [
        f"“{text}” was read, and the file has “{later[-1]}” too, which is later. If that is the "
        "column of this month, match the columns again."
        for text in texts.values()
        if (later := [title for title in later_months(text, titles) if title not in read])
    ]


def _refuse_twice(found: dict[str, list[int]]) -> None:
    twice = [heading for heading, places in found.items() if len(places) > 1]
    if twice:
        raise HeadingsRefused(
            *(Problem(f"The heading “{heading}” is in the file twice.") for heading in twice)
        )
