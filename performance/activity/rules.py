"""Rules of activity: unit costs, effects of volume and price, and the run-rate. Pure.

Money is in pence, volumes and units a year in ten-thousandths; what divides stays a fraction until
it is rounded once, half away from zero. None is not given, or cannot be worked out.
"""

from dataclasses import dataclass
from fractions import Fraction

from council_finance.money import round_half_away
from council_finance.quantities import PARTS, as_fraction

VOLUME, COST, ADJUSTMENT, INCOME = "volume", "cost", "adjustment", "income"
AVERAGE, SNAPSHOT = "average", "snapshot"
DERIVED = "derived"
WITHOUT_VOLUME = (COST, ADJUSTMENT, INCOME)

HALF_OF_PRINTED_BUDGET = 50_000
"""Pence: the budgets of printed tables are rounded to £1,000."""


def round_pence(amount: Fraction) -> int:
    """Return a fraction of pence rounded to the penny, half away from zero."""
    return round_half_away(amount.numerator, amount.denominator)


def unit_cost_of(cost: int | None, volume: int | None, units: int | None) -> Fraction | None:
    """Return cost ÷ volume ÷ units a year, in pence; None without a volume or the units."""
    if cost is None or not volume or not units:
        return None
    return cost / as_fraction(volume) / as_fraction(units)


def product_of(
    volume: int | None, unit_cost: Fraction | None, units: int | None
) -> Fraction | None:
    """Return volume × unit cost × units a year, in pence; None where one of them is not given."""
    if volume is None or unit_cost is None or units is None:
        return None
    return as_fraction(volume) * unit_cost * as_fraction(units)


@dataclass(frozen=True)
class Effects:
    """The parts of a variance in pence: more people, dearer care, and money without a volume."""

    volume: int | None
    unit_cost: int | None
    other: int | None


NO_EFFECTS = Effects(None, None, None)


def effects_of(
    budget: int | None, forecast: int | None, budget_volume: int | None, volume: int | None
) -> Effects:
    """Return the parts of forecast less budget, which add up to it to the penny.

    The volume effect is the change of volume at the unit cost that the budget implies, and the unit
    cost effect is the rest. A stated unit cost plays no part: products of stated ones seldom give
    the budget. Without both volumes, or a budgeted one of nil, there is no price to split by, and
    the variance is `other`.
    """
    if budget is None or forecast is None:
        return NO_EFFECTS
    variance = forecast - budget
    if not budget_volume or volume is None:
        return Effects(None, None, variance)
    more = round_pence(Fraction(budget * (volume - budget_volume), budget_volume))
    return Effects(more, variance - more, None)


def rounding_of_product(volume: int, units: int, decimals: int) -> Fraction:
    """Return by how much, in pence, volume × unit cost × units may miss a budget as printed.

    It is half of the unit cost's last decimal for every unit, and £500 of the budget.
    """
    half = Fraction(100, 2 * 10**decimals)
    return abs(as_fraction(volume)) * as_fraction(units) * half + HALF_OF_PRINTED_BUDGET


def direction_of(now: int | Fraction | None, before: int | Fraction | None) -> int | None:
    """Return 1 for more than in the previous report, 0 for the same and -1 for less.

    It is neither good nor bad. None where one of them is not given.
    """
    if now is None or before is None:
        return None
    return (now > before) - (now < before)


def to_quantity(pence: Fraction) -> int:
    """Return pence as ten-thousandths of a pound, rounded once."""
    return round_half_away(pence.numerator * PARTS, pence.denominator * 100)
