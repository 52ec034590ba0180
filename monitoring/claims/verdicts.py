"""Compare the figures in a text with those that they can mean. Pure."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from monitoring.claims.reading import Claim, Kind, read_claims
from monitoring.claims.words import Measure

SIGNED = frozenset({Measure.VARIANCE, Measure.PREVIOUS, Measure.MOVEMENT})
"""Measures whose sign is a direction: a plus is adverse."""


@dataclass(frozen=True)
class TableFigure:
    """A figure of a table: pence, percent or a number, with the sign of the table.

    `label` says where it is printed, and `service` whose figure it is. `own` figures are those of
    the service that the text is on, and `per` the time or thing that an amount is for, as in
    `Claim`.
    """

    label: str
    service: str
    printed: str
    kind: Kind
    measure: Measure | None
    value: Fraction
    own: bool = False
    per: str = ""


class Answer(StrEnum):
    """The results of comparing a figure in a text with the tables."""

    AGREES = "agrees with"
    DIFFERS = "differs from"
    NOT_FOUND = "not found"


@dataclass(frozen=True)
class Verdict:
    """A figure of a text with the figure of a table that it agrees with or differs from.

    `difference` is the text's figure less the table's, in pence, percent or a number; None where
    they agree, where no figure was found, and where only the direction differs.
    """

    claim: Claim
    answer: Answer
    figure: TableFigure | None = None
    difference: Fraction | None = None
    other_direction: bool = False


def judge_text(
    text: str, figures: Sequence[TableFigure], services: Collection[str] = ()
) -> list[Verdict]:
    """Return a verdict for each figure in a text, in the order of the text; as `judge`.

    Numbers within the names of services and lines, such as 0-25, are no figures.
    """
    names = {each.service for each in figures} | set(services)
    for name in sorted(names, key=len, reverse=True):
        if _DIGIT.search(name):
            hidden = _DIGIT.sub(_HIDDEN, name)
            text = re.sub(re.escape(name), hidden, text, flags=re.IGNORECASE)
    return [judge(claim, figures, services) for claim in read_claims(text)]


_DIGIT, _HIDDEN = re.compile(r"\d"), "\N{MIDDLE DOT}"


def _is_named(name: str, words: str) -> bool:
    """Return whether words name a service or line; their digits are hidden as judge_text does."""
    return bool(name) and _DIGIT.sub(_HIDDEN, name).casefold() in words


def judge(claim: Claim, figures: Iterable[TableFigure], services: Collection[str] = ()) -> Verdict:
    """Compare a figure of a text with the figures it can mean; those of its own service first.

    Figures of another service count where the sentence names that service, and alone where the
    clause does; `services` are the names of all others, whether or not their figures are given. A
    figure agrees where it is the same, rounded to the digits of the text, and no sign or word
    gives it the other direction. Where the words name a measure, only figures of that measure
    count, and the nearest of its own service is the one that the text differs from.
    """
    sentence, clause = claim.sentence.casefold(), claim.clause.casefold()
    of_others = any(_is_named(name, clause) for name in services)
    meant = [
        each
        for each in figures
        if (each.kind, each.per) == (claim.kind, claim.per)
        and (not of_others if each.own else _is_named(each.service, sentence))
    ]
    if claim.meaning.measure is not None:
        meant = [each for each in meant if _may_mean(claim, each)]
    meant.sort(key=lambda each: not each.own)
    same = [each for each in meant if _prints_the_same(claim, each.value)]
    for figure in same:
        if not _has_other_direction(claim, figure):
            return Verdict(claim, Answer.AGREES, figure)
    if same:
        return Verdict(claim, Answer.DIFFERS, same[0], other_direction=True)
    own = [
        each
        for each in meant
        if (each.own or _is_named(each.service, clause)) and claim.meaning.measure is not None
    ]
    if not own:
        return Verdict(claim, Answer.NOT_FOUND)
    figure = min(own, key=lambda each: abs(abs(each.value) - claim.value))
    return Verdict(claim, Answer.DIFFERS, figure, _difference_to(claim, figure))


def _may_mean(claim: Claim, figure: TableFigure) -> bool:
    """Return whether a figure's measure is the one that the words name.

    Movements and earlier variances are variances too, where the words say no more.
    """
    measure = claim.meaning.measure
    return figure.measure == measure or (
        measure == Measure.PREVIOUS and figure.measure == Measure.VARIANCE and not figure.own
    )


def _prints_the_same(claim: Claim, value: Fraction) -> bool:
    """Return whether a value, rounded half away from zero to the text's digits, is the claim's."""
    return int(abs(value) / claim.step + Fraction(1, 2)) * claim.step == claim.value


def _has_other_direction(claim: Claim, figure: TableFigure) -> bool:
    """Return whether a sign or a word gives a figure the direction that the table does not."""
    if claim.meaning.unclear:
        return True
    sign = (figure.value > 0) - (figure.value < 0)
    given = {claim.sign, claim.meaning.direction if figure.measure in SIGNED else 0} - {0}
    return bool(given - {sign}) and sign != 0


def _difference_to(claim: Claim, figure: TableFigure) -> Fraction:
    """Return the text's figure less the table's; without a sign it has that of the table."""
    own_sign = claim.sign or (claim.meaning.direction if figure.measure in SIGNED else 0)
    sign = own_sign or (-1 if figure.value < 0 else 1)
    return sign * claim.value - figure.value
