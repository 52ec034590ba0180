"""Lines of amounts from period to period, each with its name at its end."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from council_finance.charts.marks import (
    AXIS,
    NEUTRAL,
    RULE,
    drawn,
    hover_text,
    plain,
    pounds,
    series_name,
)
from council_finance.charts.model import Figure, Mark

_ROWS = 9
"""The height of the chart, in bars."""

_LEAST_STEP = 100_000


@dataclass(frozen=True)
class Line:
    """A line with its name and a mark for each period (None is drawn as a gap)."""

    name: str
    marks: tuple[Mark, ...]
    colour: str = NEUTRAL
    thin: bool = False


def course(lines: Sequence[Line], *, printed: Callable[[int], str]) -> Figure:
    """Return lines over the same periods (the labels of the marks), with a line at nil.

    `printed` returns an amount in pence as the axis shows it.
    """
    ticks = ticks_over([mark.pence for line in lines for mark in line.marks])
    layout = {
        "xaxis": {
            "type": "category",
            "showgrid": False,
            "automargin": True,
            "fixedrange": True,
            "linecolor": RULE,
        },
        "yaxis": {
            "tickmode": "array",
            "tickvals": [pounds(tick) for tick in ticks],
            "ticktext": [plain(printed(tick)) for tick in ticks],
            "range": [pounds(ticks[0]), pounds(ticks[-1])],
            "gridcolor": RULE,
            "zeroline": True,
            "zerolinecolor": AXIS,
            "zerolinewidth": 2,
            "automargin": True,
            "fixedrange": True,
        },
    }
    return drawn(
        [_line_trace(line, number, lines) for number, line in enumerate(lines)],
        layout,
        rows=_ROWS,
        top=24,
    )


def _line_trace(line: Line, number: int, lines: Sequence[Line]) -> dict[str, Any]:
    """Return a line with its points, and its name at the last of them."""
    values = [pounds(mark.pence) for mark in line.marks]
    last = max((n for n, value in enumerate(values) if value is not None), default=-1)
    return {
        "type": "scatter",
        "x": [mark.label for mark in line.marks],
        "y": values,
        "mode": "lines+markers+text",
        "text": [series_name(line.name) if n == last else "" for n in range(len(values))],
        "textposition": f"{_name_side(number, last, lines)} "
        + ("left" if last == len(values) - 1 else "right"),
        "textfont": {"color": NEUTRAL if line.thin else line.colour},
        "customdata": [
            hover_text(f"{line.name}, {m.label}: {m.exact or m.text}") for m in line.marks
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
        "cliponaxis": False,
        "connectgaps": False,
        "line": {"color": line.colour, "width": 1.5 if line.thin else 3},
        "marker": {"size": 5 if line.thin else 8},
    }


def _name_side(number: int, last: int, lines: Sequence[Line]) -> str:
    """Return the side of a line's end for its name: below it where another line is above it."""
    at_end = [
        (pence, place)
        for place, line in enumerate(lines)
        for mark in line.marks[last : last + 1]
        if (pence := mark.pence) is not None
    ]
    return "top" if not at_end or max(at_end)[1] == number else "bottom"


def ticks_over(pence: Sequence[int | None]) -> list[int]:
    """Return four to seven round amounts in pence, whose range has nil and every given amount.

    They are at least £1,000 apart: actuals within pennies of their budget are a flat line.
    """
    given = [amount for amount in pence if amount is not None]
    low, high = min([0, *given]), max([0, *given])
    step = _LEAST_STEP
    for factor in itertools.cycle((Fraction(2), Fraction(5, 2), Fraction(2))):
        if high - low <= 5 * step:
            break
        step = int(step * factor)
    first = low // step
    last = max(-(-high // step), first + 3)
    return [step * place for place in range(first, last + 1)]
