"""Checks that a status scheme gives every amount a status, and uses every rule. Pure.

Each condition is a half plane of the plane of two amounts, such as budget and variance. For one
first amount, the second amounts of a rule are therefore an interval. Between the crossings of the
lines the order of the intervals does not change, so it is enough to try first amounts on both sides
of every crossing, and in between.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations, pairwise
from typing import NamedTuple, TypeAlias

from council_finance.money import LIMIT_PENCE
from council_finance.statuses import Rule, SchemeError

_TYPICAL = 10_000_000
"""£100,000, in pence: an amount of this size makes a good example in a message."""

Amounts: TypeAlias = tuple[int, int]
"""Two amounts that decide a status, in pence, such as budget and variance."""

Line: TypeAlias = tuple[Fraction | None, Fraction]
"""A limit as a line, in pence: (slope, height at nil), or (None, place) where it is vertical."""

Interval: TypeAlias = tuple[int, int]
"""The first and the last of whole numbers that follow each other."""

REVERSED = {"at_least": "at_most", "above": "below", "at_most": "at_least", "below": "above"}
"""The comparison of two numbers once the sign of both has changed."""


class HalfPlane(NamedTuple):
    """A condition: the second amount compared with the line or, where it is vertical, the first."""

    line: Line
    comparison: str

    def holds_at(self, first: int) -> Interval:
        """Return the second amounts for which the condition holds; an empty one ends below nil."""
        slope, height = self.line
        if slope is None:
            low, high = _whole_numbers(self.comparison, height)
            return (-LIMIT_PENCE, LIMIT_PENCE) if low <= first <= high else (0, -1)
        return _whole_numbers(self.comparison, slope * first + height)


def _whole_numbers(comparison: str, limit: Fraction) -> Interval:
    """Return the whole numbers for which a comparison with a limit holds."""
    match comparison:
        case "at_least":
            return math.ceil(limit), LIMIT_PENCE
        case "above":
            return math.floor(limit) + 1, LIMIT_PENCE
        case "at_most":
            return -LIMIT_PENCE, math.floor(limit)
    return -LIMIT_PENCE, math.ceil(limit) - 1


def cover_plane(
    rules: Sequence[Sequence[HalfPlane]], counting: Sequence[bool]
) -> tuple[set[int], list[Amounts]]:
    """Return the places of the rules that give a status somewhere, and amounts without one.

    A rule is its conditions, which must all hold; of those that do not count, the limits alone make
    examples. The first amount is above nil, the second may have either sign.
    """
    lines = {each.line for rule in rules for each in rule}
    reached: set[int] = set()
    holes: list[Amounts] = []
    for first in _first_amounts(lines):
        gaps: list[Interval] = [(-LIMIT_PENCE, LIMIT_PENCE)]
        for place, rule in enumerate(rules):
            if counting[place] and gaps:
                left = _subtract_interval(gaps, _hold_together(rule, first))
                if left != gaps:
                    reached.add(place)
                    gaps = left
        if gaps:
            holes += [(first, second) for second in _second_amounts(lines, first, gaps)]
    return reached, holes


def _hold_together(rule: Sequence[HalfPlane], first: int) -> Interval:
    """Return the second amounts for which every condition of a rule holds."""
    intervals = [each.holds_at(first) for each in rule]
    lows = [low for low, _ in intervals]
    highs = [high for _, high in intervals]
    return max(lows, default=-LIMIT_PENCE), min(highs, default=LIMIT_PENCE)


def _subtract_interval(gaps: list[Interval], taken: Interval) -> list[Interval]:
    """Return what is left of intervals once the numbers of another are taken."""
    low, high = taken
    if low > high:
        return gaps
    left = []
    for start, end in gaps:
        left += [(start, min(end, low - 1)), (max(start, high + 1), end)]
    return [(start, end) for start, end in left if start <= end]


def refuse_unreached(rules: tuple[Rule, ...], reached: set[int], where: str) -> None:
    for place in range(len(rules)):
        if place not in reached:
            raise SchemeError(
                f"{where}, rule {place + 1}: it is never reached; whatever it would give a status "
                "gets one from a rule before it, or its conditions cannot all hold."
            )


def _first_amounts(lines: Iterable[Line]) -> list[int]:
    """Return whole pence at, beside and between the crossings of the lines, above nil."""
    sloping = [(slope, height) for slope, height in lines if slope is not None]
    crossings = {
        (there[1] - here[1]) / (here[0] - there[0])
        for here, there in combinations(sloping, 2)
        if here[0] != there[0]
    }
    upright = {place for slope, place in lines if slope is None}
    # A line that passes through whole pence at all does so at multiples of its denominator.
    step = math.lcm(*(slope.denominator for slope, _ in sloping))
    return _numbers_around(upright | crossings, 1, LIMIT_PENCE, step)


def _second_amounts(lines: Iterable[Line], first: int, gaps: list[Interval]) -> Iterator[int]:
    """Yield whole pence at, beside and between the lines that lie in gaps: examples of holes."""
    heights = {slope * first + height for slope, height in lines if slope is not None}
    for second in _numbers_around(heights, -LIMIT_PENCE, LIMIT_PENCE):
        if any(start <= second <= end for start, end in gaps):
            yield second


def _numbers_around(marks: set[Fraction], low: int, high: int, step: int = 1) -> list[int]:
    """Return whole numbers at and next to each mark, between each two marks, and at both ends."""
    inner = sorted(mark for mark in marks if low <= mark <= high)
    outer = {math.floor(mark) for mark in (inner[:1] + inner[-1:] or [Fraction(0)])}
    found = {math.floor(mark) + beside for mark in inner for beside in (-1, 0, 1, 2)}
    spaced = [Fraction(low), *inner, Fraction(high)]
    found |= {math.floor((here + there) / 2) for here, there in pairwise(spaced)}
    found |= {mark + beyond for mark in outer for beyond in (-_TYPICAL, _TYPICAL)}
    found |= {number - number % step + beside for number in found for beside in (0, step)}
    return sorted(number for number in found | {low, high} if low <= number <= high)


def rank_example(amounts: Amounts) -> tuple[bool, int]:
    """Return a sort key that puts first whole pounds of a size that people speak of."""
    first, second = amounts
    return any(pence % 100 for pence in amounts), abs(abs(first) - _TYPICAL) + abs(second)
