"""Amounts of money as whole pence: reading them as people and ledgers write them, and printing.

Pure: no Django, no settings. As in councils' reports, expenditure is positive and income negative;
totals are summed from pence and rounded once, half away from zero.
"""

import re
import unicodedata
from decimal import Decimal, InvalidOperation

LIMIT_PENCE = 999_999_999_999
"""No single amount may be beyond ±£9,999,999,999.99."""

SCALES = {"": 1, "k": 1_000, "m": 1_000_000}
"""Multiples of a pound, by the unit written after a figure (`£132k`) or in a heading."""

FLOAT_TOLERANCE_PENCE = 0.0001
"""A workbook stores decimals as binary fractions: an amount this near to a penny is that penny."""

_NIL = re.compile("£? *[-\N{EM DASH}]")
_AMOUNT = re.compile(
    r"""(?P<sign>[-+]?)\ *£?\ *(?P<inner_sign>-?)\ *
        (?P<number>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)
        \ *(?P<unit>[kKmM]?)(?P<trailing>-?)""",
    re.VERBOSE,
)
_IN_BRACKETS = re.compile(r"(?P<before>£? *)\((?P<inside>.*)\)")
_MINUS = "\N{MINUS SIGN}\N{EN DASH}\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FULLWIDTH HYPHEN-MINUS}"
_TO_MINUS = dict.fromkeys(map(ord, _MINUS), "-")
_BY_CATEGORY = {"Zs": " ", "Cf": ""}


class NotAnAmount(ValueError):
    """A text or number that is not an amount of money; the message says what was expected."""


def parse_amount(value: object, scale: int = 1) -> int | None:
    """Return the pence of a cell, or None where it is blank ("not given", which is not nil).

    `value` is a cell's text or number; `scale` is 1, 1,000 or 1,000,000 by the column's unit,
    which a unit in the cell itself (`£132k`) replaces.
    Raise `NotAnAmount` for text, more than two decimals in pounds after scaling, or a figure
    beyond the limit.
    """
    if value is None:
        return None
    if isinstance(value, bool):
        raise NotAnAmount("a number was expected")
    if isinstance(value, int):
        return _within_limit(value * 100 * scale)
    if isinstance(value, float):
        return _from_float(value, scale)
    return _from_text(str(value), scale)


def is_amount(text: str) -> bool:
    """Return whether a text can be read as an amount, or is blank."""
    try:
        parse_amount(text)
    except NotAnAmount:
        return False
    return True


def _from_float(value: float, scale: int) -> int | None:
    if value != value:  # noqa: PLR0124 - NaN is how a frame says blank
        return None
    if abs(value) > LIMIT_PENCE:
        raise NotAnAmount("the figure is beyond £9,999,999,999.99")
    pence = Decimal(repr(float(value))) * 100 * scale
    whole = pence.to_integral_value()
    if abs(pence - whole) > Decimal(str(FLOAT_TOLERANCE_PENCE)):
        raise NotAnAmount("there are more than two decimals")
    return _within_limit(int(whole))


def _from_text(text: str, scale: int) -> int | None:
    text = _plain_characters(text)
    if not text:
        return None
    if _NIL.fullmatch(text):
        return 0
    brackets = _IN_BRACKETS.fullmatch(text)
    # Accounting formats print the pound sign before the bracket: £ (1,234.50).
    body = brackets["before"] + brackets["inside"].strip() if brackets else text
    bracketed = brackets is not None
    match = _AMOUNT.fullmatch(body)
    if match is None:
        raise NotAnAmount("a figure such as 1,234.50 was expected")
    minuses = [match["sign"] == "-", match["inner_sign"] == "-", match["trailing"] == "-"]
    if sum(minuses) + bracketed + (match["sign"] == "+") > 1:
        raise NotAnAmount("it has more than one sign")
    unit = match["unit"].lower()
    pence = _parse_digits(match["number"]) * 100 * (SCALES[unit] if unit else scale)
    if pence != pence.to_integral_value():
        raise NotAnAmount("there are more than two decimals")
    whole = _within_limit(int(pence))
    return -whole if any(minuses) or bracketed else whole


def _plain_characters(text: str) -> str:
    """Return a text with plain spaces and minus signs, without invisible characters."""
    if not text.isascii():
        text = "".join(_BY_CATEGORY.get(unicodedata.category(each), each) for each in text)
        text = text.translate(_TO_MINUS)
    return text.strip()


def _parse_digits(number: str) -> Decimal:
    digits = number.replace(",", "")
    if len(digits) > 24:
        raise NotAnAmount("the figure is beyond £9,999,999,999.99")
    try:
        return Decimal(digits)
    except InvalidOperation as error:
        raise NotAnAmount("a figure such as 1,234.50 was expected") from error


def _within_limit(pence: int) -> int:
    if abs(pence) > LIMIT_PENCE:
        raise NotAnAmount("the figure is beyond £9,999,999,999.99")
    return pence


def round_half_away(numerator: int, denominator: int) -> int:
    """Return the whole number nearest to numerator / denominator, a half away from zero."""
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    whole = (2 * abs(numerator) + denominator) // (2 * denominator)
    return whole if numerator >= 0 else -whole


def percentage(part: int, whole: int) -> float | None:
    """Return `part` as a percentage of the absolute value of `whole`, unrounded; None of nil."""
    return None if whole == 0 else 100 * part / abs(whole)


def exact_pounds(pence: int) -> str:
    """Return pounds and pence for messages and programs: `-12345.67` for -1234567."""
    return f"{'-' if pence < 0 else ''}{abs(pence) // 100}.{abs(pence) % 100:02d}"


def plain_pounds(pence: int) -> str:
    """Return pounds for sentences: `£498,000`, `£5.38`, `-£1,234.50`."""
    pounds, rest = divmod(abs(pence), 100)
    text = f"£{pounds:,}" + (f".{rest:02d}" if rest else "")
    return f"-{text}" if pence < 0 else text
