"""Other numbers of a group: what they would cost this year and in a full year. Pure.

Volumes are in ten-thousandths, money in pence; None is not given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from council_finance.money import round_half_away
from council_finance.quantities import PARTS, as_fraction
from performance.activity.report_rows import LineRow
from performance.activity.rules import product_of, round_pence

MONTHS = 12


@dataclass(frozen=True)
class Numbers:
    """The volume and unit cost of a line as somebody imagines them."""

    volume: int
    unit_cost: int


@dataclass(frozen=True)
class WhatIf:
    """The effect of other numbers of a line, in pence: positive costs more."""

    line: LineRow
    numbers: Numbers
    full_year: int
    this_year: int


def months_left(number: int) -> int:
    """Return the months of the year that follow a period."""
    return max(0, MONTHS - number)


def can_be_imagined(line: LineRow) -> bool:
    """Return whether a line has all that its cost in a full year is worked out from."""
    return line.exit_run_rate is not None


def current_numbers(line: LineRow) -> Numbers:
    """Return a line's numbers as they are; its unit cost to the penny. It must have them."""
    if line.volume is None or line.unit_cost is None:
        raise ValueError(f"{line.reference} has no volume or unit cost")
    return Numbers(line.volume, round_pence(line.unit_cost))


def imagine(line: LineRow, numbers: Numbers, months: int) -> WhatIf:
    """Return the effect of other numbers from next month on, for the rest of the year and a year.

    The forecast is taken to hold today's numbers for the rest of the year.
    """
    now = current_numbers(line)
    before = product_of(now.volume, Fraction(now.unit_cost), line.units) or Fraction(0)
    after = product_of(numbers.volume, Fraction(numbers.unit_cost), line.units) or Fraction(0)
    change = after - before
    return WhatIf(line, numbers, round_pence(change), round_pence(change * months / MONTHS))


def imagine_all(
    lines: Sequence[LineRow], numbers: Mapping[str, Numbers], months: int
) -> list[WhatIf]:
    """Return the effect for each line that can be imagined, by default with its own numbers."""
    return [
        imagine(line, numbers.get(line.reference) or current_numbers(line), months)
        for line in lines
        if can_be_imagined(line)
    ]


@dataclass(frozen=True)
class OneMore:
    """What one more of a line costs, in a full year and from next month to the year's end."""

    line: LineRow
    full_year: int
    this_year: int

    def fewer_to_save(self, pence: int) -> int | None:
        """Return how many fewer, rounded up to whole ones, save an amount by the year's end.

        None where the year has no month left, or one more costs nothing.
        """
        if self.this_year <= 0:
            return None
        return -(-pence // self.this_year)


def one_more(line: LineRow, months: int) -> OneMore | None:
    """Return what one more costs; None without a unit cost or known units."""
    cost = line.unit_cost
    if cost is None or line.units is None or not line.has_volume:
        return None
    year = cost * as_fraction(line.units)
    return OneMore(line, round_pence(year), round_pence(year * months / MONTHS))


def share_of(part: int | None, whole: int | None) -> int | None:
    """Return a part in per cent of the whole, in ten-thousandths of one per cent; None of nil."""
    if part is None or not whole:
        return None
    return round_half_away(part * 100 * PARTS, whole)
