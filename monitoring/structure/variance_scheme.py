"""The measures of a variance, the rules that give it a status, and when commentary is due. Pure."""

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

from council_finance.money import plain_pounds
from council_finance.registry import Measure
from council_finance.status_coverage import (
    REVERSED,
    Amounts,
    HalfPlane,
    Line,
    cover_plane,
    rank_example,
    refuse_unreached,
)
from council_finance.statuses import (
    LEVELS,
    NOT_REPORTED,
    Condition,
    Measures,
    Rule,
    SchemeError,
    parse_rules,
)

MEASURES = (
    Measure("budget", "the budget"),
    Measure("variance", "the variance"),
    Measure("variance_percent", "the variance", is_percent=True),
)
VARIANCE_MEASURES = tuple(measure.name for measure in MEASURES)
COMMENTARY_MEASURES = VARIANCE_MEASURES
_VARIANCE = "[[status_scheme.variance]]"


def variance_measures(budget_pence: int, variance_pence: int | None) -> Measures:
    """Return the measures of a variance, in pounds and per cent of the absolute budget."""
    return {name: _find_measure(name, budget_pence, variance_pence) for name in VARIANCE_MEASURES}


def _find_measure(name: str, budget_pence: int, variance_pence: int | None) -> Fraction | None:
    """Return one of the measures; None where it has no value."""
    if name == "budget":
        return Fraction(budget_pence, 100)
    if variance_pence is None:
        return None
    if name == "variance":
        return Fraction(variance_pence, 100)
    return Fraction(100 * variance_pence, abs(budget_pence)) if budget_pence else None


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
    """Return whether every condition holds of the absolute values; False without conditions.

    Measures are worked out as conditions ask for them: most rows fail the first.
    """
    budget = abs(budget_pence)
    variance = None if variance_pence is None else abs(variance_pence)
    return bool(conditions) and all(
        each.holds({each.measure: _find_measure(each.measure, budget, variance)})
        for each in conditions
    )


def read_variance_scheme(table: Mapping[str, object]) -> tuple[Rule, ...]:
    """Return the variance rules of [status_scheme]. Raises SchemeError."""
    rules = parse_rules(table.get("variance", []), VARIANCE_MEASURES, _VARIANCE)
    check_variance_rules(rules)
    return rules


@lru_cache(maxsize=64)
def check_variance_rules(rules: tuple[Rule, ...]) -> None:
    """Refuse rules never reached, and amounts that no rule of their level covers.

    A level that no rule is for has no statuses. A budget of nil need not have one: its percentage
    has no value. Raises SchemeError.
    """
    reached: set[int] = set()
    tried: dict[tuple[bool, ...], tuple[set[int], list[Amounts]]] = {}
    for level in LEVELS:
        counting = tuple(rule.level in ("", level) for rule in rules)
        if not any(counting):
            continue
        if counting not in tried:
            tried[counting] = _cover_both_signs(rules, counting)
        found, holes = tried[counting]
        reached |= found
        if holes:
            budget, variance = min(holes, key=rank_example)
            raise SchemeError(
                f"{_VARIANCE}: at the level {level} no rule gives a budget of "
                f"{plain_pounds(budget)} with a variance of {plain_pounds(variance)} a status. "
                "Let the last rule stand without conditions, or put the limits right."
            )
    refuse_unreached(rules, reached, _VARIANCE)


def _cover_both_signs(
    rules: tuple[Rule, ...], counting: tuple[bool, ...]
) -> tuple[set[int], list[Amounts]]:
    """Return the places of the rules that are reached, and amounts without a status.

    Only the rules of a level count. Budgets of either sign are tried by their size, as a percentage
    is one of the size.
    """
    reached: set[int] = set()
    holes: list[Amounts] = []
    for sign in (1, -1):
        planes = [[_half_plane(each, sign) for each in rule.conditions] for rule in rules]
        found, without = cover_plane(planes, counting)
        reached |= found
        holes += [(sign * size, variance) for size, variance in without]
    return reached, holes


def _half_plane(condition: Condition, sign: int) -> HalfPlane:
    """Return a condition in the plane of the size of budgets of that sign, and the variance."""
    comparison = condition.comparison
    if condition.measure == "budget" and sign < 0:
        comparison = REVERSED[comparison]
    return HalfPlane(_variance_line(condition, sign), comparison)


def _variance_line(condition: Condition, sign: int) -> Line:
    """Return the variance at the limit, as a line over the size of budgets of that sign."""
    limit = condition.limit
    lines: dict[str, Line] = {
        "budget": (None, sign * 100 * limit),
        "variance": (Fraction(0), 100 * limit),
        "variance_percent": (limit / 100, Fraction(0)),
    }
    return lines[condition.measure]
