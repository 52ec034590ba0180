"""What spending so far suggests for the year. Pure."""

from council_finance.money import round_half_away
from council_finance.periods import CLOSE

MONTHS = 12


def run_rate(
    *, number: int, budget: int, actual: int | None, profile: int | None
) -> tuple[int, str] | None:
    """A forecast in pence that spending so far suggests, and how it was worked out.

    With a profile: actual / profile to date x budget. Without: actual / months x 12. None where
    nothing was spent or recorded yet, before month 1 and at the close. Rounded half away from
    zero. A person's own figure always stands before it.
    """
    if actual is None or not 1 <= number < CLOSE:
        return None
    if profile:
        return round_half_away(actual * budget, profile), "profile"
    return round_half_away(actual * MONTHS, number), "months"
