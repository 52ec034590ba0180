"""Read amounts and sums as people type them into the forecast grid, exactly, in pence.

`=12*1500` is worked out; `+5000` is added to what the cell held; anything else is an amount. Only
numbers, + - * / and brackets are understood. Pure.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from council_finance.money import (
    LIMIT_PENCE,
    NotAnAmount,
    is_amount,
    parse_amount,
    round_half_away,
)

LONGEST = 200
"""The most characters of a sum."""

_MOST_BRACKETS = 20
_MINUS = str.maketrans(dict.fromkeys("\N{MINUS SIGN}\N{EN DASH}", "-"))
_NUMBER = re.compile(r"£?\s*((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)\s*([kKmM]?)(?![\w.,])")
_SCALES = {"": 1, "k": 1_000, "m": 1_000_000}


def read_figure(text: str, held: int | None) -> int | None:
    """Return the pence that a cell's text stands for; None where it is blank.

    `held` is what the cell held before, in pence, to which `+5000` is added; with nothing in it the
    amount is taken by itself. A sum is rounded once, half away from zero. Raise `NotAnAmount` for
    what is neither an amount nor a sum.
    """
    typed = text.strip().translate(_MINUS)
    if typed.startswith("="):
        return _to_pence(_work_out(typed[1:]))
    if typed.startswith("+") and (held is not None or not is_amount(typed)):
        return _to_pence(Fraction(held or 0, 100) + _work_out(typed[1:]))
    return parse_amount(text)


def _to_pence(pounds: Fraction) -> int:
    pence = round_half_away(pounds.numerator * 100, pounds.denominator)
    if abs(pence) > LIMIT_PENCE:
        raise NotAnAmount("the result is beyond £9,999,999,999.99")
    return pence


def _work_out(text: str) -> Fraction:
    """Return the value of a sum in pounds. Raise `NotAnAmount` where it cannot be worked out."""
    if len(text) > LONGEST:
        raise NotAnAmount(f"a sum has at most {LONGEST} characters")
    reader = _SumReader(text)
    value = reader.read_sum()
    if reader.next_sign():
        raise NotAnAmount(reader.describe_unexpected())
    return value


@dataclass
class _SumReader:
    """A sum that is read from left to right; `at` is the next character's place."""

    text: str
    at: int = 0
    brackets: int = 0

    def next_sign(self) -> str:
        """Return the next character that is no space; "" at the end."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.text[self.at : self.at + 1]

    def read_sum(self) -> Fraction:
        """Return the value of products that are added and subtracted."""
        value = self.read_product()
        while (sign := self.next_sign()) and sign in "+-":
            self.at += 1
            other = self.read_product()
            value = value + other if sign == "+" else value - other
        return value

    def read_product(self) -> Fraction:
        """Return the value of factors that are multiplied and divided."""
        value = self.read_factor()
        while (sign := self.next_sign()) and sign in "*/":
            self.at += 1
            other = self.read_factor()
            if sign == "/" and not other:
                raise NotAnAmount("it divides by nil")
            value = value * other if sign == "*" else value / other
        return value

    def read_factor(self) -> Fraction:
        """Return the value of a number or of a sum in brackets, with the signs before it."""
        negative = False
        while (sign := self.next_sign()) and sign in "+-":
            negative ^= sign == "-"
            self.at += 1
        value = self._read_brackets() if sign == "(" else self._read_number()
        return -value if negative else value

    def _read_brackets(self) -> Fraction:
        self.at += 1
        self.brackets += 1
        if self.brackets > _MOST_BRACKETS:
            raise NotAnAmount(f"a sum has at most {_MOST_BRACKETS} pairs of brackets")
        value = self.read_sum()
        if self.next_sign() != ")":
            raise NotAnAmount("a closing bracket is missing")
        self.at += 1
        return value

    def _read_number(self) -> Fraction:
        match = _NUMBER.match(self.text, self.at)
        if match is None:
            raise NotAnAmount(self.describe_unexpected())
        self.at = match.end()
        return Fraction(match[1].replace(",", "")) * _SCALES[match[2].lower()]

    def describe_unexpected(self) -> str:
        """Return the sentence that names the character that is not part of a sum."""
        sign = self.next_sign()
        if not sign:
            return "the sum ends where a number was expected"
        return (
            f"“{sign}” was not expected at character {self.at + 2}; a sum has numbers, + - * / and "
            "brackets only"
        )
