"""Figures with more than two decimals, as formulas leave them, rounded to the penny. Pure.

Figures are rounded only where the layout says so, and a note says how many and by how much.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from council_finance.money import SCALES, NotAnAmount, parse_amount
from council_finance.uploads.columns import AMOUNT, ColumnSpec
from council_finance.uploads.layout_data import LayoutSpec
from council_finance.uploads.number_formats import ShownNumber
from council_finance.uploads.reading import RawTable
from council_finance.uploads.shown_amounts import as_shown
from council_finance.uploads.step_data import AddColumns, TurnColumns
from council_finance.uploads.total_rows import says_total

_NUMBER = re.compile(r"(?P<whole>[0-9][0-9,]*)?\.(?P<decimals>[0-9]+) *(?P<unit>[km]?)", re.I)


class Rounding:
    """The rounding of columns of amounts: of each column, how many figures and by how much.

    `by` is the sum of what was added to the figures, in pence; `far` the same without signs.
    """

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.by: dict[str, Decimal] = {}
        self.far: dict[str, Decimal] = {}

    def column(
        self, own: str, cells: np.ndarray, scale: int, is_total: Callable[[int], bool]
    ) -> np.ndarray:
        """Return a column's cells in a unit, those beyond the penny rounded half away from nil.

        A total is not stored, so it is rounded and not counted; `is_total` takes its position.
        """
        rounded = cells.copy()
        for place, cell in enumerate(cells):
            if isinstance(cell, float) or (type(cell) is str and "." in cell):
                new, difference = _round_cell(cell, scale)
                if difference:
                    rounded[place] = new
                    if is_total(place):
                        continue
                    self.counts[own] = self.counts.get(own, 0) + 1
                    self.by[own] = self.by.get(own, Decimal(0)) + difference
                    self.far[own] = self.far.get(own, Decimal(0)) + abs(difference)
        return rounded

    def describe_columns(self) -> list[str]:
        """Return a sentence for each column in which figures were rounded."""
        return [
            f"{count:,} figure{'' if count == 1 else 's'} of {own} had more than two decimals and "
            f"{'was' if count == 1 else 'were'} rounded to the penny, as the layout says: by "
            f"{_format_pounds(self.by[own], signed=True)} in all "
            f"({_format_pounds(self.far[own])} without signs)."
            for own, count in self.counts.items()
        ]


def rounded_table(
    body: RawTable, layout: LayoutSpec, place_of: Callable[[str], int], specs: Sequence[ColumnSpec]
) -> RawTable:
    """Return the rows with figures rounded, and notes of it, where the layout says so.

    `place_of` gives the position of a heading; the layout has the unit of every amount.
    """
    if not layout.round_to_penny:
        return body
    cells, rounding = body.cells.copy(), Rounding()

    def is_total(place: int) -> bool:
        return any(isinstance(cell, str) and says_total(cell) for cell in body.cells.iloc[place])

    for own, places in amount_places(body, layout, place_of, specs):
        for place in places:
            column = cells.iloc[:, place].to_numpy(dtype=object)
            rounded = rounding.column(own, column, layout.units[own], is_total)
            cells.isetitem(place, rounded)
    notes = (*body.notes, *rounding.describe_columns())
    return replace(body, cells=cells, notes=notes, rounded=frozenset(rounding.counts))


def amount_places(
    body: RawTable, layout: LayoutSpec, place_of: Callable[[str], int], specs: Sequence[ColumnSpec]
) -> list[tuple[str, list[int]]]:
    """Return the positions of the file's columns that make up each own column of amounts."""
    amounts = {spec.name for spec in specs if spec.kind == AMOUNT}
    found = [(own, [heading]) for heading, own in layout.columns.items() if own in amounts]
    found += [(rule.own, [rule.debit, rule.credit]) for rule in layout.debit_credits]
    found += [(s.into, list(s.columns)) for s in layout.steps if isinstance(s, AddColumns)]
    places = [(own, [place_of(each) for each in headings]) for own, headings in found]
    for step in layout.steps:
        if isinstance(step, TurnColumns):
            turned = [place_of(heading) for heading in step.columns]
            after = range(place_of(step.after) + 1, body.cells.shape[1]) if step.after else ()
            places.append((step.figures_into, turned or list(after)))
    return [(own, [place for place in at if place >= 0]) for own, at in places]


def _round_cell(cell: float | str, scale: int) -> tuple[object, Decimal]:
    """Return a cell rounded to the penny, and the pence added to it; nought where not rounded."""
    if isinstance(cell, ShownNumber):
        return _round_shown_number(cell, scale)
    try:
        parse_amount(cell, scale)
    except NotAnAmount:
        return _round_text(cell, scale) if isinstance(cell, str) else _round_float(cell, scale)
    return cell, Decimal(0)


def _round_shown_number(cell: ShownNumber, scale: int) -> tuple[object, Decimal]:
    """Round a number whose cell may show it in another unit; leave it where that is uncertain."""
    try:
        shown = as_shown(cell, scale)
    except NotAnAmount:
        return cell, Decimal(0)
    if shown == scale:
        return _round_cell(float(cell), scale)
    new, gained = _round_cell(float(cell), shown)
    return (f"{Decimal(str(new)) * shown / scale:f}" if gained else cell), gained


def _round_float(cell: float, scale: int) -> tuple[str, Decimal]:
    exact = Decimal(repr(float(cell)))
    rounded = _round_to_penny(exact, scale)
    return f"{rounded:f}", (rounded - exact) * 100 * scale


def _round_text(cell: str, scale: int) -> tuple[str, Decimal]:
    match = _NUMBER.search(cell)
    if match is None:
        return cell, Decimal(0)
    scale = SCALES[match["unit"].lower()] if match["unit"] else scale
    exact = Decimal((match["whole"] or "0").replace(",", "") + "." + match["decimals"])
    rounded = _round_to_penny(exact, scale)
    text = f"{cell[: match.start()]}{rounded:f}{match['unit']}{cell[match.end() :]}"
    try:
        pence = parse_amount(text, scale)
    except NotAnAmount:
        return cell, Decimal(0)
    gained = (rounded - exact) * 100 * scale
    return text, -gained if (pence or 0) < 0 else gained


def _round_to_penny(exact: Decimal, scale: int) -> Decimal:
    """Return the nearest figure in a unit that is whole pence; a half goes away from nil."""
    return (exact * 100 * scale).quantize(Decimal(1), rounding=ROUND_HALF_UP) / (100 * scale)


def _format_pounds(pence: Decimal, signed: bool = False) -> str:
    text = f"{abs(pence) / 100:.6f}".rstrip("0")
    whole, _, decimals = text.partition(".")
    sign = "-" if pence < 0 else "+" if signed else ""
    return f"{sign}£{whole}.{decimals.ljust(2, '0')}"
