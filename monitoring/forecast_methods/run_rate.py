"""Work out the run rate: the forecast for the year that spending so far suggests. Pure."""

from council_finance.money import round_half_away
from council_finance.periods import CLOSE

MONTHS = 12


def run_rate(
    *, number: int, budget: int, actual: int | None, profile: int | None
) -> tuple[int, str] | None:
    """Return the run rate in pence, and its method: "profile" or "months".

    With a profile: actual / profile to date x budget. Without: actual / months x 12. None where no
    actual is given, before month 1 and at the close. Rounded half away from zero. It is shown
    beside a person's own forecast and never replaces it.
    """
    if actual is None or not 1 <= number < CLOSE:
        return None
    if profile:
        return round_half_away(actual * budget, profile), "profile"
    return round_half_away(actual * MONTHS, number), "months"
