"""Spending to date: what it leaves of the budget and of the forecast. Pure."""

from dataclasses import dataclass

from council_finance.money import round_half_away
from monitoring.forecast_methods.run_rate import MONTHS

CHANGE_TO_ASK_ABOUT = 20
"""Per cent by which monthly spending may change in the rest of the year without a query."""


@dataclass(frozen=True)
class Spending:
    """Spending to date and forecast for the rest of the year, in pence.

    `profile` is None where the lines have no profiled budget. `a_month` is the monthly spending to
    date, `rest_a_month` that forecast for the remaining months, and `percent` the change from the
    first to the second in whole per cent, None where the first is nil.
    """

    actual: int
    profile: int | None
    months_left: int
    rest: int
    a_month: int
    rest_a_month: int
    percent: int | None

    @property
    def implausible(self) -> bool:
        """Return True where the change is large, or is from nil, and somebody should explain it."""
        return self.percent is None or abs(self.percent) > CHANGE_TO_ASK_ABOUT


def available(budget: int, committed: int | None, actual: int | None) -> int:
    """Return what is left of a budget, in pence; what the ledger does not give takes nothing."""
    return budget - (committed or 0) - (actual or 0)


def spending(
    *, number: int, actual: int | None, forecast: int | None, profile: int | None
) -> Spending | None:
    """Return the monthly spending that the forecast implies for the rest of the year.

    Return None before month 1, in the last month and at the close, and where there is no actual or
    no forecast. Amounts are rounded half away from zero.
    """
    if actual is None or forecast is None or not 1 <= number < MONTHS:
        return None
    left, rest = MONTHS - number, forecast - actual
    # Both rates are multiplied by number x left, so that they are compared before any rounding.
    before, after = actual * left, rest * number
    percent = round_half_away((after - before) * 100, abs(before)) if before else None
    return Spending(
        actual=actual,
        profile=profile,
        months_left=left,
        rest=rest,
        a_month=round_half_away(actual, number),
        rest_a_month=round_half_away(rest, left),
        percent=0 if before == after == 0 else percent,
    )
