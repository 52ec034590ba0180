"""Numbers that are no money: volumes, rates and percentages, kept as whole ten-thousandths. Pure.

No floats: 95.1 is 951000. A percentage is kept as the number before its sign.
"""

import re
from decimal import Decimal
from fractions import Fraction

from council_finance.money import round_half_away

PARTS = 10_000
"""The parts of one that are kept."""

MOST_DECIMALS = 4
LIMIT = 10**10 * PARTS
"""No quantity may be beyond ±10,000,000,000."""

_NUMBER = re.compile(
    r"(?P<sign>[-+]?) ?(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]*)(?:\.(?P<rest>[0-9]*))? ?%?"
)
_MINUS = str.maketrans(dict.fromkeys("\N{MINUS SIGN}\N{EN DASH}\N{HYPHEN}", "-") | {"\xa0": " "})


class NotAQuantity(ValueError):
    """A text or number that is no quantity; the message says what was expected."""


def parse_quantity(value: str | int | float | None) -> int | None:
    """Return a cell's number in ten-thousandths, with or without a percent sign; None if blank.

    Raise `NotAQuantity` for text, for more than four decimals, or beyond the limit.
    """
    if value is None or (isinstance(value, float) and value != value):  # noqa: PLR0124 - NaN
        return None
    if isinstance(value, bool):
        raise NotAQuantity("a number was expected")
    if isinstance(value, int | float):
        return _from_number(value)
    text = value.translate(_MINUS).strip()
    return _from_text(text) if text else None


def _from_text(text: str) -> int:
    match = _NUMBER.fullmatch(text)
    digits = (match["whole"].replace(",", ""), match["rest"] or "") if match else ("", "")
    if match is None or not any(digits):
        raise NotAQuantity("a number such as 1,234.5 or 12.5% was expected")
    whole, rest = digits
    if len(rest.rstrip("0")) > MOST_DECIMALS:
        raise NotAQuantity("there are more than four decimals")
    if len(whole) > len(str(LIMIT)):
        raise NotAQuantity("the number is beyond 10,000,000,000")
    size = int(whole or "0") * PARTS + int(rest[:MOST_DECIMALS].ljust(MOST_DECIMALS, "0"))
    return _within_limit(-size if match["sign"] == "-" else size)


def _from_number(value: int | float) -> int:
    """Return the number of a workbook's cell, which stores decimals as binary fractions."""
    if abs(value) > LIMIT // PARTS:
        raise NotAQuantity("the number is beyond 10,000,000,000")
    exact = Decimal(repr(value)) * PARTS
    whole = exact.to_integral_value()
    if abs(exact - whole) > Decimal("0.001"):
        raise NotAQuantity("there are more than four decimals")
    return _within_limit(int(whole))


def _within_limit(quantity: int) -> int:
    if abs(quantity) > LIMIT:
        raise NotAQuantity("the number is beyond 10,000,000,000")
    return quantity


def round_quantity(quantity: int, decimals: int) -> int:
    """Return ten-thousandths rounded to some decimals (0 to 4), half away from zero."""
    step: int = 10 ** (MOST_DECIMALS - decimals)
    return round_half_away(quantity, step) * step


def print_quantity(quantity: int, decimals: int, divisor: int = 1) -> str:
    """Return a quantity with thousands commas, rounded once: `1,234.5`; nil without a sign.

    With a `divisor` of 1,000 it is in thousands.
    """
    steps = round_half_away(quantity * 10**decimals, PARTS * divisor)
    whole, rest = divmod(abs(steps), 10**decimals)
    tail = f".{rest:0{decimals}d}" if decimals else ""
    return f"{'-' if steps < 0 else ''}{whole:,}{tail}"


def plain_quantity(quantity: int) -> str:
    """Return a quantity for programs, exact, without commas or closing noughts: `1234.5`."""
    whole, rest = divmod(abs(quantity), PARTS)
    tail = f".{rest:04d}".rstrip("0") if rest else ""
    return f"{'-' if quantity < 0 else ''}{whole}{tail}"


def decimals_needed(quantity: int) -> int:
    """Return the decimals in which a quantity is exact: 0 to 4."""
    return len(f"{abs(quantity) % PARTS:04d}".rstrip("0"))


def nearest_quantity(value: Fraction) -> int:
    """Return the ten-thousandths nearest to an exact number, a half away from zero."""
    return round_half_away(value.numerator * PARTS, value.denominator)


def as_fraction(quantity: int) -> Fraction:
    """Return the exact number of a quantity."""
    return Fraction(quantity, PARTS)
