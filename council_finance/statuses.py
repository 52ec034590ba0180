"""Status schemes: a council's rules that turn figures into a status. Pure.

A rule is a status and its conditions; the first rule whose conditions all hold gives the status,
and one without conditions always holds. So two rules with one status are "whichever is lower" and
two conditions in one rule are "whichever is greater". Amounts are compared unrounded, in pounds.
"""

import math
import operator
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, pairwise

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
_PLAIN = 10_000_000
"""£100,000, in pence: such an amount tells a reader of settings something."""
_SAVINGS, _VARIANCE = "[[status_scheme.savings]]", "[[status_scheme.variance]]"


class SchemeError(ValueError):
    """A scheme that cannot be read; the message says where and what."""


def tone_of(word: str) -> str:
    """The tone of a status on a page: its own where it has one, else grey."""
    tone = word.casefold()
    return tone if tone in TONES else "grey"


@dataclass(frozen=True)
class Condition:
    """`measure` compared with `limit` (pounds or per cent)."""

    measure: str
    comparison: str
    limit: Fraction

    def holds(self, measures: Mapping[str, Fraction | None]) -> bool:
        """False where the measure has no value (a percentage of nil, no forecast)."""
        value = measures.get(self.measure)
        return value is not None and COMPARISONS[self.comparison](value, self.limit)


@dataclass(frozen=True)
class Rule:
    """One row of a scheme; `level` limits it to total, subtotal or service where set."""

    status: str
    conditions: tuple[Condition, ...]
    level: str = ""

    def holds(self, measures: Mapping[str, Fraction | None], level: str = "") -> bool:
        """True where the level fits and every condition holds."""
        return (not self.level or self.level == level) and all(
            condition.holds(measures) for condition in self.conditions
        )


def parse_conditions(
    table: Mapping[str, object], measures: Iterable[str], where: str
) -> tuple[Condition, ...]:
    """Conditions written as `<measure>_<comparison> = number`. Raises SchemeError."""
    return tuple(_condition(key, value, tuple(measures), where) for key, value in table.items())


def _condition(key: str, value: object, measures: tuple[str, ...], where: str) -> Condition:
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
    """Whole or decimal; true and false, nan and inf are none."""
    return (
        isinstance(value, int | float | Decimal)
        and not isinstance(value, bool)
        and math.isfinite(value)
    )


def parse_rules(
    tables: Iterable[Mapping[str, object]], measures: Iterable[str], where: str
) -> tuple[Rule, ...]:
    """Rules in their order. Raises SchemeError for a rule without a status or a wrong key."""
    if not isinstance(tables, list | tuple):
        raise SchemeError(f"{where}: the rules must be a list, each under its own {where}.")
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
        rules.append(Rule(status, parse_conditions(rest, measures, place), str(level)))
    return tuple(rules)


def savings_measures(agreed_pence: int, forecast_pence: int) -> dict[str, Fraction | None]:
    """The measures of a saving, in pounds and per cent of what was agreed; savings are positive."""
    shortfall = agreed_pence - forecast_pence
    shares = {"shortfall_percent": shortfall, "delivered_percent": forecast_pence}
    return {
        "agreed": Fraction(agreed_pence, 100),
        "forecast": Fraction(forecast_pence, 100),
        "shortfall": Fraction(shortfall, 100),
    } | {
        name: Fraction(100 * pence, abs(agreed_pence)) if agreed_pence else None
        for name, pence in shares.items()
    }


def savings_status(rules: tuple[Rule, ...], agreed_pence: int, forecast_pence: int | None) -> str:
    """The status of a saving; Not reported without a forecast, "" where no rule holds."""
    if forecast_pence is None:
        return NOT_REPORTED
    measures = savings_measures(agreed_pence, forecast_pence)
    return next((rule.status for rule in rules if rule.holds(measures)), "")


def variance_measures(budget_pence: int, variance_pence: int | None) -> dict[str, Fraction | None]:
    """The measures of a variance, in pounds and per cent of the absolute budget."""
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
    """The status of a service or total; Not reported without a variance, "" where no rule holds."""
    if variance_pence is None:
        return NOT_REPORTED
    measures = variance_measures(budget_pence, variance_pence)
    return next((rule.status for rule in rules if rule.holds(measures, level)), "")


def commentary_is_due(
    conditions: tuple[Condition, ...], budget_pence: int, variance_pence: int | None
) -> bool:
    """True where every condition holds of the absolute values; never without conditions."""
    measures = {
        name: None if value is None else abs(value)
        for name, value in variance_measures(budget_pence, variance_pence).items()
    }
    return bool(conditions) and all(condition.holds(measures) for condition in conditions)


def read_savings_scheme(table: Mapping[str, object]) -> tuple[tuple[str, ...], tuple[Rule, ...]]:
    """The savings scheme of [status_scheme]: the words that officers declare, or the rules.

    At most one of the two is given. Raises SchemeError where it could not be used as it stands.
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
    """The variance rules of [status_scheme]. Raises SchemeError."""
    rules = parse_rules(table.get("variance", []), VARIANCE_MEASURES, _VARIANCE)
    check_variance_rules(rules)
    return rules


def _check_words(words: list[str], where: str) -> None:
    """Statuses stand as columns beside the agreed amount, each under its word in lower case."""
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


# A scheme is checked where it can change its mind: its conditions are lines in the plane of two
# amounts (agreed and forecast, or budget and variance), and between them the status is the same.
# So it is enough to look on both sides of every line and of every crossing, and in between.

Line = tuple[Fraction | None, Fraction]
"""A limit drawn: (slope, height at nil), or (None, place) where it stands upright. In pence."""


@lru_cache(maxsize=64)
def check_savings_rules(rules: tuple[Rule, ...]) -> None:
    """Raise SchemeError for a level, a rule never reached, or a saving that no rule covers."""
    for number, rule in enumerate(rules, start=1):
        if rule.level:
            raise SchemeError(f"{_SAVINGS}, rule {number}: a saving has no level.")
    if not rules:
        return
    lines = {_savings_line(condition) for rule in rules for condition in rule.conditions}
    reached, holes = _look(
        rules, ((point, savings_measures(*point)) for point in _points(lines)), ""
    )
    if holes:
        agreed, forecast = map(plain_pounds, min(holes, key=_plainness))
        raise SchemeError(
            f"{_SAVINGS}: no rule gives a saving of {agreed} with a forecast of {forecast} a "
            "status. Let the last rule stand without conditions, or put the limits right."
        )
    _refuse_unreached(rules, reached, _SAVINGS)


@lru_cache(maxsize=64)
def check_variance_rules(rules: tuple[Rule, ...]) -> None:
    """Raise SchemeError for a rule never reached, or an amount at a level that no rule covers.

    A level of which no rule speaks has no statuses. Nor need a budget of nil have one: its
    percentage has no value.
    """
    reached: set[int] = set()
    for level in LEVELS:
        if not any(rule.level in ("", level) for rule in rules):
            continue
        found, holes = _look(rules, _variance_points(rules), level)
        reached |= found
        if holes:
            budget, variance = map(plain_pounds, min(holes, key=_plainness))
            raise SchemeError(
                f"{_VARIANCE}: at the level {level} no rule gives a budget of {budget} with a "
                f"variance of {variance} a status. Let the last rule stand without conditions, "
                "or put the limits right."
            )
    _refuse_unreached(rules, reached, _VARIANCE)


def _look(rules: tuple[Rule, ...], points: Iterable, level: str) -> tuple[set[int], list[tuple]]:
    """Which rules (by place) give a status somewhere, and the amounts that get none."""
    reached, holes = set(), []
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
    """The forecast at the limit, by the amount agreed."""
    limit = condition.limit
    return {
        "agreed": (None, 100 * limit),
        "forecast": (Fraction(0), 100 * limit),
        "shortfall": (Fraction(1), -100 * limit),
        "shortfall_percent": (1 - limit / 100, Fraction(0)),
        "delivered_percent": (limit / 100, Fraction(0)),
    }[condition.measure]


def _variance_points(rules: tuple[Rule, ...]) -> Iterator[tuple]:
    """Amounts and their measures, of budgets of either sign."""
    conditions = [condition for rule in rules for condition in rule.conditions]
    for sign in (1, -1):
        lines = {
            {
                "budget": (None, sign * 100 * condition.limit),
                "variance": (Fraction(0), 100 * condition.limit),
                "variance_percent": (condition.limit / 100, Fraction(0)),
            }[condition.measure]
            for condition in conditions
        }
        for size, variance in _points(lines):
            yield (sign * size, variance), variance_measures(sign * size, variance)


def _points(lines: set[Line]) -> Iterator[tuple[int, int]]:
    """Whole pence at, beside and between the lines: a first amount above nil, and any second."""
    sloping = [line for line in lines if line[0] is not None]
    crossings = {
        (there[1] - here[1]) / (here[0] - there[0])
        for here, there in combinations(sloping, 2)
        if here[0] != there[0]
    }
    upright = {place for slope, place in lines if slope is None}
    # Where a line lies on whole pence at all, it does so at multiples of its denominator.
    step = math.lcm(*(slope.denominator for slope, _ in sloping))
    for first in _around(upright | crossings, 1, LIMIT_PENCE, step):
        heights = {slope * first + height for slope, height in sloping}
        for second in _around(heights, -LIMIT_PENCE, LIMIT_PENCE):
            yield first, second


def _around(marks: set[Fraction], low: int, high: int, step: int = 1) -> list[int]:
    """Whole numbers at and next to each mark, between each two of them, and out to both ends."""
    inner = sorted(mark for mark in marks if low <= mark <= high)
    outer = {math.floor(mark) for mark in (inner[:1] + inner[-1:] or [Fraction(0)])}
    found = {math.floor(mark) + beside for mark in inner for beside in (-1, 0, 1, 2)}
    found |= {math.floor((here + there) / 2) for here, there in pairwise([low, *inner, high])}
    found |= {mark + beyond for mark in outer for beyond in (-_PLAIN, _PLAIN)}
    found |= {number - number % step + beside for number in found for beside in (0, step)}
    return sorted(number for number in found | {low, high} if low <= number <= high)


def _plainness(amounts: tuple[int, int]) -> tuple[bool, int]:
    """Whole pounds of a size that people speak of make the better example."""
    first, second = amounts
    return any(pence % 100 for pence in amounts), abs(abs(first) - _PLAIN) + abs(second)
