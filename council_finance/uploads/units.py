"""The unit that a heading or a title states: `Budget (£000)`, `Figures in £ millions`. Pure.

A unit that is not understood is never read as pounds: the officer has to say it.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

UNITS = {"pounds": 1, "k": 1_000, "m": 1_000_000, "bn": 1_000_000_000}
"""The factor that turns a figure into pounds, by the unit's name in a layout."""

UNIT_LABELS = {1: "£", 1_000: "£000", 1_000_000: "£m", 1_000_000_000: "£bn"}

_APOSTROPHES = dict.fromkeys(map(ord, "'’‘`´′ʹʼ‛＇"), None)
_MAY_STATE = re.compile(
    r"[£€$¥￡]|000|\bgbp|\b(?:eur|usd|pounds?|sterling|thousands?|millions?|billions?|pence|hundreds?)"
    r"\b|\b(?:k|m|mn|bn)\b|[(\[]\s*p\s*[)\]]",
    re.IGNORECASE,
)
_CURRENCY_WORDS = re.compile(r"\bgbp(?=\b|[km0])|\bpounds?(?: sterling)?\b|\bsterling\b")

# The spellings of each unit, longest first; `0.0` before it is how a number format prints it.
_K = r"(?:1?,?000s?|thousands?|thou|thous|thds?|ks?)"
_M = r"(?:1?[, ]?000[, ]?000s?|millions?|mills?|mils?|mlns?|mns?|mio|ms?)"
_BN = r"(?:1?(?:[, ]?000){3}s?|billions?|bns?)"
_SCALES = {"bn": UNITS["bn"], "m": UNITS["m"], "k": UNITS["k"]}


def _unit_pattern(suffix: str) -> str:
    units = (f"(?P<bn{suffix}>{_BN})", f"(?P<m{suffix}>{_M})", f"(?P<k{suffix}>{_K})")
    return f"(?:{'|'.join(units)})(?![a-z0-9%]|[.,][0-9])"


# A sign for multiplying: an x that a word begins with, as in £xbn, is none.
_TIMES = r"x(?:\s+|(?=[0-9]))|×\s*"
_BETWEEN = r"[\s(\[{.:_-]*"
_STATED = re.compile(
    # £000, £ (in thousands), £ x 1,000, £0.0m
    rf"£{_BETWEEN}(?:in{_BETWEEN})?(?:{_TIMES})?(?:0(?:\.0+)?\s*(?=[a-z]))?{_unit_pattern('')}(?!\s+[0-9]{{1,2}}(?![0-9/]))"
    # 000s £, k£, thousands of £
    rf"|(?<![a-z0-9.,]){_unit_pattern('_before')}\s*(?:of\s*)?[(\[]?£"
)
_WITHOUT_POUND = re.compile(
    r"(?<![a-z0-9.,])(?:"
    r"(?P<bn>1?(?:,?000){3}s?|billions?)|(?P<m>1?,?000,?000s?|millions?)|"
    r"(?P<k>,?000s?|1,?000s|thousands?)"
    r")(?![a-z0-9]|[.,][0-9])"
    r"|[(\[]\s*(?:in\s+)?(?:(?P<bn_b>bns?)|(?P<m_b>mns?)|(?P<k_b>ks?))\s*[)\]]"
    r"|[x×]\s*(?P<k_times>1,?000)(?![0-9,.])"
    r"|\bin\s+(?:(?P<bn_in>bns?)|(?P<m_in>mns?)|(?P<k_in>ks?))(?![a-z0-9])"
)
_LONE_LETTER = re.compile(r"(?<![a-z0-9/&+-])(?:ks?|ms?|mns?|bns?)(?![a-z0-9/&+-]|\s*[0-9])")
_OTHER_MONEY = re.compile(
    r"[€$¥]|\b(?:eur|euros?|usd|dollars?|lakhs?|crores?|hundreds?|tens?)\b|[1-9]0+s\b"
)
_PENCE = re.compile(r"\bpence\b|[(\[]\s*p\s*[)\]]")
_POUNDS_AND_PENCE = re.compile(
    r"£\s*(?:[.,:/&+]|and|0\.00|\s)*\s*(?:p|pence)\b|£\s*0?\.00(?![0-9])|£s(?![a-z0-9])"
)
_AFTER_POUND = re.compile(rf"£{_BETWEEN}(?P<word>[a-z]+[0-9]*|[0-9][0-9.,/-]*[a-z]*)?")
_SAME_BRACKET = re.compile(r"[(\[](?P<before>[^()\[\]£]*)£[^()\[\]]*[)\]]")
_YEAR_OR_PERIOD = re.compile(
    r"(?:20)?[0-9]{2}[/-](?:20)?[0-9]{2}|20[1-9][0-9]|[pmq][0-9]{1,2}|fy[0-9]*"
)
_ORDINARY = frozenset(  # words that a heading may have beside a pound sign
    """
    a actual actuals adjusted adv adverse against agreed amount amounts annual approved apr
    april at aug august balance base bfwd budget budgeted capital cfwd charge closing commitment
    commitments committed cost costs credit cumulative current date debit dec december draft
    estimate estimated exc excl expected expenditure fav favourable feb february figures final
    for forecast from full funding gross in inc incl income is jan january jul july jun june
    latest ledger mar march may month monthly movement net nov november oct october of on only
    opening original other our outturn over overspend paid period plan planned position posted
    previous prior profile profiled projected projection provisional quarter received remaining
    reserve reserves revenue revised saving savings sep sept september service so spend spending
    spent sum the this to total totals transfer under underspend unrounded unspent up use used
    value values variance variation vat virement virements whole with working year yr ytd
    """.split()  # noqa: SIM905
)


class Unit(NamedTuple):
    """The unit that a text states.

    `scale` is the factor that turns figures into pounds: 1 where no unit is stated, None where it
    is not understood. `stated` is True where the text has a unit or a pound sign; `rest` is the
    text without it.
    """

    scale: int | None
    stated: bool
    rest: str

    @property
    def alone(self) -> bool:
        """Return True where the text has nothing but the unit."""
        return self.stated and not any(map(str.isalnum, self.rest))


@lru_cache(maxsize=10_000)
def unit_of(text: str) -> Unit:
    """Return the unit that a heading states.

    Both `£` and a word or noughts (000, thousands, £'m, £bn) make a unit. What follows a pound sign
    may also be an ordinary word of a heading, a year or a period (`£ Budget 2024/25`).
    """
    text = text.replace("_", " ")
    if not _MAY_STATE.search(text):
        return Unit(1, False, text)
    plain = _normalise_text(text)
    found, rest = _take_scales(_STATED, plain)
    if "£" not in plain:
        found, rest = _take_scales(_WITHOUT_POUND, plain)
    elif not found:
        # The pound sign and the unit may be separate: Budget £ (net, 000s).
        found, rest = _take_scales(_WITHOUT_POUND, rest)
    doubt, rest = _find_doubt(rest, bool(found))
    if doubt or len(found) > 1:
        return Unit(None, True, rest)
    return Unit(next(iter(found), 1), bool(found) or "£" in plain, rest.replace("£", " "))


def split_unit(heading: str) -> tuple[str, int | None]:
    """Return a heading without its unit, and the scale: `Budget (£000)` gives `Budget ()`, 1000."""
    unit = unit_of(heading)
    return unit.rest, unit.scale


def _normalise_text(text: str) -> str:
    """Return a text in lower case, without apostrophes, with £ for every word for the pound."""
    text = unicodedata.normalize("NFKC", text.translate(_APOSTROPHES)).casefold()
    return _CURRENCY_WORDS.sub("£", text)


def _take_scales(pattern: re.Pattern[str], text: str) -> tuple[set[int], str]:
    """Return the scales that a pattern finds in a text, and the text without them."""
    scales = {
        _SCALES[name.split("_")[0]]
        for match in pattern.finditer(text)
        for name, given in match.groupdict().items()
        if given
    }
    return scales, pattern.sub(" ", text)


def _find_doubt(rest: str, found: bool) -> tuple[bool, str]:
    """Return True where the rest of a heading has a unit that is not understood, and its rest.

    Where a unit was found, lone letters such as M are accepted.
    """
    rest = _POUNDS_AND_PENCE.sub("£ ", rest)
    for pattern in (_OTHER_MONEY, _PENCE):
        if pattern.search(rest):
            return True, pattern.sub(" ", rest)
    if not found and "£" not in rest and _LONE_LETTER.search(rest):
        return True, _LONE_LETTER.sub(" ", rest)
    for match in _AFTER_POUND.finditer(rest):
        if match["word"] and not _is_ordinary(match["word"]):
            return True, rest[: match.start()] + " " + rest[match.end() :]
    for match in _SAME_BRACKET.finditer(rest):
        if not all(_is_ordinary(word) for word in re.findall(r"[^\W_]+", match["before"])):
            return True, rest[: match.start()] + " " + rest[match.end() :]
    return False, rest


def _is_ordinary(word: str) -> bool:
    return word in _ORDINARY or _YEAR_OR_PERIOD.fullmatch(word) is not None
