"""Judge rows by a filter, and whole statements before they are read. Pure.

As in OData, null is neither true nor false: `and`, `or` and `not` follow its table of three values,
and only rows for which the filter is true are given. A value that is not known yet (`UNKNOWN`)
works likewise, so that a report or statement is passed over only where no row of it can match.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from monitoring.odata.entity_types import Value
from monitoring.odata.filter_grammar import (
    Call,
    Comparison,
    Junction,
    Literal,
    Membership,
    Negation,
    Node,
    PropertyName,
)


@dataclass(frozen=True, slots=True)
class Unknown:
    """The value of a property of which only the row will tell; a text may begin as is given."""

    beginning: str = ""

    def may_equal(self, value: Value) -> bool:
        """Return False where a value with this beginning cannot be the same."""
        return not self.beginning or (isinstance(value, str) and value.startswith(self.beginning))


UNKNOWN: Final = Unknown()

Known = Value | Unknown
Row = Mapping[str, Value]
Facts = Mapping[str, Known]
Evaluator = Callable[[Facts], Known]

_COMPARE: Mapping[str, Callable[..., bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "contains": lambda text, part: part in text,
    "startswith": str.startswith,
    "endswith": str.endswith,
    "tolower": str.lower,
    "toupper": str.upper,
}


class RowFilter:
    """A filter that has been read and checked."""

    def __init__(self, node: Node) -> None:
        self._evaluate = _build_evaluator(node)

    def matches(self, row: Row) -> bool:
        """Return whether a row is one that was asked for."""
        return self._evaluate(row) is True

    def may_match(self, known: Facts) -> bool:
        """Return False where no row with these values can match, whatever its others are."""
        found = self._evaluate(_PartlyKnown(known))
        return found is True or isinstance(found, Unknown)

    def always_matches(self, known: Facts) -> bool:
        """Return True where every row with these values matches, whatever its others are."""
        return self._evaluate(_PartlyKnown(known)) is True


class _PartlyKnown(dict[str, Known]):
    """Some properties of rows that have not been read."""

    def __missing__(self, name: str) -> Known:
        return UNKNOWN


def _build_evaluator(node: Node) -> Evaluator:
    match node:
        case Literal():
            value = node.value
            return lambda row: value
        case PropertyName():
            name = node.name
            return lambda row: row[name]
        case Call():
            return _evaluate_call(node)
        case Comparison():
            return _evaluate_comparison(node)
        case Membership():
            return _evaluate_membership(node)
        case Negation():
            part = _build_evaluator(node.part)
            return lambda row: _negate_value(part(row))
        case Junction():
            return _evaluate_junction(node)


def _negate_value(value: Known) -> Known:
    return value if isinstance(value, Unknown) or value is None else not value


def _evaluate_call(node: Call) -> Evaluator:
    function = _FUNCTIONS[node.function]
    arguments = [_build_evaluator(each) for each in node.arguments]

    def evaluate(row: Facts) -> Known:
        values = [each(row) for each in arguments]
        if any(isinstance(each, Unknown) for each in values):
            return UNKNOWN
        return None if None in values else function(*values)

    return evaluate


def _evaluate_comparison(node: Comparison) -> Evaluator:
    left, right = _build_evaluator(node.left), _build_evaluator(node.right)
    compare = _COMPARE[node.operator]
    is_equality = node.operator in ("eq", "ne")

    def evaluate(row: Facts) -> Known:
        first, second = left(row), right(row)
        if isinstance(first, Unknown) or isinstance(second, Unknown):
            return _compare_unknown(first, second) if node.operator == "eq" else UNKNOWN
        if (first is None or second is None) and not is_equality:
            return False
        return compare(first, second)

    return evaluate


def _compare_unknown(first: Known, second: Known) -> Known:
    """Return False where a text cannot be equal, as it does not begin like the other."""
    if isinstance(first, Unknown) and isinstance(second, Unknown):
        return UNKNOWN
    unknown, value = (first, second) if isinstance(first, Unknown) else (second, first)
    assert isinstance(unknown, Unknown) and not isinstance(value, Unknown)
    return UNKNOWN if unknown.may_equal(value) else False


def _evaluate_membership(node: Membership) -> Evaluator:
    item = _build_evaluator(node.item)
    options = frozenset(each.value for each in node.options)

    def evaluate(row: Facts) -> Known:
        value = item(row)
        if isinstance(value, Unknown):
            return UNKNOWN if any(value.may_equal(each) for each in options) else False
        return value in options

    return evaluate


def _evaluate_junction(node: Junction) -> Evaluator:
    parts = [_build_evaluator(each) for each in node.parts]
    decides = node.operator == "or"

    def evaluate(row: Facts) -> Known:
        found: Known = not decides
        for part in parts:
            value = part(row)
            if value is decides:
                return decides
            if isinstance(value, Unknown):
                found = UNKNOWN
            elif value is None and found is not UNKNOWN:
                found = None
        return found

    return evaluate
