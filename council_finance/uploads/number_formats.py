"""Number formats of spreadsheets: a number as a person sees it in its cell. Pure.

Only what matters for codes: whether a format adds to the digits of a whole number, and what the
number then looks like. Excel and LibreOffice print 123 with the format 00000 as 00123.
"""

import re
from functools import lru_cache

BUILT_IN = {
    9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 48: "##0.0E+0",
}  # fmt: skip
"""By number, the formats that every spreadsheet knows and that add to a number's digits."""

_DRESS = re.compile(r'"([^"]*)"|\\(.)|_.|\*(.)|\[[^\]]*\]')
_CONDITION = re.compile(r"\[[<>=]")
_DATE_LETTERS = re.compile(r"[dmyhs]", re.IGNORECASE)
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_PLAIN = re.compile(r"[-+ ()£$€]*(?:general|@|[#?,]*0?(?:\.[0#?]*)?)[-+ ()£$€]*", re.IGNORECASE)
_DECIMALS = re.compile(r"\.[0#?]+(?=[^0#?]*$)")
_BY_FORMAT = "by the format "
_LITERAL = re.compile(r"[-+ ():£$€]")
_TOKEN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|general|.', re.IGNORECASE | re.DOTALL)


class ShownNumber(float):
    """A number of a workbook whose cell shows more than its digits, such as 00123.

    `shown` is what a person sees, None where that is not certain; `how` says by what it is shown.
    It equals no other number: as a code, 123 and 00123 are two.
    """

    shown: str | None
    how: str

    def __new__(cls, value: float, shown: str | None, how: str):
        number = super().__new__(cls, value)
        number.shown, number.how = shown, how
        return number

    @property
    def form(self) -> str:
        """The format by which it is shown; blank where only what is shown is known."""
        return self.how.removeprefix(_BY_FORMAT) if self.how.startswith(_BY_FORMAT) else ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ShownNumber) and self.__reduce__() == other.__reduce__()

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((float(self), self.how))

    def __reduce__(self):
        return ShownNumber, (float(self), self.shown, self.how)


def with_format(value: float, form: str) -> ShownNumber:
    """A number with what its format shows of it."""
    return ShownNumber(value, shown_by(value, form), _BY_FORMAT + form)


def is_duration(form: str) -> bool:
    """Whether a format shows hours, minutes or seconds beyond a day's."""
    return _ELAPSED.search(form.split(";")[0]) is not None


@lru_cache(maxsize=1_000)
def is_date(form: str) -> bool:
    """Whether a format shows a date, a time or a duration."""
    first = form.split(";")[0]
    if is_duration(form):
        return True
    bare = _DRESS.sub("", first)
    return bare.casefold() != "general" and _DATE_LETTERS.search(bare) is not None


@lru_cache(maxsize=1_000)
def is_plain(form: str) -> bool:
    """Whether a format shows a whole number by its own digits.

    Separators of thousands, decimals, a currency and the dress of a sign do not matter.
    """
    if _CONDITION.search(form):
        return False
    texts, bare = texts_and_digits(form.split(";")[0])
    scaled = re.search(r"[0#?],+(?:\.|[^0#?,.]*$)", bare)
    return not re.search(r"[^ £$€()+]", texts) and not scaled and bool(_PLAIN.fullmatch(bare))


def texts_and_digits(section: str) -> tuple[str, str]:
    """The literal texts of a section of a format, and what is left without them and colours."""
    texts = "".join(text or "" for match in _DRESS.finditer(section) for text in match.groups())
    return texts, _DRESS.sub("", section)


@lru_cache(maxsize=20_000)
def shown_by(value: float, form: str) -> str | None:
    """A number as its format shows it; None where that is not certain.

    Certain are whole numbers by a format of noughts and literal characters.
    """
    if not float(value).is_integer() or not 0 <= value < 1e15 or _CONDITION.search(form):
        return None
    sections = form.split(";")
    section = sections[2] if value == 0 and len(sections) > 2 else sections[0]
    section = _DECIMALS.sub("", section)
    tokens = [token for token in _TOKEN.findall(section) if not _is_width(token)]
    if any(token.casefold() == "general" for token in tokens):
        return _filled(tokens, "general", str(int(value)))
    return _filled(tokens, "0", str(int(value)))


def _is_width(token: str) -> bool:
    """Whether a token only makes room or colour."""
    return token[0] == "_" or token == "* " or token.startswith("[") and not token.startswith("[$")


def _filled(tokens: list[str], placeholder: str, digits: str) -> str | None:
    """The digits in the places of the format, from the right; more digits go before the first."""
    places = [n for n, token in enumerate(tokens) if token.casefold() == placeholder]
    if not places or (placeholder == "general" and len(places) > 1):
        return None
    parts = [_literal(token) for token in tokens]
    if placeholder == "general":
        parts[places[0]] = digits
    else:
        padded = digits.rjust(len(places), "0")
        more = len(padded) - len(places)
        for place, digit in zip(places, padded[more:], strict=True):
            parts[place] = digit
        parts[places[0]] = padded[:more] + parts[places[0]]
    return None if None in parts else "".join(part for part in parts if part is not None).strip()


def _literal(token: str) -> str | None:
    """What a token that is no place of a digit shows; None where this is not known."""
    if token.startswith('"') and len(token) > 1:
        return token[1:-1]
    if token.startswith("\\") and len(token) == 2:
        return token[1]
    return token if _LITERAL.fullmatch(token) else None
