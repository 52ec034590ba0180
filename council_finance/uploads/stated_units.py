"""The unit of each column of a file, wherever the file states it. Pure.

A file states it in the heading, in a row of units above or below the headings, in a title
(`All figures in £000`) or in the sheet's name.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from council_finance.uploads.columns import AMOUNT, ColumnSpec, normalised
from council_finance.uploads.headers import HEADINGS_WITHIN, blank
from council_finance.uploads.layout_data import LayoutSpec
from council_finance.uploads.problems import HeadingsRefused, Problem
from council_finance.uploads.reading import RawTable
from council_finance.uploads.step_data import AddColumns, TurnColumns
from council_finance.uploads.units import UNIT_LABELS, Unit, unit_of

_LONGEST_TITLE = 200
_AN_AMOUNT = re.compile(r"(?:£|gbp)\s*[1-9][0-9,.]*(?![0-9,.]*'?s\b)", re.IGNORECASE)
_SAYS_UNIT = re.compile(r"£|gbp|\b(?:figures|amounts|values|all|in|units?)\b", re.IGNORECASE)
_IN_POUNDS = re.compile(r"\b(?:in|units?:?)\s*£", re.IGNORECASE)


class StatedUnits:
    """The units that a file states around its headings, which are in rows `first` to `last`.

    `rows_below` is the number of rows of units below the headings, which are not data.
    """

    def __init__(self, raw: RawTable, first: int, last: int):
        self.below = _read_unit_row(raw, last + 1)
        self.rows_below = 1 if self.below else 0
        self.above: dict[int, int | None] = {}
        self.titles: dict[int | None, int] = {}
        if named := unit_of_title(raw.sheet):
            self.titles[named.scale] = 0
        for position in range(max(0, first - HEADINGS_WITHIN), first):
            self._note_title_row(raw, position)

    def _note_title_row(self, raw: RawTable, position: int) -> None:
        row = int(raw.row_numbers[position])
        if units := _read_unit_row(raw, position):
            self.above |= units
            self.titles |= dict.fromkeys(units.values(), row)
            return
        for cell in raw.cells.iloc[position]:
            unit = unit_of_title(cell) if isinstance(cell, str) else None
            if unit is not None:
                self.titles[unit.scale] = row

    def scale(self, place: int, heading: str) -> int | None:
        """Return the scale of the column in a place under a heading; None: the officer must say it.

        The unit nearest to the figures wins; where a heading has a pound sign and the title
        another unit, it is not certain.
        """
        own = unit_of(heading)
        if own.scale != 1:
            return own.scale
        if self.below:
            return self.below.get(place, 1 if own.stated else None)
        if place in self.above and not own.stated:
            return self.above[place]
        if len(self.titles) > 1:
            return None
        general = next(iter(self.titles), 1)
        return None if own.stated and general != 1 else general

    @property
    def beside_headings(self) -> int | None:
        """Return the scale of figures whose headings are codes without a unit; None: unclear."""
        stated = set(self.below.values()) or set(self.titles)
        return next(iter(stated), 1) if len(stated) <= 1 else None

    def describe_scales(self, scales: Mapping[str, tuple[str, int]]) -> list[str]:
        """Return sentences on columns (name: heading, scale) whose heading states no unit."""
        found: dict[int, list[str]] = {}
        for heading, scale in scales.values():
            if unit_of(heading).scale != scale:
                found.setdefault(scale, []).append(heading)
        return [
            f"Read in {UNIT_LABELS[scale]}, as the file says beside its headings: "
            f"{', '.join(dict.fromkeys(headings))}."
            for scale, headings in found.items()
        ]


def _read_unit_row(raw: RawTable, position: int) -> dict[int, int | None]:
    """Return the scales in a row that holds nothing but units, by position; {} for other rows."""
    if position >= len(raw.cells):
        return {}
    units: dict[int, int | None] = {}
    for place, cell in enumerate(raw.cells.iloc[position]):
        if blank(cell):
            continue
        if not isinstance(cell, str) or cell.strip().isdigit() or not unit_of(cell).alone:
            return {}
        units[place] = unit_of(cell).scale
    return units


def unit_of_title(text: str) -> Unit | None:
    """Return the unit of a title over the table; None for a title with an amount (over £1m)."""
    if len(text) > _LONGEST_TITLE or not _SAYS_UNIT.search(text) or _AN_AMOUNT.search(text):
        return None
    unit = unit_of(text)
    if not unit.stated or unit.scale == 1:
        return None
    return unit if unit.scale is not None or _IN_POUNDS.search(text) else None


def with_units(
    layout: LayoutSpec,
    units: StatedUnits,
    places: Mapping[str, int],
    texts: Mapping[str, str],
    specs: tuple[ColumnSpec, ...],
) -> tuple[LayoutSpec, list[str]]:
    """Return the layout with the unit of every column of amounts, and notes on the units.

    `places` and `texts` are the position and the text in the file of each heading of the layout.
    A unit in the layout wins over one in the file. Raise `HeadingsRefused` where neither states it
    in a way that is understood.
    """
    amounts = {spec.name for spec in specs if spec.kind == AMOUNT}
    sources: dict[str, tuple[str, ...]] = {
        own: (heading,) for heading, own in layout.columns.items() if own in amounts
    }
    sources |= {rule.own: (rule.debit, rule.credit) for rule in layout.debit_credits}
    sources |= {step.into: step.columns for step in layout.steps if isinstance(step, AddColumns)}
    turned = {step.figures_into for step in layout.steps if isinstance(step, TurnColumns)}
    known = {normalised(heading): heading for heading in places}
    settled: dict[str, int | None] = dict(layout.units)
    described: dict[str, str] = {}
    for own in turned - settled.keys():
        settled[own] = units.beside_headings
        described[own] = "the figures of the columns that are turned"
    for own in sources.keys() - settled.keys():
        headings = [known[normalised(each)] for each in sources[own] if normalised(each) in known]
        scales = {units.scale(places[each], texts[each]) for each in headings}
        scales |= {settled.get(each, 1) for each in sources[own] if normalised(each) not in known}
        settled[own] = scales.pop() if len(scales) == 1 else None
        described[own] = " / ".join(texts[each] for each in headings)
    unclear = {own: described[own] for own, scale in settled.items() if scale is None}
    refuse_unclear_units(unclear, layout=True)
    scales_found = {own: scale for own, scale in settled.items() if scale is not None}
    notes = {own: (heading, scales_found[own]) for own, heading in described.items()}
    return replace(layout, units=scales_found), units.describe_scales(notes)


def refuse_unclear_units(unclear: dict[str, str], *, layout: bool) -> None:
    """Raise `HeadingsRefused` where the unit of a column (name: heading) is not certain."""
    problems = []
    for own, heading in unclear.items():
        line = f'{own} = "k" (£000), "m", "bn" or "pounds" under [units]'
        how = line if layout else f'"{heading}" = "{own}" under [columns] and {line}'
        problems.append(
            Problem(
                f"It is not certain in which unit the figures under “{heading}” are. Say it where "
                f"columns are matched, or in a layout: {how}."
            )
        )
    if problems:
        raise HeadingsRefused(*problems)
