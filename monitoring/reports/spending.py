"""Spending so far beside what the forecast leaves for the rest of the year. Pure."""

from dataclasses import dataclass

from council_finance.money import round_half_away
from monitoring.forecasts.run_rate import MONTHS

CHANGE_TO_ASK_ABOUT = 20
"""Per cent by which the rest of the year may differ from the months so far unasked."""


@dataclass(frozen=True)
class Spending:
    """Amounts in pence; `profile` is None where the lines have no profiled budget.

    `a_month` is what was spent a month so far and `rest_a_month` what the forecast leaves a month,
    `percent` the change between them in whole per cent of the first, None where it was nil.
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
        """Whether somebody should be asked what will be other in the months to come."""
        return self.percent is None or abs(self.percent) > CHANGE_TO_ASK_ABOUT


def spending(
    *, number: int, actual: int | None, forecast: int | None, profile: int | None
) -> Spending | None:
    """How the rest of the year must go for the forecast to come true.

    None before month 1, in the last month and at the close, and where nothing was recorded or
    forecast. Rounded half away from zero.
    """
    if actual is None or forecast is None or not 1 <= number < MONTHS:
        return None
    left, rest = MONTHS - number, forecast - actual
    # As fractions of number x left, so that nothing is rounded before it is compared.
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
