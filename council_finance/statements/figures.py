"""Figures in cells of a spreadsheet: a number, and how that number prints. Pure.

Spreadsheets do not agree on the sign of a format that has conditions (`[<=-500](#,##0,)`): some
print a minus on what rounds to nil. So every cell has a plain format, chosen by what it prints.
"""

import re
from dataclasses import dataclass

from council_finance.quantities import MOST_DECIMALS
from council_finance.statements.display import PENCE_PER_UNIT, Display
from council_finance.statements.model import Cell

_READS_AS_NIL = re.compile(r"0[.0]*%?")


_PRINTED = re.compile(r"[0-9](?:\.(?P<decimals>[0-9]+))?(?![0-9,.])(?P<percent>%)?")


@dataclass(frozen=True)
class NumberShape:
    """How a number that is no money prints: its decimals, and whether a percent sign follows."""

    decimals: int = 0
    is_percent: bool = False


@dataclass(frozen=True)
class Figure:
    """A number of a sheet, in pounds or per cent, and the text that some numbers print as.

    `shape` is that of a number that is no money.

    `below_nil` is printed for a negative number that rounds to nil, `at_nil` for a nil that is a
    percentage of a nil budget; both are empty where the number prints as it is.
    """

    value: float
    kind: str
    below_nil: str = ""
    at_nil: str = ""
    shape: NumberShape = NumberShape()


def figure(cell: Cell, display: Display) -> Figure | None:
    """Return the number of a cell; None where it has none, and then the cell stays empty.

    A percentage of a nil budget is nil where the council prints it so.
    """
    if cell.value is None:
        return _of_nil_budget(cell, display)
    if cell.number is not None:
        return Figure(cell.value, "number", shape=_shape_of(cell.text))
    kind = "amount" if cell.percent is None else "percent"
    below_nil = cell.text if cell.value < 0 and cell.prints_nil else ""
    return Figure(cell.value, kind, below_nil=below_nil)


def _shape_of(text: str) -> NumberShape:
    """Return the shape in which a printed number prints: `282.0% (Pro-rata)` has one decimal."""
    printed = _PRINTED.search(text)
    decimals = len(printed["decimals"] or "") if printed else 0
    return NumberShape(min(decimals, MOST_DECIMALS), bool(printed and printed["percent"]))


def _of_nil_budget(cell: Cell, display: Display) -> Figure | None:
    if cell.text != display.percent_of_nil_budget or not _READS_AS_NIL.fullmatch(cell.text):
        return None
    return Figure(0, "percent", at_nil=cell.text)


def scale(display: Display, kind: str) -> tuple[int, int]:
    """Return the decimals that are shown, and the pounds of one unit (1 for a percentage)."""
    if kind == "percent":
        return display.percent_decimals, 1
    return display.decimals, PENCE_PER_UNIT[display.unit] // 100
