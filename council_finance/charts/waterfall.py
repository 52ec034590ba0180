"""A waterfall from one amount to another; horizontal, so that long names fit on a phone."""

from collections.abc import Sequence
from dataclasses import dataclass

from council_finance.charts.marks import (
    ADVERSE,
    FAVOURABLE,
    LAST_YEAR,
    NEUTRAL,
    bar_axes,
    drawn,
    hover_text,
    lines_of,
    plain,
    pounds,
    room,
    wrapped,
)
from council_finance.charts.model import Figure, Mark


@dataclass(frozen=True)
class WaterfallStep:
    """A step of a waterfall; a `standing` one is a total, drawn from nil."""

    mark: Mark
    standing: bool = False


def waterfall(steps: Sequence[WaterfallStep], *, more_is: str = "adverse") -> Figure:
    """Return steps from the top down; `more_is` says whether increases are adverse or favourable.

    A step without an amount changes nothing. Totals are drawn as given: the caller sees to it that
    the steps between them add up.
    """
    labels = [wrapped(step.mark.label) for step in steps]
    more, less = (ADVERSE, FAVOURABLE) if more_is == "adverse" else (FAVOURABLE, ADVERSE)
    texts = [plain(step.mark.text) for step in steps]
    trace = {
        "type": "waterfall",
        "orientation": "h",
        "y": list(range(len(steps))),
        "x": [pounds(step.mark.pence) or 0 for step in steps],
        "measure": ["absolute" if step.standing else "relative" for step in steps],
        "text": texts,
        "customdata": [hover_text(step.mark.exact or step.mark.text) for step in steps],
        "hovertemplate": "%{customdata}<extra></extra>",
        "textposition": "outside",
        "cliponaxis": False,
        "increasing": {"marker": {"color": more}},
        "decreasing": {"marker": {"color": less}},
        "totals": {"marker": {"color": NEUTRAL}},
        "connector": {"line": {"color": LAST_YEAR, "width": 1}},
    }
    falls = [(step.mark.pence or 0) < 0 for step in steps]
    leaves = room(
        _running_totals(steps),
        labels,
        left=[text for text, fall in zip(texts, falls, strict=True) if fall],
        right=[text for text, fall in zip(texts, falls, strict=True) if not fall],
    )
    layout = {**bar_axes(labels), "waterfallgap": 0.3, "meta": leaves}
    return drawn([trace], layout, rows=len(steps), lines=lines_of(labels))


def _running_totals(steps: Sequence[WaterfallStep]) -> list[float]:
    """Return the amount in pounds after each step."""
    totals, now = [], 0.0
    for step in steps:
        amount = pounds(step.mark.pence) or 0.0
        now = amount if step.standing else now + amount
        totals.append(now)
    return totals
