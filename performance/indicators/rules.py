"""The rating of an indicator by a council's rules, and its direction of travel. Pure.

Numbers are exact fractions in the measure's own unit; None is not given. Source: "Performance
indicators" in docs/rules.md.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from council_finance.quantities import PARTS
from council_finance.registry import Measure
from council_finance.statuses import NOT_REPORTED, Measures, Rule

HIGHER, LOWER, BAND, NO_POLARITY = "higher", "lower", "band", "none"
UP, SAME, DOWN = "up", "same", "down"
NO_TARGET, DATA_ONLY = "No target", "Data only"
UNRATED = (NO_TARGET, NOT_REPORTED, DATA_ONLY)
"""Statuses that no rule gives."""

_UNIT = "in the measure’s unit"
MEASURES = (
    Measure("shortfall", "the shortfall", unit=_UNIT),
    Measure("shortfall_percent", "the shortfall", is_percent=True, of=" of the target"),
    Measure("minimum_shortfall", "the distance beyond the minimum", unit=_UNIT),
    Measure("worsening", "the worsening since the previous value", unit=_UNIT),
    Measure("worsening_last_year", "the worsening since last year’s value", unit=_UNIT),
)
MEASURE_NAMES = tuple(measure.name for measure in MEASURES)
_LEAST = Fraction(1, PARTS)
"""The least shortfall there is: that of a strict target just reached."""


class Goal(NamedTuple):
    """What an indicator is held against: a target or the edges of a band, and a floor.

    The floor is `minimum`, else it is `minimum_percent` of the target behind it. A strict target
    is missed where it is just reached.
    """

    polarity: str
    target: Fraction | None = None
    low: Fraction | None = None
    high: Fraction | None = None
    is_strict: bool = False
    minimum: Fraction | None = None
    minimum_percent: Fraction | None = None

    @property
    def exists(self) -> bool:
        """Return True where there is a target, or an edge of a band."""
        return self.target is not None or self.low is not None or self.high is not None

    def edge(self, actual: Fraction) -> Fraction | None:
        """Return the target that a value is held against: of a band the nearer edge."""
        if self.polarity != BAND:
            return self.target
        if self.low is None or self.high is None:
            return self.high if self.low is None else self.low
        return self.low if actual - self.low <= self.high - actual else self.high

    def shortfall(self, actual: Fraction) -> Fraction | None:
        """Return how far a value misses the target; nil or less is good."""
        edge = self.edge(actual)
        if edge is None:
            return None
        if self.polarity == BAND:
            below = self.low - actual if self.low is not None else Fraction(0)
            above = actual - self.high if self.high is not None else Fraction(0)
            return max(below, above, Fraction(0))
        missed = edge - actual if self.polarity == HIGHER else actual - edge
        return _LEAST if self.is_strict and missed == 0 else missed

    def floor_gap(self, actual: Fraction) -> Fraction | None:
        """Return how far the floor lies behind the target, or behind the nearer edge of a band."""
        edge = self.edge(actual)
        if edge is None:
            return None
        if self.minimum is not None:
            return abs(edge - self.minimum) if self._has_floor_at(edge) else None
        if self.minimum_percent is None:
            return None
        return abs(edge) * self.minimum_percent / 100

    def _has_floor_at(self, edge: Fraction) -> bool:
        """Return True where the minimum lies behind that edge: of a band it is below the lower."""
        return self.polarity != BAND or edge == self.low

    def floor(self) -> Fraction | None:
        """Return the floor of a target that is one number."""
        if self.polarity == BAND or self.target is None:
            return self.minimum
        if self.minimum is not None or self.minimum_percent is None:
            return self.minimum
        gap = abs(self.target) * self.minimum_percent / 100
        return self.target - gap if self.polarity == HIGHER else self.target + gap


class Reading(NamedTuple):
    """A value, with the previous one and last year's, as far as they are known."""

    actual: Fraction | None
    previous: Fraction | None = None
    last_year: Fraction | None = None


def measure_reading(goal: Goal, reading: Reading) -> Measures:
    """Return the measures of a value, all in the bad direction: nil or less is good."""
    actual = reading.actual
    if actual is None:
        return dict.fromkeys(MEASURE_NAMES)
    edge, shortfall = goal.edge(actual), goal.shortfall(actual)
    gap = goal.floor_gap(actual)
    percent = 100 * shortfall / abs(edge) if edge and shortfall is not None else None
    return {
        "shortfall": shortfall,
        "shortfall_percent": percent,
        "minimum_shortfall": None if gap is None or shortfall is None else shortfall - gap,
        "worsening": worsening(goal, reading.previous, actual),
        "worsening_last_year": worsening(goal, reading.last_year, actual),
    }


def worsening(goal: Goal, before: Fraction | None, actual: Fraction | None) -> Fraction | None:
    """Return by how much a value is worse than an earlier one; negative is better."""
    if before is None or actual is None or goal.polarity == NO_POLARITY:
        return None
    if goal.polarity == HIGHER:
        return before - actual
    if goal.polarity == LOWER:
        return actual - before
    now, then = goal.shortfall(actual), goal.shortfall(before)
    return None if now is None or then is None else now - then


def rate(rules: Sequence[Rule], goal: Goal, reading: Reading) -> str:
    """Return the status that the rules give; "" where none holds.

    Without a target it is No target, without a value Not reported, without a polarity Data only.
    """
    if goal.polarity == NO_POLARITY:
        return DATA_ONLY
    if not goal.exists:
        return NO_TARGET
    if reading.actual is None:
        return NOT_REPORTED
    measures = measure_reading(goal, reading)
    return next((rule.status for rule in rules if rule.holds(measures)), "")


def direction(goal: Goal, before: Fraction | None, actual: Fraction | None) -> str:
    """Return the direction of travel by polarity, unrounded; "" where it is not known."""
    worse = worsening(goal, before, actual)
    if worse is None:
        return ""
    return SAME if worse == 0 else DOWN if worse > 0 else UP


class Boundary(NamedTuple):
    """The nearest worse status: how far the value may still go, and that in % of the target."""

    status: str
    distance: Fraction
    percent: Fraction | None


def next_boundary(rules: Sequence[Rule], goal: Goal, actual: Fraction) -> Boundary | None:
    """Return the nearest shortfall at which the rules give another status; None if there is none.

    Rules that ask for a worsening are left out: it does not follow from the value alone.
    """
    shortfall, edge, gap = goal.shortfall(actual), goal.edge(actual), goal.floor_gap(actual)
    if shortfall is None or edge is None:
        return None
    status = rate(rules, goal, Reading(actual))
    for limit in sorted(_limits_as_shortfalls(rules, edge, gap)):
        beyond = _actual_at(goal, edge, limit + _LEAST)
        if limit >= shortfall and (found := rate(rules, goal, Reading(beyond))) != status:
            distance = limit - shortfall
            return Boundary(found, distance, 100 * distance / abs(edge) if edge else None)
    return None


def _limits_as_shortfalls(
    rules: Sequence[Rule], edge: Fraction, gap: Fraction | None
) -> set[Fraction]:
    found: set[Fraction] = set()
    for condition in (each for rule in rules for each in rule.conditions):
        if condition.measure == "shortfall":
            found.add(condition.limit)
        elif condition.measure == "shortfall_percent":
            found.add(condition.limit * abs(edge) / 100)
        elif condition.measure == "minimum_shortfall" and gap is not None:
            found.add(condition.limit + gap)
    return found


def _actual_at(goal: Goal, edge: Fraction, shortfall: Fraction) -> Fraction:
    """Return the value that misses a target, or the edge of a band, by a shortfall."""
    downward = goal.polarity == HIGHER or (goal.polarity == BAND and edge == goal.low)
    return edge - shortfall if downward else edge + shortfall
