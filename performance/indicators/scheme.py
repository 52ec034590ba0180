"""The rules that give an indicator its status, and the labels of statuses. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from council_finance.registry import SettingsError
from council_finance.statuses import STATUS_LENGTH, Rule, SchemeError, parse_rules
from performance.indicators.rules import MEASURE_NAMES, UNRATED

WHERE = "[[status_scheme.performance]]"
_TAKEN = {each.casefold() for each in (*UNRATED, "Total", "Not rated")}


class PerformanceScheme(NamedTuple):
    """The rules in order, and the label that a status prints as where it has another."""

    rules: tuple[Rule, ...] = ()
    labels: Mapping[str, str] | None = None

    def label(self, status: str) -> str:
        """Return the words in which a status prints."""
        return (self.labels or {}).get(status, status)

    @property
    def statuses(self) -> tuple[str, ...]:
        """Return the statuses in the order of the rules, each once."""
        return tuple(dict.fromkeys(rule.status for rule in self.rules))


def read_performance_scheme(table: Mapping[str, object]) -> PerformanceScheme:
    """Return the scheme of the rules under [status_scheme]. Raise `SettingsError`."""
    given = table.get("performance", [])
    try:
        labels, bare = _split_labels(given)
        rules = parse_rules(bare, MEASURE_NAMES, WHERE)
        _check_statuses(rules)
    except SchemeError as error:
        raise SettingsError(str(error)) from error
    return PerformanceScheme(rules, labels)


def _split_labels(given: object) -> tuple[dict[str, str], object]:
    """Return the labels by status, and the rules without them."""
    if not isinstance(given, Sequence) or isinstance(given, str):
        return {}, given
    labels: dict[str, str] = {}
    bare = []
    for number, rule in enumerate(given, start=1):
        if not isinstance(rule, Mapping):
            return {}, given
        rest = dict(rule)
        label = rest.pop("label", "")
        if not isinstance(label, str):
            raise SchemeError(f"{WHERE}, rule {number}: label must be a text, not “{label}”.")
        status = str(rest.get("status", ""))
        if label and labels.setdefault(status, label) != label:
            raise SchemeError(f"{WHERE}, rule {number}: {status} has two labels.")
        bare.append(rest)
    return labels, bare


def _check_statuses(rules: Sequence[Rule]) -> None:
    """Refuse a level, and statuses that could not be headings of columns."""
    spelt: dict[str, str] = {}
    for number, rule in enumerate(rules, start=1):
        where = f"{WHERE}, rule {number}"
        if rule.level:
            raise SchemeError(f"{where}: an indicator has no level.")
        if len(rule.status) > STATUS_LENGTH or rule.status != rule.status.strip():
            raise SchemeError(
                f"{where}: “{rule.status}” cannot be a status; it is a word of at most "
                f"{STATUS_LENGTH} characters, without spaces around it."
            )
        if rule.status.casefold() in _TAKEN:
            raise SchemeError(f"{where}: the product has another use for “{rule.status}”.")
        if spelt.setdefault(rule.status.casefold(), rule.status) != rule.status:
            raise SchemeError(
                f"{where}: “{spelt[rule.status.casefold()]}” and “{rule.status}” are one status "
                "spelt two ways."
            )
