"""The course of a figure from period to period, each line named at its end."""

from dataclasses import dataclass

import plotly.graph_objects as go

from council_finance.charts.marks import AXIS, NEUTRAL, RULE, drawn, plain, pounds
from council_finance.charts.model import Mark

_ROWS = 9
"""As high as so many bars."""


@dataclass(frozen=True)
class Line:
    """A line of a course: its name at its end, a mark for each period (None drawn as a gap)."""

    name: str
    marks: tuple[Mark, ...]
    colour: str = NEUTRAL
    thin: bool = False


def course(lines: list[Line], *, prefix: str = "£", divisor: int = 1, suffix: str = "") -> dict:
    """Lines over the same periods (the labels of the marks), with a line at nil.

    The axis prints pounds divided by `divisor`, with the council's unit after it.
    """
    figure = go.Figure()
    for line in lines:
        values = [pounds(mark.pence) for mark in line.marks]
        ends = [n for n, value in enumerate(values) if value is not None]
        last = ends[-1] if ends else -1
        figure.add_scatter(
            x=[mark.label for mark in line.marks],
            y=[None if value is None else value / divisor for value in values],
            mode="lines+markers+text",
            text=[plain(line.name) if n == last else "" for n in range(len(values))],
            textposition="top left" if last == len(values) - 1 else "top right",
            textfont={"color": NEUTRAL if line.thin else line.colour},
            customdata=[plain(f"{line.name}, {m.label}: {m.exact or m.text}") for m in line.marks],
            hovertemplate="%{customdata}<extra></extra>",
            cliponaxis=False,
            connectgaps=False,
            line={"color": line.colour, "width": 1.5 if line.thin else 3},
            marker={"size": 5 if line.thin else 8},
        )
    figure.update_xaxes(
        type="category", showgrid=False, automargin=True, fixedrange=True, linecolor=RULE
    )
    figure.update_yaxes(
        tickprefix=prefix,
        ticksuffix=suffix,
        separatethousands=True,
        nticks=6,
        gridcolor=RULE,
        zeroline=True,
        zerolinecolor=AXIS,
        zerolinewidth=2,
        automargin=True,
        fixedrange=True,
    )
    return drawn(figure, rows=_ROWS, top=24)
