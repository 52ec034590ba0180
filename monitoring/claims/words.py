"""What the words around a figure say of it: which measure it is, and in which direction. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum

FIGURE = "\N{OBJECT REPLACEMENT CHARACTER}"


class Measure(StrEnum):
    """The measures that words may name."""

    BUDGET = "budget"
    FORECAST = "forecast"
    VARIANCE = "variance"
    PREVIOUS = "previous"
    MOVEMENT = "movement"
    RESERVES = "reserves"
    RECEIPTS = "receipts"
    SAVINGS = "savings"
    VIREMENT = "virement"
    REPHASING = "rephasing"
    CHANGE = "change"


@dataclass(frozen=True)
class Meaning:
    """The measure that words name (None: none), and 1 for adverse, -1 favourable, 0 neither.

    `unclear` says that words of both directions stand as near.
    """

    measure: Measure | None
    direction: int
    unclear: bool = False


_MORE = r"(?:increase[sd]?|rise|rose|risen|growth|grown?|grew|worsening|deterioration)"
_LESS = r"(?:reduction|reduced|decrease[sd]?|fall|fell|fallen|improvement|drop)"
_OVER = r"(?:overspend(?:ing)?|over-spend|pressure|adverse\svariance)"
_UNDER = r"(?:underspend(?:ing)?|under-spend|favourable\svariance)"
_IN = r"\s(?:in|of|to)\s(?:the\s|its\s|this\s|that\s)?(?:\w+\s){0,2}?"
_CHANGES = (
    (
        re.compile(rf"\b{_LESS}{_IN}{_OVER}|\b{_OVER}\s(?:has\s|have\s)?(?:been\s)?{_LESS}", re.I),
        -1,
    ),
    (re.compile(rf"\b{_MORE}{_IN}{_UNDER}|\b{_UNDER}\s(?:has\s)?{_MORE}", re.I), -1),
    (re.compile(rf"\b{_MORE}{_IN}{_OVER}|\b{_OVER}\s(?:has\s)?{_MORE}", re.I), 1),
    (re.compile(rf"\b{_LESS}{_IN}{_UNDER}|\b{_UNDER}\s(?:has\s)?(?:been\s)?{_LESS}", re.I), 1),
)
_ADVERSE = re.compile(
    r"\b(?:overspen(?:d|ds|t|ding)|over-spen[dt]|over\s(?:the\s|its\s)?budget|above\s(?:the\s|its\s)?"
    r"budget|more\sthan\s(?:the\s)?budget(?:ed)?|adverse(?:ly)?|pressures?|shortfall|worse(?:ned)?|"
    r"deteriorat\w+|worsening)\b",
    re.I,
)
_FAVOURABLE = re.compile(
    r"\b(?:underspen(?:d|ds|t|ding)|under-spen[dt]|under\s(?:the\s|its\s)?budget|below\s(?:the\s|"
    r"its\s)?budget|less\sthan\s(?:the\s)?budget(?:ed)?|favourabl[ey]|better(?!\scare\sfund)|improv\w+|surplus)\b",
    re.I,
)
_VARIANCE = re.compile(
    r"\b(?:variances?|(?:over|under)-?spen(?:d|ds|t|ding)|(?:over|under|above|below)\s(?:the\s|its\s)"
    r"?budget|(?:more|less|worse|better)\sthan\s(?:the\s)?budget(?:ed)?|pressures?|shortfall|surplus|"
    r"adverse|favourabl[ey])\b",
    re.I,
)
_MOVEMENT = re.compile(
    r"\b(?:movements?|moved|since\s(?:the\s)?(?:last|previous)|(?:better|worse|more|less|higher|lower)"
    r"\sthan\s(?:(?:in|at)\s)?(?:the\s)?(?:last|previous)|improv(?:ed|ement|es)|deteriorat\w+|"
    r"worsen\w*|from\sthe\s(?:last|previous)\s(?:report|month))\b",
    re.I,
)
_PREVIOUS = re.compile(
    r"\b(?:previously\s(?:reported|forecast)|(?:last|previous)\s(?:report|month)(?:’s|'s|\swas|"
    r"\sshowed|\sreported)|restate[sd]?\b|reported\s(?:last|at\smonth|in\sthe\s(?:last|previous)))",
    re.I,
)
_NAMED = (
    (re.compile(r"\bcapital\sreceipts?\b|\bflexibilit(?:y|ies)\b", re.I), Measure.RECEIPTS),
    (re.compile(r"\breserves?\b", re.I), Measure.RESERVES),
    (re.compile(r"\bsavings?\b", re.I), Measure.SAVINGS),
    (re.compile(r"\bvirements?\b|\btransfer(?:s|red)?\b", re.I), Measure.VIREMENT),
)
_REPHASING = re.compile(r"\b(?:slippage|slipped|re-?phas\w+|accelerat\w+)\b", re.I)
_RISES = re.compile(
    r"\b(?:more|extra|additional(?:ly)?|higher|rises?|rose|risen|rising|increas\w+|adds?|added|up)\b",
    re.I,
)
_FALLS = re.compile(
    r"\b(?:less|fewer|lower|falls?|fell|fallen|falling|decreas\w+|reduc\w+|down)\b", re.I
)
_COLUMNS = (
    (re.compile(r"\bprevious|\blast\s(?:report|month)", re.I), Measure.PREVIOUS),
    (re.compile(r"\bmovement", re.I), Measure.MOVEMENT),
    (re.compile(r"\bvariance|(?:over|under)spend", re.I), Measure.VARIANCE),
    (_REPHASING, Measure.REPHASING),
    (re.compile(r"\bcapital receipts|flexibilit", re.I), Measure.RECEIPTS),
    (re.compile(r"\breserves?\b", re.I), Measure.RESERVES),
    (re.compile(r"\bsavings?\b", re.I), Measure.SAVINGS),
    (re.compile(r"\bvirements?\b", re.I), Measure.VIREMENT),
    (re.compile(r"\bbudget", re.I), Measure.BUDGET),
    (re.compile(r"\bforecast|\boutturn|\bactual", re.I), Measure.FORECAST),
)
_LINK = r"\s?(?:of|is|was|now|at|to\sbe|stands\sat|totals?|totalling|:)?\s?(?:now\s|about\s)?"
_AT_BUDGET = (
    re.compile(rf"\bbudget(?:\s\w+)?{_LINK}$", re.I),
    re.compile(r"^\s?(?:net\s|revised\s|current\s|annual\s|total\s)*budget\b", re.I),
)
_AT_FORECAST = (
    re.compile(
        r"\b(?:forecast(?:\soutturn)?|outturn|projected\s(?:spend(?:ing)?|outturn))\s?"
        r"(?:of|is|was|now|at|to\sbe|stands\sat|:)\s?(?:now\s|about\s)?$",
        re.I,
    ),
    re.compile(r"^\s?(?:forecast\soutturn|outturn)\b", re.I),
)


_COMPARED = re.compile(
    r"^\s?(?:over|under|above|below|more|less|better|worse|higher|lower|adverse|favourable)\b", re.I
)


def meaning_of(clause: str, place: int, *, before: str) -> Meaning:
    """Return what a clause says of the figure at `place`, whose characters are placeholders.

    `before` is the sentence up to the figure: it is read where the clause itself names nothing.
    """
    end = place
    while end < len(clause) and clause[end] == FIGURE:
        end += 1
    head, tail = clause[:place], clause[end:]
    if not _COMPARED.match(tail):
        for (before_it, after_it), measure in (
            (_AT_BUDGET, Measure.BUDGET),
            (_AT_FORECAST, Measure.FORECAST),
        ):
            if before_it.search(head) or after_it.match(tail):
                return Meaning(measure, 0)
    own = _meaning_of_words(clause, place)
    return own if own.measure or own.direction else _meaning_of_words(before, len(before))


def measure_of_label(label: str) -> Measure | None:
    """Return the measure that the heading of a column, a line or a table names (None: none)."""
    return next((measure for pattern, measure in _COLUMNS if pattern.search(label)), None)


def _meaning_of_words(words: str, place: int) -> Meaning:
    for pattern, direction in _CHANGES:
        if pattern.search(words):
            return Meaning(Measure.MOVEMENT, direction)
    measure = measure_of_words(words)
    senses = (_RISES, _FALLS) if measure is Measure.CHANGE else (_ADVERSE, _FAVOURABLE)
    direction, unclear = _nearest_direction(words, place, senses)
    return Meaning(measure, direction, unclear)


def measure_of_words(words: str) -> Measure | None:
    """Return the measure that words name (None: none)."""
    if _MOVEMENT.search(words):
        return Measure.MOVEMENT
    if _PREVIOUS.search(words):
        return Measure.PREVIOUS
    for pattern, measure in _NAMED:
        if pattern.search(words):
            return measure
    if _VARIANCE.search(words):
        return Measure.VARIANCE
    if _REPHASING.search(words):
        return Measure.REPHASING
    return Measure.CHANGE if _RISES.search(words) or _FALLS.search(words) else None


def _nearest_direction(
    words: str, place: int, senses: tuple[re.Pattern[str], re.Pattern[str]]
) -> tuple[int, bool]:
    """Return the direction of the word nearest to a place, and whether both stand as near.

    `senses` are the words that mean more, and those that mean less.
    """
    gaps: dict[int, int] = {}
    for pattern, direction in zip(senses, (1, -1), strict=True):
        for match in pattern.finditer(words):
            gap = max(match.start() - place, place - match.end(), 0)
            gaps[direction] = min(gap, gaps.get(direction, gap))
    if not gaps:
        return 0, False
    nearest = min(gaps, key=lambda direction: gaps[direction])
    return nearest, len(set(gaps.values())) < len(gaps)
