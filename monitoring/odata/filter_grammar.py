"""Read `$filter` into a tree whose parts have been checked for type. Pure.

The grammar is that of OData 4.01 (OASIS, "URL Conventions", 5.1.1) without arithmetic, lambdas and
navigation. As in its table of precedence, `in` binds closer than `not`, and `not` closer than `eq`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from monitoring.odata.entity_types import EntityType, Property, Value
from monitoring.odata.filter_tokens import Token, read_tokens
from monitoring.odata.refusals import RequestRefused, bad_option, unsupported_option

MOST_LEVELS = 30
"""So many parentheses, `not` and functions within each other at most."""

COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le")
TEXT_CONDITIONS = ("contains", "startswith", "endswith")
TEXT_CHANGES = ("tolower", "toupper")
CONSTANTS: dict[str, Value] = {"true": True, "false": False, "null": None}
_ARITHMETIC = ("add", "sub", "mul", "div", "divby", "mod", "has")
_CONDITION = "true or false"
_NULL = "null"


@dataclass(frozen=True)
class Literal:
    """A text, number, date, true, false or null, and what it is called in sentences."""

    value: Value
    kind: str
    text: str


@dataclass(frozen=True)
class PropertyName:
    """A property of the entity."""

    name: str
    kind: str

    @property
    def text(self) -> str:
        """Return its name for sentences."""
        return self.name


@dataclass(frozen=True)
class Call:
    """A function of texts."""

    function: str
    arguments: tuple["Node", ...]

    @property
    def kind(self) -> str:
        """Return the kind of its value."""
        return _CONDITION if self.function in TEXT_CONDITIONS else "text"

    @property
    def text(self) -> str:
        """Return its name for sentences."""
        return f"{self.function}(…)"


@dataclass(frozen=True)
class Comparison:
    """Two values of one kind, compared by `eq`, `ne`, `gt`, `ge`, `lt` or `le`."""

    operator: str
    left: "Node"
    right: "Node"
    kind: str = _CONDITION
    text: str = "the comparison"


@dataclass(frozen=True)
class Membership:
    """A value that must be one of several."""

    item: "Node"
    options: tuple[Literal, ...]
    kind: str = _CONDITION
    text: str = "the condition with in"


@dataclass(frozen=True)
class Negation:
    """A condition that must be false."""

    part: "Node"
    kind: str = _CONDITION
    text: str = "not"


@dataclass(frozen=True)
class Junction:
    """Conditions that must all hold (`and`), or one of which must (`or`)."""

    operator: str
    parts: tuple["Node", ...]
    kind: str = _CONDITION
    text: str = "the condition"


Node = Literal | PropertyName | Call | Comparison | Membership | Negation | Junction


def parse_filter(text: str, entity_type: EntityType) -> Node:
    """Return the tree of a filter. Raise `RequestRefused` saying where it cannot be read."""
    parser = _Parser(read_tokens(text), entity_type)
    node = parser.read_condition(0)
    parser.expect_end()
    if node.kind not in (_CONDITION, _NULL):
        raise bad_option(
            "$filter",
            f"A filter is a condition, and {node.text} is {node.kind}. Compare it with a value, "
            "such as label eq 'Total'.",
        )
    return node


class _Parser:
    """A parser that reads tokens from left to right, one at a time."""

    def __init__(self, tokens: Iterator[Token], entity_type: EntityType) -> None:
        self._tokens = tokens
        self._type = entity_type
        self._token = next(tokens)

    def read_condition(self, level: int) -> Node:
        """Return conditions joined by `or`."""
        return self._read_joined("or", level)

    def expect_end(self) -> None:
        """Raise `RequestRefused` unless everything has been read."""
        if self._token.kind != "end":
            raise self._refuse_here("and, or, or the end")

    def _read_joined(self, operator: str, level: int) -> Node:
        def read_part() -> Node:
            is_or = operator == "or"
            return self._read_joined("and", level) if is_or else self._read_comparison(level)

        parts = [read_part()]
        while self._is_word(operator):
            self._take_token()
            parts.append(read_part())
        if len(parts) == 1:
            return parts[0]
        for part in parts:
            _require_condition(part, operator)
        return Junction(operator, tuple(parts))

    def _read_comparison(self, level: int) -> Node:
        left = self._read_operand(level)
        if not self._is_word(*COMPARISONS):
            if self._is_word(*_ARITHMETIC):
                raise unsupported_option(
                    "$filter", f"{self._token.text} is not offered. Work such sums out in Excel."
                )
            return left
        operator = self._take_token().text
        right = self._read_operand(level)
        if self._is_word(*COMPARISONS):
            raise bad_option(
                "$filter",
                f"Two comparisons follow each other at character {self._token.at}. Join them by "
                "and, or put one in parentheses.",
            )
        _check_comparable(operator, left, right)
        return Comparison(operator, left, right)

    def _read_operand(self, level: int) -> Node:
        if self._is_word("not"):
            self._take_token()
            part = self._read_operand(self._go_deeper(level))
            _require_condition(part, "not")
            return Negation(part)
        node = self._read_primary(level)
        if not self._is_word("in"):
            return node
        self._take_token()
        options = tuple(self._read_options())
        for option in options:
            _check_comparable("in", node, option)
        return Membership(node, options)

    def _read_primary(self, level: int) -> Node:
        token = self._token
        if token.text == "(" and token.kind == "sign":
            self._take_token()
            node = self.read_condition(self._go_deeper(level))
            self._expect_sign(")")
            return node
        if token.kind == "word" and token.text not in CONSTANTS:
            self._take_token()
            if self._token.text == "(" and self._token.kind == "sign":
                return self._read_call(token, level)
            return self._find_property(token)
        return self._read_literal()

    def _read_call(self, name: Token, level: int) -> Node:
        if name.text not in (*TEXT_CONDITIONS, *TEXT_CHANGES):
            offered = ", ".join((*TEXT_CONDITIONS, *TEXT_CHANGES))
            raise unsupported_option(
                "$filter", f"The function {name.text} is not offered; these are: {offered}."
            )
        self._expect_sign("(")
        deeper = self._go_deeper(level)
        arguments = [self.read_condition(deeper)]
        while self._token.text == "," and self._token.kind == "sign":
            self._take_token()
            arguments.append(self.read_condition(deeper))
        self._expect_sign(")")
        wanted = 2 if name.text in TEXT_CONDITIONS else 1
        if len(arguments) != wanted or any(each.kind not in ("text", _NULL) for each in arguments):
            texts = "two texts" if wanted == 2 else "one text"
            raise bad_option(
                "$filter", f"{name.text} at character {name.at} takes {texts}, in parentheses."
            )
        return Call(name.text, tuple(arguments))

    def _find_property(self, token: Token) -> Node:
        found = self._type.find_property(token.text)
        if found is None:
            raise unknown_property("$filter", token.text, self._type)
        return PropertyName(found.name, found.kind)

    def _read_options(self) -> Iterator[Literal]:
        self._expect_sign("(")
        while self._token.text != ")":
            yield self._read_literal()
            if self._token.text != ")":
                self._expect_sign(",")
        self._expect_sign(")")

    def _read_literal(self) -> Literal:
        token = self._token
        if token.kind == "word" and token.text in CONSTANTS:
            self._take_token()
            kind = _NULL if token.text == _NULL else _CONDITION
            return Literal(CONSTANTS[token.text], kind, token.text)
        if token.kind != "literal":
            raise self._refuse_here("a property or a value")
        self._take_token()
        return Literal(token.value, _kind_of_value(token.value), token.text)

    def _go_deeper(self, level: int) -> int:
        if level >= MOST_LEVELS:
            raise bad_option(
                "$filter",
                f"More than {MOST_LEVELS} parentheses, functions and not are within each other "
                f"at character {self._token.at}. Write the condition with fewer.",
            )
        return level + 1

    def _is_word(self, *words: str) -> bool:
        return self._token.kind == "word" and self._token.text in words

    def _take_token(self) -> Token:
        token = self._token
        if token.kind != "end":
            self._token = next(self._tokens)
        return token

    def _expect_sign(self, sign: str) -> None:
        if self._token.kind != "sign" or self._token.text != sign:
            raise self._refuse_here(f"{sign!r}")
        self._take_token()

    def _refuse_here(self, expected: str) -> RequestRefused:
        token = self._token
        place = f"{token.text} at character {token.at}" if token.text else "the end"
        return bad_option("$filter", f"Expected {expected}, and found {place}.")


def unknown_property(option: str, name: str, entity_type: EntityType) -> RequestRefused:
    """Return the refusal of a name that is no property, with the names that are."""
    names = ", ".join(each.name for each in entity_type.properties)
    return bad_option(option, f"There is no property {name}. The properties are: {names}.")


def property_named(option: str, name: str, entity_type: EntityType) -> Property:
    """Return the property of that name. Raise `RequestRefused` where there is none."""
    found = entity_type.find_property(name)
    if found is None:
        raise unknown_property(option, name, entity_type)
    return found


def _kind_of_value(value: Value) -> str:
    if isinstance(value, str):
        return "text"
    return "a date" if hasattr(value, "isoformat") else "a number"


def _require_condition(node: Node, operator: str) -> None:
    if node.kind not in (_CONDITION, _NULL):
        raise bad_option(
            "$filter",
            f"{operator} joins conditions, and {node.text} is {node.kind}. Write a comparison, "
            f"in parentheses: {operator} (label eq 'Total').",
        )


def _check_comparable(operator: str, left: Node, right: Node) -> None:
    kinds = {left.kind, right.kind} - {_NULL}
    if len(kinds) > 1:
        raise bad_option(
            "$filter",
            f"{left.text} is {left.kind} and {right.text} is {right.kind}, so that {operator} "
            "cannot compare them. Texts are in single quotes, numbers and dates are not.",
        )
    if kinds == {_CONDITION} and operator not in ("eq", "ne", "in"):
        raise bad_option("$filter", f"{operator} does not compare true and false; use eq or ne.")
