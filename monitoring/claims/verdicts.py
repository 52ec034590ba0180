"""Compare the figures in a text with those that they can mean. Pure."""

import calendar
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from monitoring.claims.naming import count_named, hide_digits, parts_of, words_in
from monitoring.claims.reading import Claim, Kind, read_claims
from monitoring.claims.words import Measure, measure_of_words

SIGNED = frozenset({Measure.VARIANCE, Measure.PREVIOUS, Measure.MOVEMENT, Measure.CHANGE})
"""Measures whose sign is a direction: a plus is adverse."""


@dataclass(frozen=True)
class TableFigure:
    """A figure of a table: pence, percent or a number, with the sign of the table.

    `label` says where it is printed, and `service` whose figure it is. `own` figures are those of
    the service that the text is on, and `per` the time or thing that an amount is for, as in
    `Claim`. `names` are the labels that name the line of a table that is no service, and `column`
    is the heading that the figure stands under.
    """

    label: str
    service: str
    printed: str
    kind: Kind
    measure: Measure | None
    value: Fraction
    own: bool = False
    per: str = ""
    names: tuple[str, ...] = ()
    column: str = ""


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
    parts = {part for each in figures for name in each.names for part in parts_of(name)}
    names |= {part for part in parts if words_in(part)}
    for name in sorted(filter(_DIGIT.search, names), key=len, reverse=True):
        text = re.sub(re.escape(name), hide_digits(name), text, flags=re.IGNORECASE)
    return [judge(claim, figures, services) for claim in read_claims(text)]


_DIGIT = re.compile(r"\d")


def _is_named(name: str, words: str) -> bool:
    """Return whether words name a service or line; their digits are hidden as judge_text does."""
    return bool(name) and hide_digits(name).casefold() in words


def judge(claim: Claim, figures: Iterable[TableFigure], services: Collection[str] = ()) -> Verdict:
    """Compare a figure of a text with the figures it can mean; those of its own service first.

    Figures of another service count where the sentence names that service, and alone where the
    clause does; `services` are the names of all others, whether or not their figures are given.
    Figures of a line of a table count where the words name the line. A figure agrees where it is
    the same, rounded to the digits of the text, and no sign or word gives it the other direction.
    Where the words name a measure, only figures of that measure count, and the nearest of its own
    service or of a named line is the one that the text differs from.
    """
    comparable = [each for each in figures if each.kind == claim.kind]
    lines = _figures_of_lines(claim, [each for each in comparable if each.names])
    meant = _figures_of_services(claim, [each for each in comparable if not each.names], services)
    candidates = [*sorted(meant, key=lambda each: not each.own), *lines]
    same = [each for each in candidates if _prints_the_same(claim, each.value)]
    for figure in same:
        if not _has_other_direction(claim, figure):
            return Verdict(claim, Answer.AGREES, figure)
    if same:
        return Verdict(claim, Answer.DIFFERS, same[0], other_direction=True)
    nearest = _nearest_figure(claim, meant, lines)
    if nearest is None:
        return Verdict(claim, Answer.NOT_FOUND)
    return Verdict(claim, Answer.DIFFERS, nearest, _difference_to(claim, nearest))


def _figures_of_services(
    claim: Claim, figures: list[TableFigure], services: Collection[str]
) -> list[TableFigure]:
    """Return the figures of services that the words can mean."""
    sentence, clause = claim.sentence.casefold(), claim.clause.casefold()
    of_others = any(_is_named(name, clause) for name in services)
    return [
        each
        for each in figures
        if each.per == claim.per
        and (not of_others if each.own else _is_named(each.service, sentence))
        and (claim.meaning.measure is None or _may_mean(claim, each))
    ]


def _figures_of_lines(claim: Claim, figures: list[TableFigure]) -> list[TableFigure]:
    """Return the figures of the lines that the words name; of those named by most words only.

    Lines that the clause names come before those that only the sentence names.
    Where none of them has the measure of the words, those without one are left, and those whose
    own name says it, as "budget transfers" does.
    """
    lines = {each.names for each in figures}
    sentence, clause = words_in(claim.sentence), words_in(claim.clause)
    near = {names for names in lines if count_named(names, clause)}
    named = {names: count_named(names, sentence) for names in near or lines}
    most = max(named.values(), default=0)
    found = [
        each
        for each in figures
        if most and named.get(each.names) == most and _may_be_for(claim, each)
    ]
    measure = claim.meaning.measure
    if measure is None:
        return found
    exact = [each for each in found if _is_measure(measure, each)]
    return exact or [
        each
        for each in found
        if each.measure is None or any(measure_of_words(name) == measure for name in each.names)
    ]


def _may_be_for(claim: Claim, figure: TableFigure) -> bool:
    """Return whether a figure is for the years and months that the words name, if any."""
    if claim.per not in ("", figure.per):
        return False
    for times_in in (_YEAR.findall, _months_in):
        own = set(times_in(figure.column))
        named = {time for date in claim.dates for time in times_in(date)}
        if own and named and own.isdisjoint(named):
            return False
    return True


_YEAR = re.compile(r"\b(?:19|20)\d\d/\d\d\b")
_MONTH = re.compile(
    r"\b(?P<year>(?:19|20)\d\d)-(?P<number>[01]\d)\b|(?P<name>[A-Z]\w+)\s(?P<of>\d{4})"
)
_MONTHS = list(calendar.month_name)


def _months_in(text: str) -> list[str]:
    """Return the months of a text as 2019-06."""
    return [
        f"{match['year']}-{match['number']}"
        if match["year"]
        else f"{match['of']}-{_MONTHS.index(match['name']):02d}"
        for match in _MONTH.finditer(text)
        if match["year"] or match["name"] in _MONTHS
    ]


def _nearest_figure(
    claim: Claim, meant: list[TableFigure], lines: list[TableFigure]
) -> TableFigure | None:
    """Return the figure that a text differs from; None where the words name none clearly."""
    clause, measure = claim.clause.casefold(), claim.meaning.measure
    if measure not in (None, Measure.CHANGE):
        lines = [*lines, *(e for e in meant if e.own or _is_named(e.service, clause))]
    words = words_in(claim.clause)

    def distance(figure: TableFigure) -> tuple[bool, int, Fraction]:
        named = len(words & words_in(figure.column))
        return figure.per != claim.per, -named, abs(abs(figure.value) - claim.value)

    return min(lines, key=distance, default=None)


def _may_mean(claim: Claim, figure: TableFigure) -> bool:
    """Return whether a figure of a service has the measure that the words name."""
    measure = claim.meaning.measure
    if measure == Measure.PREVIOUS:
        return figure.measure == measure or (figure.measure == Measure.VARIANCE and not figure.own)
    return measure is not None and _is_measure(measure, figure)


def _is_measure(measure: Measure, figure: TableFigure) -> bool:
    """Return whether a figure has a measure; a change may be any difference."""
    if measure == Measure.CHANGE:
        return figure.measure in SIGNED
    return figure.measure == measure


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
