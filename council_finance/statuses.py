"""Status schemes: a council's rules that turn figures into a status. Pure.

A rule is a status and its conditions; the first rule whose conditions all hold gives the status,
and one without conditions always holds. So two rules with one status are "whichever is lower" and
two conditions in one rule are "whichever is greater". Amounts are compared unrounded, in pounds.
"""

import math
import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

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
LEVELS = ("total", "subtotal", "service")


class SchemeError(ValueError):
    """A scheme that cannot be read; the message says where and what."""


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
