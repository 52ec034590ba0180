"""Write a first draft of a commentary from figures alone. Pure.

A draft begins with a line that says so. Until somebody removes that line the text counts as not
written: it is marked on pages, still due, and cannot be signed off.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from council_finance.periods import CLOSE
from council_finance.statements import Display

MARK = "Draft from the figures. Read it, change it, and remove this line."
_LINES = 3


@dataclass(frozen=True)
class LineVariance:
    """A budget line with its description and net variance in pence; a plus is adverse."""

    name: str
    net_variance: int


@dataclass(frozen=True)
class DraftFigures:
    """The figures of a row of a report, in pence; None where they are not given.

    `published` is the previous report's variance as it was published, `restated` the same after
    virements and moves. `lines` are those with the largest variances, `facts` are sentences of
    apps, such as savings.
    """

    label: str
    period: int
    budget: int
    net_variance: int | None
    movement: int | None
    published: int | None
    restated: int | None
    lines: Sequence[LineVariance] = ()
    facts: Sequence[str] = ()


def is_draft(text: str) -> bool:
    """Return whether a text is a draft that nobody has made theirs.

    The line counts wherever it stands, as a draft is put below what is already typed.
    """
    return MARK in text


def draft_text(figures: DraftFigures, display: Display) -> str:
    """Return a first draft: the position, the movement, the lines that carry it, other facts."""
    sentences = [_write_position(figures, display), *_write_movement(figures, display)]
    paragraphs = [MARK, " ".join(sentences)]
    if lines := _write_lines(figures.lines, display):
        paragraphs.append(lines)
    if figures.facts:
        paragraphs.append("\n".join(f"- {fact}" for fact in figures.facts))
    return "\n\n".join(paragraphs)


def _write_position(figures: DraftFigures, display: Display) -> str:
    variance, budget = figures.net_variance, display.in_words(figures.budget)
    if variance is None:
        return f"{figures.label} has no forecast yet, against a budget of {budget}."
    at_close = figures.period == CLOSE
    if display.rounded_pence(variance) == 0:
        verb = "spent" if at_close else "is forecast to spend"
        return f"{figures.label} {verb} its budget of {budget}."
    verb = "overspend" if variance > 0 else "underspend"
    verb = verb.replace("spend", "spent") if at_close else f"is forecast to {verb}"
    size = display.in_words(abs(variance))
    if not figures.budget:
        return f"{figures.label} {verb} by {size}, against a budget of nil."
    share = display.percent(abs(variance), figures.budget)
    return f"{figures.label} {verb} by {size}, {share} of its budget of {budget}."


def _write_movement(figures: DraftFigures, display: Display) -> list[str]:
    """Return the movement since the previous report, apart from what virements restate."""
    if figures.movement is None:
        return []
    size = display.in_words(abs(figures.movement))
    if display.rounded_pence(figures.movement) == 0:
        sentences = ["That is unchanged since the last report."]
    else:
        way = "worse" if figures.movement > 0 else "better"
        sentences = [f"That is {size} {way} than the last report."]
    published, restated = figures.published or 0, figures.restated or 0
    if display.rounded_pence(restated - published):
        before, after = (display.variance_in_words(pence) for pence in (published, restated))
        sentences.append(
            f"The last report showed {before}; virements and moves of services restate it to "
            f"{after}, which nobody managed."
        )
    return sentences


def _write_lines(lines: Sequence[LineVariance], display: Display) -> str:
    """Return the largest lines in a sentence; "" where none differs from its budget."""
    shown = [line for line in lines if display.rounded_pence(line.net_variance)][:_LINES]
    texts = [f"{display.variance_in_words(line.net_variance)} on {line.name}" for line in shown]
    if not texts:
        return ""
    last = f"{', '.join(texts[:-1])} and {texts[-1]}" if len(texts) > 1 else texts[0]
    return f"The largest line{'s are' if len(texts) > 1 else ' is'} {last}."
