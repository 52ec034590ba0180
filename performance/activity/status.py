"""The status that a council's rules give a line of activity. Pure."""

from collections.abc import Sequence
from fractions import Fraction

from council_finance.statuses import Measures, Rule
from performance.activity.report_rows import LineRow


def measures_of(line: LineRow) -> Measures:
    """Return the measures of a line, in pounds and per cent; None where it has no value.

    The volume is the one that the line's cost follows.
    """
    volume = line.volume_of(line.now)
    more = None if volume is None or line.budget_volume is None else volume - line.budget_volume
    return {
        "variance": None if line.variance is None else Fraction(line.variance, 100),
        "variance_percent": _percent_of(line.variance, line.budget),
        "volume_percent": _percent_of(more, line.budget_volume),
        "unit_cost_percent": _percent_of(line.unit_cost_variance, line.budget_unit_cost),
    }


def _percent_of(part: int | Fraction | None, whole: int | Fraction | None) -> Fraction | None:
    if part is None or not whole:
        return None
    return Fraction(100 * part) / abs(Fraction(whole))


def status_of_line(rules: Sequence[Rule], line: LineRow) -> str:
    """Return the status of the first rule that holds; "" without one, or without a forecast."""
    if line.forecast is None:
        return ""
    measures = measures_of(line)
    return next((rule.status for rule in rules if rule.holds(measures)), "")
