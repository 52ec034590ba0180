"""Read the figures in a text: amounts, percentages and counts, with what the words say of them.

Pure. Nothing is decided here: `monitoring.claims.verdicts` compares a claim with the tables.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from monitoring.claims.words import Meaning, meaning_of

_UNITS = {"": 1, "k": 1_000, "thousand": 1_000, "m": 1_000_000, "million": 1_000_000}
_UNITS |= {"bn": 1_000_000_000, "billion": 1_000_000_000}
_MINUS = "-\N{MINUS SIGN}\N{EN DASH}"
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_UNIT = r"(?:bn|billion|million|thousand|m|k)"
_PLACEHOLDER = "\N{OBJECT REPLACEMENT CHARACTER}"
_FIGURE = re.compile(
    rf"""
    (?P<date>\b(?:19|20)\d\d[/\N{{EN DASH}}-]\d\d(?:\d\d)?\b
      |\b\d{{1,2}}(?:st|nd|rd|th)?\s(?:January|February|March|April|May|June|July|August|September
        |October|November|December)(?:\s\d{{4}})?\b
      |\b(?:January|February|March|April|May|June|July|August|September|October|November
        |December)\s\d{{4}}\b
      |\b(?:month|period|note|table|annex|appendix|section|paragraph|quarter|Q|version|year)s?\s?
        \d+(?:\.\d+)*\b
      |\b(?:19|20)\d\d\b(?![,.]\d))
    |(?P<range>£(?P<low>{_NUMBER})\s?(?:[{_MINUS}]|\sto\s)\s?£?(?P<high>{_NUMBER})\s?
        (?P<both>{_UNIT})\b)
    |(?P<amount>(?P<before>(?<!\w)[{_MINUS}+]?\(?)£\s?(?P<inner>[{_MINUS}(]?)(?P<pounds>{_NUMBER})
        (?P<close>\)?)\s?(?P<unit>{_UNIT}\b|)(?P<end>\)?))
    |(?P<percent>(?P<sign>(?<!\w)[{_MINUS}+]?\(?)(?P<points>{_NUMBER})\s?
        (?:%|per\scent\b|percent\b)(?P<shut>\)?))
    |(?P<count>(?<![\w.,/£-]){_NUMBER}(?![\w/]|[.,]\d))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_PER = re.compile(
    r"^\s?(?:a|an|per|each)\s(hour|night|day|week|month|year|annum|person|placement|head)\b"
)
_PERIODS = {"annum": "year"}
_SENTENCE_END = re.compile(r"(?<=[.!?])\s|\n")
_CLAUSE = re.compile(
    r"[;:]\s|,\s|\s(?:and|but|while|whereas|although|of\swhich|offset\sby|because)\s|\s[–—-]\s"
)


class Kind(StrEnum):
    """The kinds of figures in a text."""

    AMOUNT = "amount"
    PERCENT = "percent"
    COUNT = "count"


@dataclass(frozen=True)
class Claim:
    """A figure as a text states it.

    `value` is never negative: pence, percent or a number. `step` is one unit of its last printed
    digit. `sign` is that of a minus, a plus or brackets (1, -1; 0: none is written). `per` is the
    time or thing that an amount is for ("week"), empty for none. `start` and `end` are its place
    in the text, `sentence` and `clause` are where it stands, without the figures, and `meaning` is
    what the words around it say. `dates` are the years and days that the sentence names.
    """

    kind: Kind
    text: str
    value: Fraction
    step: Fraction
    sign: int
    per: str
    start: int
    end: int
    sentence: str
    clause: str
    meaning: Meaning
    dates: tuple[str, ...] = ()


_DIGIT = re.compile(r"\d")


def may_state_figures(text: str) -> bool:
    """Return False where a text states no figure, as it has no digit."""
    return _DIGIT.search(text) is not None


def read_claims(text: str) -> list[Claim]:
    """Return the figures of a text in order; dates, years and numbers of notes are no figures."""
    claims = []
    for start, sentence in _split_sentences(text):
        found = [match for match in _FIGURE.finditer(sentence) if match.lastgroup]
        masked = _mask_figures(sentence, found)
        dates = tuple(match["date"] for match in found if match["date"])
        for match in found:
            if match["date"]:
                continue
            per = _PER.match(sentence[match.end() :])
            clause, place = _clause_at(masked, match.start())
            meaning = meaning_of(clause, place, before=masked[: match.start()])
            # Brackets after a figure hold an aside, as in £0.064m (0.26%), and are no sign.
            aside = masked[: match.start()].rstrip().endswith(_PLACEHOLDER)
            for kind, value, step, sign in _read_values(match):
                words, every = match.group().strip(), _PERIODS.get(per[1], per[1]) if per else ""
                at = (start + match.start(), start + match.end())
                sign = 0 if aside and "(" in words else sign
                claim = Claim(kind, words, value, step, sign, every, *at, masked, clause, meaning)
                claims.append(replace(claim, dates=dates))
    return claims


def _split_sentences(text: str) -> Iterator[tuple[int, str]]:
    """Yield each sentence with its place in the text."""
    start = 0
    for match in _SENTENCE_END.finditer(text):
        yield start, text[start : match.start()]
        start = match.end()
    yield start, text[start:]


def _mask_figures(sentence: str, found: list[re.Match[str]]) -> str:
    """Return the sentence with a placeholder for each character of a figure that is no date."""
    masked = list(sentence)
    for match in found:
        sign = " " if match["date"] else _PLACEHOLDER
        masked[match.start() : match.end()] = sign * (match.end() - match.start())
    return "".join(masked)


def _clause_at(masked: str, place: int) -> tuple[str, int]:
    """Return the clause around a place of a sentence, and the place within it."""
    start, end = 0, len(masked)
    for match in _CLAUSE.finditer(masked):
        if match.end() <= place:
            start = match.end()
        elif match.start() >= place:
            end = match.start()
            break
    return masked[start:end], place - start


def _read_values(match: re.Match[str]) -> Iterator[tuple[Kind, Fraction, Fraction, int]]:
    """Yield kind, value, step and sign of a figure; both ends of a range."""
    if match["range"]:
        for number in (match["low"], match["high"]):
            yield Kind.AMOUNT, *_scale_number(number, 100 * _UNITS[match["both"].lower()]), 0
    elif match["amount"]:
        signs = match["before"] + match["inner"]
        scale = 100 * _UNITS[match["unit"].lower()]
        yield Kind.AMOUNT, *_scale_number(match["pounds"], scale), _sign_of(signs)
    elif match["percent"]:
        yield Kind.PERCENT, *_scale_number(match["points"], 1), _sign_of(match["sign"])
    else:
        yield Kind.COUNT, *_scale_number(match["count"], 1), 0


def _scale_number(number: str, scale: int) -> tuple[Fraction, Fraction]:
    """Return a number times a scale, and the scale of its last digit.

    Pounds that end with ,000 are taken as rounded to thousands.
    """
    digits = number.replace(",", "")
    places = len(digits.partition(".")[2])
    if number.endswith(",000"):
        return Fraction(digits) * scale, Fraction(scale * 1_000)
    return Fraction(digits) * scale, Fraction(scale, 10**places)


def _sign_of(signs: str) -> int:
    if "(" in signs or any(each in _MINUS for each in signs):
        return -1
    return 1 if "+" in signs else 0
