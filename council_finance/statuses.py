"""Status schemes: a council's rules that turn figures into a status. Pure.

A rule is a status and its conditions; the first rule whose conditions all hold gives the status,
and one without conditions always holds. So two rules with one status mean "whichever is lower",
and two conditions in one rule mean "whichever is greater". Amounts are compared unrounded, in
pounds.
"""

import math
import operator
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, pairwise
from typing import TypeAlias

from council_finance.money import LIMIT_PENCE, plain_pounds

NOT_REPORTED = "Not reported"

COMPARISONS = {
    "at_least": operator.ge,
    "above": operator.gt,
    "at_most": operator.le,
    "below": operator.lt,
}
SAVINGS_MEASURES = ("agreed", "forecast", "shortfall", "shortfall_percent", "delivered_percent")
VARIANCE_MEASURES = ("budget", "variance", "variance_percent")
COMMENTARY_MEASURES = VARIANCE_MEASURES
TONES = ("red", "amber", "green", "blue", "black")
"""Statuses that have a colour and a shape of their own, in lower case."""

LEVELS = ("total", "subtotal", "service")
STATUS_LENGTH = 40
_TAKEN = ("agreed", NOT_REPORTED.casefold())
_TYPICAL = 10_000_000
"""£100,000, in pence: an amount of this size makes a good example in a message."""
_SAVINGS, _VARIANCE = "[[status_scheme.savings]]", "[[status_scheme.variance]]"


Measures: TypeAlias = Mapping[str, Fraction | None]
"""Amounts in pounds and shares in per cent, by name; None where a measure has no value."""

Amounts: TypeAlias = tuple[int, int]
"""Agreed savings and forecast, or budget and variance, in pence."""


class SchemeError(ValueError):
    """A scheme that cannot be read; the message says where and what."""


def tone_of(word: str) -> str:
    """Return the tone of a status on a page: its own where it has one, else grey."""
    tone = word.casefold()
    return tone if tone in TONES else "grey"


@dataclass(frozen=True)
class Condition:
    """A comparison of `measure` with `limit` (pounds or per cent)."""

    measure: str
    comparison: str
    limit: Fraction

    def holds(self, measures: Measures) -> bool:
        """Return whether it holds; False without a value (a percentage of nil, no forecast)."""
        value = measures.get(self.measure)
        return value is not None and bool(COMPARISONS[self.comparison](value, self.limit))


@dataclass(frozen=True)
class Rule:
    """A row of a scheme; `level` limits it to total, subtotal or service where set."""

    status: str
    conditions: tuple[Condition, ...]
    level: str = ""

    def holds(self, measures: Measures, level: str = "") -> bool:
        """Return whether the level fits and every condition holds."""
        return (not self.level or self.level == level) and all(
            condition.holds(measures) for condition in self.conditions
        )


def parse_conditions(
    table: Mapping[str, object], measures: Iterable[str], where: str
) -> tuple[Condition, ...]:
    """Return conditions written as `<measure>_<comparison> = number`. Raises SchemeError."""
    known = tuple(measures)
    return tuple(_parse_condition(key, value, known, where) for key, value in table.items())


def _parse_condition(key: str, value: object, measures: tuple[str, ...], where: str) -> Condition:
    for measure in measures:
        comparison = key.removeprefix(f"{measure}_")
        if key.startswith(f"{measure}_") and comparison in COMPARISONS:
            if not _is_number(value):
                raise SchemeError(f"{where}: {key} must be a number, not “{value}”.")
            return Condition(measure, comparison, Fraction(str(value)))
    raise SchemeError(
        f"{where}: “{key}” is not a condition. Write one of {', '.join(measures)}"
        f" followed by one of {', '.join('_' + name for name in COMPARISONS)}."
    )


def _is_number(value: object) -> bool:
    """Return whether a value is a whole or decimal number; true, false, nan and inf are none."""
    return (
        isinstance(value, int | float | Decimal)
        and not isinstance(value, bool)
        and math.isfinite(value)
    )


def parse_rules(tables: object, measures: Iterable[str], where: str) -> tuple[Rule, ...]:
    """Return rules in their order. Raises SchemeError for one without a status or a wrong key."""
    if not isinstance(tables, list | tuple):
        raise SchemeError(f"{where}: the rules must be a list, each under its own {where}.")
    known = tuple(measures)
    rules = []
    for number, table in enumerate(tables, start=1):
        place = f"{where}, rule {number}"
        if not isinstance(table, Mapping):
            raise SchemeError(f"{place}: a rule is a table of keys, not “{table}”.")
        rest = dict(table)
        status, level = rest.pop("status", ""), rest.pop("level", "")
        if not isinstance(status, str) or not status.strip():
            raise SchemeError(f"{place}: it gives no status.")
        if level and level not in LEVELS:
            raise SchemeError(f"{place}: level must be one of {', '.join(LEVELS)}, not “{level}”.")
        rules.append(Rule(status, parse_conditions(rest, known, place), str(level)))
    return tuple(rules)


def savings_measures(agreed_pence: int, forecast_pence: int) -> Measures:
    """Return the measures of a saving, in pounds and per cent of the agreed amount.

    Savings are positive; a shortfall is agreed less forecast.
    """
    shortfall = agreed_pence - forecast_pence
    shares = {"shortfall_percent": shortfall, "delivered_percent": forecast_pence}
    amounts = {"agreed": agreed_pence, "forecast": forecast_pence, "shortfall": shortfall}
    return {name: Fraction(pence, 100) for name, pence in amounts.items()} | {
        name: Fraction(100 * pence, abs(agreed_pence)) if agreed_pence else None
        for name, pence in shares.items()
    }


def savings_status(rules: tuple[Rule, ...], agreed_pence: int, forecast_pence: int | None) -> str:
    """Return the status of a saving: Not reported without a forecast, "" where no rule holds."""
    if forecast_pence is None:
        return NOT_REPORTED
    measures = savings_measures(agreed_pence, forecast_pence)
    return next((rule.status for rule in rules if rule.holds(measures)), "")


def variance_measures(budget_pence: int, variance_pence: int | None) -> Measures:
    """Return the measures of a variance, in pounds and per cent of the absolute budget."""
    if variance_pence is None:
        return {"budget": Fraction(budget_pence, 100), "variance": None, "variance_percent": None}
    percent = Fraction(100 * variance_pence, abs(budget_pence)) if budget_pence else None
    return {
        "budget": Fraction(budget_pence, 100),
        "variance": Fraction(variance_pence, 100),
        "variance_percent": percent,
    }


def variance_status(
    rules: tuple[Rule, ...], budget_pence: int, variance_pence: int | None, level: str
) -> str:
    """Return the status of a service or total.

    Not reported without a variance, "" where no rule holds.
    """
    if variance_pence is None:
        return NOT_REPORTED
    measures = variance_measures(budget_pence, variance_pence)
    return next((rule.status for rule in rules if rule.holds(measures, level)), "")


def commentary_is_due(
    conditions: tuple[Condition, ...], budget_pence: int, variance_pence: int | None
) -> bool:
    """Return whether every condition holds of the absolute values; False without conditions."""
    measures = {
        name: None if value is None else abs(value)
        for name, value in variance_measures(budget_pence, variance_pence).items()
    }
    return bool(conditions) and all(condition.holds(measures) for condition in conditions)


def read_savings_scheme(table: Mapping[str, object]) -> tuple[tuple[str, ...], tuple[Rule, ...]]:
    """Return the savings scheme of [status_scheme]: the statuses that officers declare, or rules.

    At most one of the two is given. Raises SchemeError where the scheme could not be used.
    """
    declared = table.get("savings_declared", [])
    where = "[status_scheme]: savings_declared"
    if not isinstance(declared, list) or not all(isinstance(word, str) for word in declared):
        raise SchemeError(f'{where} must be a list such as ["Red", "Green", "Blue"].')
    rules = parse_rules(table.get("savings", []), SAVINGS_MEASURES, _SAVINGS)
    if declared and rules:
        raise SchemeError(f"[status_scheme]: give either savings_declared or {_SAVINGS}, not both.")
    if len({word.casefold() for word in declared}) < len(declared):
        raise SchemeError(f"{where} names a status twice.")
    _check_words(declared, where)
    _check_words([rule.status for rule in rules], _SAVINGS)
    check_savings_rules(rules)
    return tuple(declared), rules


def read_variance_scheme(table: Mapping[str, object]) -> tuple[Rule, ...]:
    """Return the variance rules of [status_scheme]. Raises SchemeError."""
    rules = parse_rules(table.get("variance", []), VARIANCE_MEASURES, _VARIANCE)
    check_variance_rules(rules)
    return rules


def _check_words(words: list[str], where: str) -> None:
    """Refuse statuses that could not be headings of columns beside the agreed amount.

    Each status becomes a column named by its word in lower case.
    """
    spelt: dict[str, str] = {}
    for word in words:
        if word != word.strip() or not 0 < len(word) <= STATUS_LENGTH:
            raise SchemeError(
                f"{where}: “{word}” cannot be a status; it is a word of at most {STATUS_LENGTH} "
                "characters, without spaces around it."
            )
        if word.casefold() in _TAKEN:
            raise SchemeError(f"{where}: the product has another use for the word “{word}”.")
        if spelt.setdefault(word.casefold(), word) != word:
            raise SchemeError(
                f"{where}: “{spelt[word.casefold()]}” and “{word}” are one status spelt two ways."
            )


# Does a scheme give every amount a status, and is every rule used? Each condition is a straight
# line in the plane of two amounts (agreed and forecast, or budget and variance), and between the
# lines the status does not change. So it is enough to try points on both sides of every line and
# of every crossing of two lines, and in between.

Line: TypeAlias = tuple[Fraction | None, Fraction]
"""A limit as a line, in pence: (slope, height at nil), or (None, place) where it is vertical."""


@lru_cache(maxsize=64)
def check_savings_rules(rules: tuple[Rule, ...]) -> None:
    """Refuse rules with a level, rules never reached, and savings that no rule covers.

    Raises SchemeError.
    """
    for number, rule in enumerate(rules, start=1):
        if rule.level:
            raise SchemeError(f"{_SAVINGS}, rule {number}: a saving has no level.")
    if not rules:
        return
    lines = {_savings_line(condition) for rule in rules for condition in rule.conditions}
    points = ((point, savings_measures(*point)) for point in _points_around_lines(lines))
    reached, holes = _try_points(rules, points, "")
    if holes:
        agreed, forecast = min(holes, key=_rank_example)
        raise SchemeError(
            f"{_SAVINGS}: no rule gives a saving of {plain_pounds(agreed)} with a forecast of "
            f"{plain_pounds(forecast)} a status. Let the last rule stand without conditions, or "
            "put the limits right."
        )
    _refuse_unreached(rules, reached, _SAVINGS)


@lru_cache(maxsize=64)
def check_variance_rules(rules: tuple[Rule, ...]) -> None:
    """Refuse rules never reached, and amounts that no rule of their level covers.

    A level that no rule is for has no statuses. A budget of nil need not have one: its percentage
    has no value. Raises SchemeError.
    """
    reached: set[int] = set()
    for level in LEVELS:
        if not any(rule.level in ("", level) for rule in rules):
            continue
        found, holes = _try_points(rules, _variance_points(rules), level)
        reached |= found
        if holes:
            budget, variance = min(holes, key=_rank_example)
            raise SchemeError(
                f"{_VARIANCE}: at the level {level} no rule gives a budget of "
                f"{plain_pounds(budget)} with a variance of {plain_pounds(variance)} a status. "
                "Let the last rule stand without conditions, or put the limits right."
            )
    _refuse_unreached(rules, reached, _VARIANCE)


def _try_points(
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


def _refuse_unreached(rules: tuple[Rule, ...], reached: set[int], where: str) -> None:
    for place in range(len(rules)):
        if place not in reached:
            raise SchemeError(
                f"{where}, rule {place + 1}: it is never reached; whatever it would give a status "
                "gets one from a rule before it, or its conditions cannot all hold."
            )


def _savings_line(condition: Condition) -> Line:
    """Return the forecast at the limit, as a line over the agreed amount."""
    limit = condition.limit
    lines: dict[str, Line] = {
        "agreed": (None, 100 * limit),
        "forecast": (Fraction(0), 100 * limit),
        "shortfall": (Fraction(1), -100 * limit),
        "shortfall_percent": (1 - limit / 100, Fraction(0)),
        "delivered_percent": (limit / 100, Fraction(0)),
    }
    return lines[condition.measure]


def _variance_line(condition: Condition, sign: int) -> Line:
    """Return the variance at the limit, as a line over the size of budgets of that sign."""
    limit = condition.limit
    lines: dict[str, Line] = {
        "budget": (None, sign * 100 * limit),
        "variance": (Fraction(0), 100 * limit),
        "variance_percent": (limit / 100, Fraction(0)),
    }
    return lines[condition.measure]


def _variance_points(rules: tuple[Rule, ...]) -> Iterator[tuple[Amounts, Measures]]:
    """Yield budgets of either sign with variances, and their measures."""
    conditions = [condition for rule in rules for condition in rule.conditions]
    for sign in (1, -1):
        lines = {_variance_line(condition, sign) for condition in conditions}
        for size, variance in _points_around_lines(lines):
            yield (sign * size, variance), variance_measures(sign * size, variance)


def _points_around_lines(lines: set[Line]) -> Iterator[Amounts]:
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


def _rank_example(amounts: Amounts) -> tuple[bool, int]:
    """Return a sort key that puts first whole pounds of a size that people speak of."""
    first, second = amounts
    return any(pence % 100 for pence in amounts), abs(abs(first) - _TYPICAL) + abs(second)
