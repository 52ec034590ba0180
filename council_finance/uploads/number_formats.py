"""Number formats of spreadsheets: a number as a person sees it in its cell. Pure.

Only what matters for codes: whether a format adds to the digits of a whole number, and what the
number then looks like. Excel and LibreOffice print 123 with the format 00000 as 00123.
"""

import re
from functools import lru_cache
from typing import Self

BUILT_IN = {
    9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 48: "##0.0E+0",
}  # fmt: skip
"""The built-in formats of every spreadsheet that add to a number's digits, by their number."""

_DRESS = re.compile(r'"([^"]*)"|\\(.)|_.|\*(.)|\[[^\]]*\]')
_CONDITION = re.compile(r"\[[<>=]")
_DATE_LETTERS = re.compile(r"[dmyhs]", re.IGNORECASE)
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_PLAIN = re.compile(r"[-+ ()£$€]*(?:general|@|[#?,]*0?(?:\.[0#?]*)?)[-+ ()£$€]*", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
_NO_LETTERS = re.compile(r"general|\[red\]|\[\$[£$€]-[0-9a-f]+\]", re.IGNORECASE)
_DECIMALS = re.compile(r"\.[0#?]+(?=[^0#?]*$)")
_BY_FORMAT = "by the format "
_LITERAL = re.compile(r"[-+ ():£$€]")
_TOKEN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|general|.', re.IGNORECASE | re.DOTALL)


class ShownNumber(float):
    """A number of a workbook whose cell shows more than its digits, such as 00123.

    `shown` is the text in the cell, None where that is not certain; `how` names its format.
    It equals no other number: as codes, 123 and 00123 are different.
    """

    shown: str | None
    how: str

    def __new__(cls, value: float, shown: str | None, how: str) -> Self:
        number = super().__new__(cls, value)
        number.shown, number.how = shown, how
        return number

    @property
    def number_format(self) -> str:
        """Return the format of the cell; blank where only the text in the cell is known."""
        return self.how.removeprefix(_BY_FORMAT) if self.how.startswith(_BY_FORMAT) else ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ShownNumber) and self.__reduce__() == other.__reduce__()

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((float(self), self.how))

    def __reduce__(self) -> tuple[type["ShownNumber"], tuple[float, str | None, str]]:
        return ShownNumber, (float(self), self.shown, self.how)


def with_format(value: float, number_format: str) -> ShownNumber:
    """Return a number together with the text that its format shows."""
    return ShownNumber(value, shown_by(value, number_format), _BY_FORMAT + number_format)


def is_duration(number_format: str) -> bool:
    """Return True for a format that shows hours, minutes or seconds beyond a day's."""
    return _ELAPSED.search(number_format.split(";")[0]) is not None


@lru_cache(maxsize=1_000)
def is_date(number_format: str) -> bool:
    """Return True for a format that shows a date, a time or a duration."""
    first = number_format.split(";")[0]
    if is_duration(number_format):
        return True
    bare = _DRESS.sub("", first)
    return bare.casefold() != "general" and _DATE_LETTERS.search(bare) is not None


@lru_cache(maxsize=1_000)
def is_plain(number_format: str) -> bool:
    """Return True for a format that shows a whole number by its own digits.

    Thousands separators, decimals, a currency and the style of a sign do not matter.
    """
    if _CONDITION.search(number_format):
        return False
    texts, bare = texts_and_digits(number_format.split(";")[0])
    scaled = re.search(r"[0#?],+(?:\.|[^0#?,.]*$)", bare)
    return not re.search(r"[^ £$€()+]", texts) and not scaled and bool(_PLAIN.fullmatch(bare))


def shows_digits_alone(number_format: str) -> bool:
    """Return True for a format that surely shows a number by its digits, and never as a date.

    It is plain, and has no letter in any section but in a colour or a currency.
    """
    return is_plain(number_format) and not _LETTER.search(_NO_LETTERS.sub("", number_format))


def texts_and_digits(section: str) -> tuple[str, str]:
    """Return the literal texts of a section of a format, and the rest without colours."""
    texts = "".join(text or "" for match in _DRESS.finditer(section) for text in match.groups())
    return texts, _DRESS.sub("", section)


@lru_cache(maxsize=20_000)
def shown_by(value: float, number_format: str) -> str | None:
    """Return a number as its format shows it; None where that is not certain.

    Only whole numbers in a format of noughts and literal characters are certain.
    """
    if not float(value).is_integer() or not 0 <= value < 1e15 or _CONDITION.search(number_format):
        return None
    sections = number_format.split(";")
    section = sections[2] if value == 0 and len(sections) > 2 else sections[0]
    section = _DECIMALS.sub("", section)
    tokens = [token for token in _TOKEN.findall(section) if not _is_spacing_or_colour(token)]
    if any(token.casefold() == "general" for token in tokens):
        return _fill_digits(tokens, "general", str(int(value)))
    return _fill_digits(tokens, "0", str(int(value)))


def _is_spacing_or_colour(token: str) -> bool:
    """Return True for a token that only adds space or colour."""
    return token[0] == "_" or token == "* " or token.startswith("[") and not token.startswith("[$")


def _fill_digits(tokens: list[str], placeholder: str, digits: str) -> str | None:
    """Return digits placed into the format from the right; further digits go before the first.

    Return None where a token of the format is not understood.
    """
    places = [n for n, token in enumerate(tokens) if token.casefold() == placeholder]
    if not places or (placeholder == "general" and len(places) > 1):
        return None
    parts = [_read_literal(token) for token in tokens]
    if placeholder == "general":
        parts[places[0]] = digits
    else:
        padded = digits.rjust(len(places), "0")
        more = len(padded) - len(places)
        for place, digit in zip(places, padded[more:], strict=True):
            parts[place] = digit
        parts[places[0]] = padded[: more + 1]
    return None if None in parts else "".join(part for part in parts if part is not None).strip()


def _read_literal(token: str) -> str | None:
    """Return the text of a token that holds no digit; None where it is not understood."""
    if token.startswith('"') and len(token) > 1:
        return token[1:-1]
    if token.startswith("\\") and len(token) == 2:
        return token[1]
    return token if _LITERAL.fullmatch(token) else None
