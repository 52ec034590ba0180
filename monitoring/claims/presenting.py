"""Verdicts on the figures of a text in words, for pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from council_finance.statements import Display
from monitoring.claims.reading import Kind
from monitoring.claims.verdicts import Answer, TableFigure, Verdict

_TONES = {Answer.AGREES: "green", Answer.DIFFERS: "red", Answer.NOT_FOUND: "grey"}


@dataclass(frozen=True)
class ShownVerdict:
    """A figure of a text, its verdict with the tone of the tag, and the explanation."""

    text: str
    answer: str
    tone: str
    explanation: str


@dataclass(frozen=True)
class CheckedText:
    """A text with the address where it is changed, and its figures that agree with no table."""

    title: str
    address: str
    verdicts: tuple[ShownVerdict, ...]


def show_verdicts(verdicts: Iterable[Verdict], display: Display) -> tuple[ShownVerdict, ...]:
    """Return verdicts in words; `display` is how the council prints amounts."""
    return tuple(
        ShownVerdict(
            each.claim.text,
            each.answer.value.capitalize(),
            _TONES[each.answer],
            _explain_verdict(each, display),
        )
        for each in verdicts
    )


def _explain_verdict(verdict: Verdict, display: Display) -> str:
    figure = verdict.figure
    if figure is None:
        return "No table that you may see has this figure for what the words say."
    printed = f"{figure.label}, {figure.printed or _print_value(figure, display)}"
    if verdict.answer is Answer.AGREES:
        return printed
    if verdict.other_direction:
        return f"{printed}: the words or the sign say the other direction."
    difference = verdict.difference or Fraction(0)
    return f"{printed}: by {_write_difference(difference, verdict.claim.kind, display)}."


def _print_value(figure: TableFigure, display: Display) -> str:
    """Return a figure that follows from others as it would print."""
    if figure.kind is Kind.AMOUNT:
        return display.in_words(round(figure.value))
    shown = f"{float(round(figure.value, 2)):,g}"
    return f"{shown}%" if figure.kind is Kind.PERCENT else shown


def _write_difference(difference: Fraction, kind: Kind, display: Display) -> str:
    size = abs(difference)
    if kind is Kind.PERCENT:
        return f"{float(round(size, 2)):g} percentage points"
    if kind is Kind.COUNT:
        return f"{float(size):g}"
    pence = round(size)
    exact = display.rounded_pence(pence) == pence or display.rounded_pence(pence) != 0
    return display.in_words(pence) if exact else f"£{pence / 100:,.2f}"
