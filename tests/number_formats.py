"""What Excel prints of a number under a number format: its documented rules, for tests.

Covers what amounts and percentages use: up to three sections, conditions, `#,##0` with decimals,
trailing commas that divide by 1,000, brackets, and texts in quotes.
"""

import re
from decimal import ROUND_HALF_UP, Decimal

_CONDITION = re.compile(r"\[([<>=]+)(-?[0-9.]+)\]")
_COMPARED = {
    ">=": lambda one, other: one >= other,
    "<=": lambda one, other: one <= other,
}
_SHAPE = re.compile(r"#,##0(\.0+)?(,*)")


def printed(value: float, number_format: str) -> str:
    """The text of a cell, rounded half away from zero in decimal, as Excel rounds."""
    number = Decimal(repr(value))
    sections = number_format.split(";")
    if _CONDITION.match(sections[0]):
        return _by_condition(number, sections)
    if number < 0 and len(sections) > 1:
        return _of_section(-number, sections[1])
    if number == 0 and len(sections) > 2:
        return _of_section(number, sections[2])
    minus = "-" if number < 0 else ""
    return minus + _of_section(abs(number), sections[0])


def _by_condition(number: Decimal, sections: list[str]) -> str:
    """A negative number keeps its minus, unless its section holds only for negative ones."""
    for section in sections:
        condition = _CONDITION.match(section)
        if condition is None or _COMPARED[condition[1]](number, Decimal(condition[2])):
            of_negatives = condition and condition[1] == "<=" and Decimal(condition[2]) <= 0
            minus = "-" if number < 0 and not of_negatives else ""
            return minus + _of_section(abs(number), _CONDITION.sub("", section))
    raise AssertionError("a format without a section for the number")


def _of_section(number: Decimal, section: str) -> str:
    shape = _SHAPE.search(section)
    if shape is None:
        return _literal(section)
    decimals = max(len(shape[1] or "") - 1, 0)
    scaled = number / 1000 ** len(shape[2])
    figure = f"{scaled.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):,}"
    return _literal(section[: shape.start()]) + figure + _literal(section[shape.end() :])


def _literal(text: str) -> str:
    return text.replace('"', "")
