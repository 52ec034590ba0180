"""Figures with more than two decimals, as formulas leave them, rounded to the penny. Pure.

Only a layout that says so rounds; what was rounded, and by how much, is told.
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
    """Rounds columns of amounts, and keeps of each how many figures it rounded and by how much.

    `by` is the sum of what was added to the figures, in pence; `far` the same without signs.
    """

    def __init__(self):
        self.counts: dict[str, int] = {}
        self.by: dict[str, Decimal] = {}
        self.far: dict[str, Decimal] = {}

    def column(
        self, own: str, cells: np.ndarray, scale: int, is_total: Callable[[int], bool]
    ) -> np.ndarray:
        """The cells of a column in a unit, those beyond the penny rounded half away from nil.

        A total, which is not stored, is rounded and not counted; `is_total` tells it by its place.
        """
        rounded = cells.copy()
        for place, cell in enumerate(cells):
            if isinstance(cell, float) or (type(cell) is str and "." in cell):
                new, difference = _rounded(cell, scale)
                if difference:
                    rounded[place] = new
                    if is_total(place):
                        continue
                    self.counts[own] = self.counts.get(own, 0) + 1
                    self.by[own] = self.by.get(own, Decimal(0)) + difference
                    self.far[own] = self.far.get(own, Decimal(0)) + abs(difference)
        return rounded

    def told(self) -> list[str]:
        """What was rounded, column by column, in sentences."""
        return [
            f"{count:,} figure{'' if count == 1 else 's'} of {own} had more than two decimals and "
            f"{'was' if count == 1 else 'were'} rounded to the penny, as the layout says: by "
            f"{_pounds(self.by[own], signed=True)} in all ({_pounds(self.far[own])} without signs)."
            for own, count in self.counts.items()
        ]


def rounded_table(
    body: RawTable, layout: LayoutSpec, place_of: Callable[[str], int], specs: Sequence[ColumnSpec]
) -> RawTable:
    """The rows under the headings with figures rounded, and notes of it, if the layout says so.

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
    notes = (*body.notes, *rounding.told())
    return replace(body, cells=cells, notes=notes, rounded=frozenset(rounding.counts))


def amount_places(
    body: RawTable, layout: LayoutSpec, place_of: Callable[[str], int], specs: Sequence[ColumnSpec]
) -> list[tuple[str, list[int]]]:
    """Of each own column of amounts, the positions of the columns that it is made of."""
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


def _rounded(cell: float | str, scale: int) -> tuple[object, Decimal]:
    """A cell rounded to the penny and the pence that it gained; nought where nothing is rounded."""
    if isinstance(cell, ShownNumber):
        return _rounded_as_shown(cell, scale)
    try:
        parse_amount(cell, scale)
    except NotAnAmount:
        return _rounded_text(cell, scale) if isinstance(cell, str) else _of_float(cell, scale)
    return cell, Decimal(0)


def _rounded_as_shown(cell: ShownNumber, scale: int) -> tuple[object, Decimal]:
    """The same of a number that its cell may show in another unit; left where that is not sure."""
    try:
        shown = as_shown(cell, scale)
    except NotAnAmount:
        return cell, Decimal(0)
    if shown == scale:
        return _rounded(float(cell), scale)
    new, gained = _rounded(float(cell), shown)
    return (f"{Decimal(str(new)) * shown / scale:f}" if gained else cell), gained


def _of_float(cell: float, scale: int) -> tuple[object, Decimal]:
    exact = Decimal(repr(float(cell)))
    rounded = _to_penny(exact, scale)
    return f"{rounded:f}", (rounded - exact) * 100 * scale


def _rounded_text(cell: str, scale: int) -> tuple[object, Decimal]:
    match = _NUMBER.search(cell)
    if match is None:
        return cell, Decimal(0)
    scale = SCALES[match["unit"].lower()] if match["unit"] else scale
    exact = Decimal((match["whole"] or "0").replace(",", "") + "." + match["decimals"])
    rounded = _to_penny(exact, scale)
    text = f"{cell[: match.start()]}{rounded:f}{match['unit']}{cell[match.end() :]}"
    try:
        pence = parse_amount(text, scale)
    except NotAnAmount:
        return cell, Decimal(0)
    gained = (rounded - exact) * 100 * scale
    return text, -gained if (pence or 0) < 0 else gained


def _to_penny(exact: Decimal, scale: int) -> Decimal:
    """The nearest figure in a unit that is whole pence; a half goes away from nil."""
    return (exact * 100 * scale).quantize(Decimal(1), rounding=ROUND_HALF_UP) / (100 * scale)


def _pounds(pence: Decimal, signed: bool = False) -> str:
    text = f"{abs(pence) / 100:.6f}".rstrip("0")
    whole, _, decimals = text.partition(".")
    sign = "-" if pence < 0 else "+" if signed else ""
    return f"{sign}£{whole}.{decimals.ljust(2, '0')}"
