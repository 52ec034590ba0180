"""The words, literals and signs that `$filter` is made of. Pure."""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from monitoring.odata.entity_types import Value
from monitoring.odata.refusals import RequestRefused, bad_option

MOST_CHARACTERS = 4_000
"""So long a `$filter` at most: any address is cut off at about that length by web servers."""

_TOKEN = re.compile(
    r"""
    (?P<space>[ \t]+)
    | (?P<text>'(?:[^']|'')*')
    | (?P<time>\d{4}-\d{2}-\d{2}T[\w:.+-]*)
    | (?P<date>\d{4}-\d{2}-\d{2}(?![\w-]))
    | (?P<number>-?\d{1,30}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,2})?(?![\w.]))
    | (?P<word>[A-Za-z_]\w*)
    | (?P<sign>[(),])
    """,
    re.VERBOSE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A part of a filter: `kind` is literal, word, sign or end; `at` its character, from 1."""

    kind: str
    text: str
    at: int
    value: Value = None


def read_tokens(text: str) -> Iterator[Token]:
    """Return the tokens of a filter and one for its end. Raise `RequestRefused` on other signs."""
    if len(text) > MOST_CHARACTERS:
        raise bad_option(
            "$filter",
            f"It has {len(text):,} characters, and {MOST_CHARACTERS:,} are allowed. Ask for less "
            "at a time, or filter what you have read in Excel or Power BI.",
        )
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise _refuse_sign(text, at)
        if found.lastgroup != "space":
            yield _build_token(str(found.lastgroup), found.group(), at + 1)
        at = found.end()
    yield Token("end", "", len(text) + 1)


def _build_token(kind: str, text: str, at: int) -> Token:
    if kind == "text":
        return Token("literal", text, at, text[1:-1].replace("''", "'"))
    if kind == "number":
        return Token("literal", text, at, Decimal(text))
    if kind == "date":
        return Token("literal", text, at, _read_date(text, at))
    if kind == "time":
        raise bad_option(
            "$filter",
            f"{text} at character {at} has a time of day. Write the date alone, such as "
            f"{text[:10]}.",
        )
    return Token(kind, text, at)


def _read_date(text: str, at: int) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise bad_option("$filter", f"{text} at character {at} is no date.") from None


def _refuse_sign(text: str, at: int) -> RequestRefused:
    if text[at] == "'":
        return bad_option(
            "$filter",
            f"The text that begins at character {at + 1} has no closing quote. Write a quote "
            "within a text twice, as in 'St John''s'.",
        )
    return bad_option(
        "$filter",
        f"{text[at : at + 20]!r} at character {at + 1} cannot be read. Write texts in single "
        "quotes, numbers such as -1.5, dates such as 2019-06-30, and true, false or null.",
    )
