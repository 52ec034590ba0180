"""Read the code in a cell, as a person sees it in the spreadsheet. Pure.

A code that a spreadsheet has changed (to a date, to 1.23E+05, to a number with noughts for its last
digits) is refused: the original cannot be recovered from it.
"""

import datetime
import math
import re
import unicodedata

from council_finance.uploads.number_formats import ShownNumber
from council_finance.uploads.unreadable import NO_VALUE, UnreadableCell

CODE_LENGTH = 64
MOST_DIGITS = 15
"""The digits of a number that spreadsheets keep; they replace the others with noughts."""

_AS_TEXT = "Format the column as text, enter the code as it should be, and save the file again"
_EXPLICIT = re.compile(r'="((?:[^"]|"")*)"')
_APOSTROPHES = "'\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
_WHOLE_WITH_NOUGHTS = re.compile(r"([0-9]+)\.0+")
_SCIENTIFIC = re.compile(r"-?[0-9](?:[.,][0-9]+)?E[+-][0-9]{2,3}", re.IGNORECASE)
_ERROR = re.compile(r"#(?:N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|DIV/0!|SPILL!|CALC!|#+)|Err:[0-9]{3}")
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
_CLOCK = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:[ ]?[AP]M)?"
_DATE = re.compile(
    rf"""(?:[0-9]{{1,2}}/[0-9]{{1,2}}/(?:[0-9]{{2}}|[0-9]{{4}})   # 01/03/2024
    |[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}                             # 2024-03-01
    |[0-9]{{1,2}}-{_MONTH}(?:-(?:[0-9]{{2}}|[0-9]{{4}}))?         # 01-Mar, 01-Mar-24
    |{_MONTH}-[0-9]{{2}}                                          # Mar-24
    )(?:[T ]{_CLOCK})?""",
    re.VERBOSE,
)
_TIME = re.compile(rf"{_CLOCK}|PT[0-9]+H[0-9]+M[0-9.]+S")
_PLAIN = re.compile(rf"(?!(?:true|false|pt[0-9a-z]*)$)[a-z0-9]{{1,{CODE_LENGTH}}}", re.I | re.A)
"""Most codes: letters and digits alone, which no spreadsheet makes of another code."""

_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\ufe00-\ufe0f\uffa0]")
"""Invisible characters that are not in Unicode's category of format characters."""


class NotACode(ValueError):
    """A cell that holds no code, or none that can be read for certain; the message says why."""


def code_of(cell: object) -> str:
    """Return the code of a cell, at most 64 characters; blank of a blank cell. Raises NotACode."""
    if type(cell) is str and _PLAIN.fullmatch(cell):
        return cell
    text = code_text(cell)
    if len(text) > CODE_LENGTH:
        raise NotACode(f"a code has at most {CODE_LENGTH} characters")
    return text


def code_text(cell: object) -> str:
    """Return the code of a cell, or several in one text, of any length. Raises NotACode."""
    if isinstance(cell, str):
        return _code_from_text(cell)
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, bool):
        raise NotACode(f"yes or no stands where a code was expected. {_AS_TEXT}")
    if isinstance(cell, datetime.date):
        raise NotACode(f"a date stands where a code was expected. {_AS_TEXT}")
    if isinstance(cell, datetime.time | datetime.timedelta):
        raise NotACode(f"a time stands where a code was expected. {_AS_TEXT}")
    if isinstance(cell, ShownNumber):
        return _code_from_shown(cell)
    return _code_from_number(float(cell))


def clean(text: str) -> str:
    """Return a text without invisible characters, with plain spaces only, trimmed."""
    if not text.isascii():
        text = _UNSEEN.sub("", unicodedata.normalize("NFC", text))
        kinds = [unicodedata.category(each) for each in text]
        text = "".join(
            " " if kind in ("Zs", "Zl", "Zp") else each
            for each, kind in zip(text, kinds, strict=True)
            if kind != "Cf"
        )
    return text.strip()


def was_rounded(codes: list[str]) -> set[str]:
    """Return the codes of a column whose last digits a spreadsheet has replaced with noughts.

    None is returned where a long number has another digit than nought beyond the fifteenth: these
    numbers were not rounded.
    """
    long = {code for code in codes if len(code) > MOST_DIGITS and _is_whole_number(code)}
    return set() if any(code[MOST_DIGITS:].strip("0") for code in long) else long


ROUNDED = (
    f"the number has more than {MOST_DIGITS} digits, and those after the {MOST_DIGITS}th are"
    f" noughts: a spreadsheet has put them there. {_AS_TEXT}; where the code is right, write it as"
    ' ="…"'
)


def is_explicit(cell: object) -> bool:
    """Return whether a cell is marked as text: ="00123" or '00123."""
    text = clean(cell) if isinstance(cell, str) else ""
    return text[:1] in ("=", *_APOSTROPHES) and text != ""


def _is_whole_number(code: str) -> bool:
    return code.isascii() and code.isdigit() and code[0] != "0"


def _code_from_text(cell: str) -> str:
    if isinstance(cell, UnreadableCell):
        raise NotACode(NO_VALUE)
    text = clean(cell)
    if match := _EXPLICIT.fullmatch(text):
        return _check_printable(clean(match[1].replace('""', '"')))
    if text[:1] in _APOSTROPHES and len(text) > 1:
        return _check_printable(clean(text[1:-1] if text[-1] in _APOSTROPHES else text[1:]))
    if fault := _describe_damage(text):
        raise NotACode(fault)
    if match := _WHOLE_WITH_NOUGHTS.fullmatch(text):
        return match[1]
    return _check_printable(text)


def _describe_damage(text: str) -> str:
    """Return why a text is no code but one that a spreadsheet has changed; blank for a code."""
    if text.startswith("="):
        return f"a formula stands where a code was expected. {_AS_TEXT}"
    if _ERROR.fullmatch(text):
        return NO_VALUE
    if _SCIENTIFIC.fullmatch(text):
        return f"a spreadsheet has written a long code so, and its digits are lost. {_AS_TEXT}"
    for what, pattern in (("a date", _DATE), ("a time", _TIME)):
        if pattern.fullmatch(text):
            return (
                f"{what} stands where a code was expected. {_AS_TEXT}; where it is the code, write"
                f' ="{text}"'
            )
    if text.casefold() in ("true", "false"):
        return f'yes or no stands where a code was expected. Where it is the code, write ="{text}"'
    return ""


def _check_printable(text: str) -> str:
    """Return the text. Raises NotACode where it has line breaks or control characters."""
    if text.isascii() and text.isprintable():
        return text
    if any(ord(character) < 32 for character in text):
        raise NotACode("a code has no line breaks or tabs in it")
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise NotACode("a code has no control characters in it")
    return text


def _code_from_shown(cell: ShownNumber) -> str:
    if cell.shown is None:
        raise NotACode(
            f"the cell shows this number {cell.how}, and it is not certain which code that is."
            f" {_AS_TEXT}"
        )
    return _code_from_text(cell.shown)


def _code_from_number(value: float) -> str:
    if abs(value) >= 10**MOST_DIGITS:
        raise NotACode(
            f"a number of more than {MOST_DIGITS} digits stands where a code was expected, and a"
            f" spreadsheet keeps only {MOST_DIGITS}. {_AS_TEXT}"
        )
    text = str(int(value)) if value.is_integer() else format(value, f".{MOST_DIGITS}g")
    if "e" in text or "inf" in text:
        raise NotACode(f"a number stands where a code was expected. {_AS_TEXT}")
    return text
