"""The statuses of savings: declared by officers, or given by rules of the council. Pure."""

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

from council_finance.money import plain_pounds
from council_finance.registry import Measure
from council_finance.status_coverage import (
    REVERSED,
    HalfPlane,
    Line,
    cover_plane,
    rank_example,
    refuse_unreached,
)
from council_finance.statuses import (
    NOT_REPORTED,
    STATUS_LENGTH,
    Condition,
    Measures,
    Rule,
    SchemeError,
    parse_rules,
)

MEASURES = (
    Measure("agreed", "the agreed saving"),
    Measure("forecast", "the forecast saving"),
    Measure("shortfall", "the shortfall"),
    Measure("shortfall_percent", "the shortfall", is_percent=True),
    Measure(
        "delivered_percent", "the forecast saving", is_percent=True, of=" of the agreed saving"
    ),
)
SAVINGS_MEASURES = tuple(measure.name for measure in MEASURES)
_TAKEN = ("agreed", NOT_REPORTED.casefold())
_SAVINGS = "[[status_scheme.savings]]"


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
    planes = [[_half_plane(condition) for condition in rule.conditions] for rule in rules]
    reached, holes = cover_plane(planes, [True] * len(rules))
    if holes:
        agreed, forecast = min(holes, key=rank_example)
        raise SchemeError(
            f"{_SAVINGS}: no rule gives a saving of {plain_pounds(agreed)} with a forecast of "
            f"{plain_pounds(forecast)} a status. Let the last rule stand without conditions, or "
            "put the limits right."
        )
    refuse_unreached(rules, reached, _SAVINGS)


def _half_plane(condition: Condition) -> HalfPlane:
    """Return a condition in the plane of agreed saving and forecast.

    The larger the forecast, the smaller the shortfall.
    """
    comparison = condition.comparison
    if condition.measure.startswith("shortfall"):
        comparison = REVERSED[comparison]
    return HalfPlane(_savings_line(condition), comparison)


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
