"""Status schemes: a council's rules that turn figures into a status. Pure.

A rule is a status and its conditions; the first rule whose conditions all hold gives the status,
and one without conditions always holds. So two rules with one status mean "whichever is lower",
and two conditions in one rule mean "whichever is greater". Amounts are compared unrounded, in
pounds.
"""

import math
import operator
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple, TypeAlias

NOT_REPORTED = "Not reported"

COMPARISONS = {
    "at_least": operator.ge,
    "above": operator.gt,
    "at_most": operator.le,
    "below": operator.lt,
}
TONES = ("red", "amber", "green", "blue", "black")
"""Statuses that have a colour and a shape of their own, in lower case."""

_LARGEST = 10**12
"""No budget, and no percentage, comes near a limit of this size."""

LEVELS = ("total", "subtotal", "service")
STATUS_LENGTH = 40

Measures: TypeAlias = Mapping[str, Fraction | None]
"""Amounts in pounds and shares in per cent, by name; None where a measure has no value."""


class SchemeError(ValueError):
    """A scheme that cannot be read; the message says where and what."""


def tone_of(word: str) -> str:
    """Return the tone of a status on a page: its own where it has one, else grey."""
    tone = word.casefold()
    return tone if tone in TONES else "grey"


class Condition(NamedTuple):
    """A comparison of `measure` with `limit` (pounds or per cent)."""

    measure: str
    comparison: str
    limit: Fraction

    def holds(self, measures: Measures) -> bool:
        """Return whether it holds; False without a value (a percentage of nil, no forecast)."""
        value = measures.get(self.measure)
        return value is not None and bool(COMPARISONS[self.comparison](value, self.limit))


class Rule(NamedTuple):
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
    """Return conditions written as `<measure>_<comparison> = number`. Raise `SchemeError`.

    They are in the order of the measures, as not every database keeps the order of keys.
    """
    known, comparisons = tuple(measures), tuple(COMPARISONS)
    found = [_parse_condition(key, value, known, where) for key, value in table.items()]
    found.sort(key=lambda each: (known.index(each.measure), comparisons.index(each.comparison)))
    return tuple(found)


def _parse_condition(key: str, value: object, measures: tuple[str, ...], where: str) -> Condition:
    if (found := split_condition_key(key, measures)) is not None:
        if not _is_number(value):
            raise SchemeError(f"{where}: {key} must be a number, not “{value}”.")
        limit = Fraction(value) if isinstance(value, int) else Fraction(str(value))
        if abs(limit) > _LARGEST:
            raise SchemeError(f"{where}: {key} cannot be beyond {_LARGEST:,}.")
        return Condition(*found, limit)
    raise SchemeError(
        f"{where}: “{key}” is not a condition. Write one of {', '.join(measures)}"
        f" followed by one of {', '.join('_' + name for name in COMPARISONS)}."
    )


def split_condition_key(key: str, measures: Iterable[str]) -> tuple[str, str] | None:
    """Return measure and comparison of `<measure>_<comparison>`; None for any other key."""
    for measure in measures:
        comparison = key.removeprefix(f"{measure}_")
        if key.startswith(f"{measure}_") and comparison in COMPARISONS:
            return measure, comparison
    return None


def _is_number(value: object) -> bool:
    """Return whether a value is a whole or decimal number; true, false, nan and inf are none."""
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, float | Decimal) and math.isfinite(value))


def parse_rules(tables: object, measures: Iterable[str], where: str) -> tuple[Rule, ...]:
    """Return rules in their order. Raise `SchemeError` for one without a status or a wrong key."""
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
