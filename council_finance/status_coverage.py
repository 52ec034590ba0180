"""Checks that a status scheme gives every amount a status, and uses every rule. Pure.

Each condition is a straight line in the plane of two amounts (such as budget and variance), and
between the lines the status does not change. It is therefore enough to try points on both sides of
every line and of every crossing of two lines, and in between.
"""

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import combinations, pairwise
from typing import TypeAlias

from council_finance.money import LIMIT_PENCE
from council_finance.statuses import Measures, Rule, SchemeError

_TYPICAL = 10_000_000
"""£100,000, in pence: an amount of this size makes a good example in a message."""

Amounts: TypeAlias = tuple[int, int]
"""Two amounts that decide a status, in pence, such as budget and variance."""

Line: TypeAlias = tuple[Fraction | None, Fraction]
"""A limit as a line, in pence: (slope, height at nil), or (None, place) where it is vertical."""


def try_points(
    rules: tuple[Rule, ...], points: Iterable[tuple[Amounts, Measures]], level: str
) -> tuple[set[int], list[Amounts]]:
    """Return the places of the rules that give a status somewhere, and the amounts without one."""
    reached: set[int] = set()
    holes: list[Amounts] = []
    for point, measures in points:
        holding = (place for place, rule in enumerate(rules) if rule.holds(measures, level))
        place = next(holding, None)
        if place is None:
            holes.append(point)
        else:
            reached.add(place)
    return reached, holes


def refuse_unreached(rules: tuple[Rule, ...], reached: set[int], where: str) -> None:
    for place in range(len(rules)):
        if place not in reached:
            raise SchemeError(
                f"{where}, rule {place + 1}: it is never reached; whatever it would give a status "
                "gets one from a rule before it, or its conditions cannot all hold."
            )


def points_around_lines(lines: set[Line]) -> Iterator[Amounts]:
    """Yield whole pence at, beside and between the lines.

    The first amount is above nil, the second may have either sign.
    """
    sloping = [(slope, height) for slope, height in lines if slope is not None]
    crossings = {
        (there[1] - here[1]) / (here[0] - there[0])
        for here, there in combinations(sloping, 2)
        if here[0] != there[0]
    }
    upright = {place for slope, place in lines if slope is None}
    # A line that passes through whole pence at all does so at multiples of its denominator.
    step = math.lcm(*(slope.denominator for slope, _ in sloping))
    for first in _numbers_around(upright | crossings, 1, LIMIT_PENCE, step):
        heights = {slope * first + height for slope, height in sloping}
        for second in _numbers_around(heights, -LIMIT_PENCE, LIMIT_PENCE):
            yield first, second


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
