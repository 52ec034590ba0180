"""Carrying indicators into the next year: their definitions and targets, without values."""

from council_finance.registry import carried_forward
from monitoring.models import FinancialYear
from performance.indicators.selectors.register import register
from performance.indicators.services import copy_indicators


@carried_forward("indicators")
def carry_indicators_forward(year: FinancialYear, following: FinancialYear) -> int:
    """Make the indicators of the next year, and return how many there are.

    A target stands until the next year's file gives another; the year's values become earlier ones,
    with which it is compared.
    """
    return copy_indicators(register(year), following)
