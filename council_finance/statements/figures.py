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
_PRINTED = re.compile(r"(?P<whole>[0-9,]*[0-9])(?:\.(?P<decimals>[0-9]+))?(?P<after>.*)")

LONGEST_REMARK = 40
"""Characters: number formats of spreadsheets hold 255, and a remark stands in them twice."""


@dataclass(frozen=True)
class NumberShape:
    """How a number that is no money prints.

    Its decimals, the text that follows (`%`, ` (Pro-rata)`; the closing bracket too where it
    stands in brackets), whether it begins with a bracket, as a negative one may, and how often it
    is divided by 1,000, such as once for a unit cost of a statement in £000.
    """

    decimals: int = 0
    after: str = ""
    in_brackets: bool = False
    thousands: int = 0


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
        return Figure(cell.value, "number", shape=_shape_of(cell))
    kind = "amount" if cell.percent is None else "percent"
    below_nil = cell.text if cell.value < 0 and cell.prints_nil else ""
    return Figure(cell.value, kind, below_nil=below_nil)


def _shape_of(cell: Cell) -> NumberShape:
    """Return the shape in which a number prints: `282.0% (Pro-rata)` has one decimal."""
    printed = _PRINTED.search(cell.text)
    if printed is None:
        return NumberShape()
    decimals = min(len(printed["decimals"] or ""), MOST_DECIMALS)
    number = float(f"{printed['whole'].replace(',', '')}.{printed['decimals'] or 0}")
    return NumberShape(
        decimals,
        printed["after"] if len(printed["after"]) <= LONGEST_REMARK else "",
        cell.text.startswith("("),
        _times_divided(abs(cell.value or 0), number, decimals),
    )


def _times_divided(value: float, printed: float, decimals: int) -> int:
    """Return how often a value was divided by 1,000 for its print; 0 where it is unclear."""
    near = 0.5001 / 10**decimals
    fitting = [times for times in range(3) if abs(value / 1_000**times - printed) <= near]
    return fitting[0] if fitting else 0


def _of_nil_budget(cell: Cell, display: Display) -> Figure | None:
    if cell.text != display.percent_of_nil_budget or not _READS_AS_NIL.fullmatch(cell.text):
        return None
    return Figure(0, "percent", at_nil=cell.text)


def scale(display: Display, kind: str) -> tuple[int, int]:
    """Return the decimals that are shown, and the pounds of one unit (1 for a percentage)."""
    if kind == "percent":
        return display.percent_decimals, 1
    return display.decimals, PENCE_PER_UNIT[display.unit] // 100
