"""Horizontal bars: one value a row, or a row of several parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from council_finance.charts.marks import (
    bar_axes,
    colour_of,
    drawn,
    hover_text,
    lines_of,
    plain,
    pounds,
    room,
    series_name,
    wrapped,
)
from council_finance.charts.model import Figure, Mark


@dataclass(frozen=True)
class Series:
    """A part of stacked bars: its name with its shape, its colours and a value for each row."""

    name: str
    colour: str
    marks: tuple[Mark, ...]
    text_colour: str = "#FFFFFF"


def bars(marks: Sequence[Mark]) -> Figure:
    """Return bars from nil, in their order from the top, coloured by sense; None is blank."""
    labels = [wrapped(mark.label) for mark in marks]
    values = [pounds(mark.pence) for mark in marks]
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": list(range(len(marks))),
        "x": values,
        "text": [plain(mark.text) for mark in marks],
        "customdata": [hover_text(mark.exact or mark.text) for mark in marks],
        "hovertemplate": "%{customdata}<extra></extra>",
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {"color": [colour_of(mark.sense) for mark in marks]},
    }
    leaves = room(
        [value for value in values if value is not None],
        labels,
        left=[mark.text for mark in marks if (mark.pence or 0) < 0],
        right=[mark.text for mark in marks if (mark.pence or 0) >= 0],
    )
    layout = {**bar_axes(labels), "bargap": 0.3, "meta": leaves}
    return drawn([trace], layout, rows=len(marks), lines=lines_of(labels))


def stacked(series: Sequence[Series]) -> Figure:
    """Return rows of parts from nil; the marks of every series are for the same rows, in order.

    A part that is too small for its figure shows it on hovering; the table always has it.
    """
    marks = series[0].marks if series else ()
    labels = [wrapped(mark.label) for mark in marks]
    layout = {
        **bar_axes(labels),
        "barmode": "stack",
        "bargap": 0.3,
        # A figure that does not fit into its part is left out: it would cover the next one.
        "uniformtext": {"minsize": 12, "mode": "hide"},
    }
    traces = [_series_trace(each) for each in series]
    return _add_legend(drawn(traces, layout, rows=len(marks), lines=lines_of(labels), top=40))


def _series_trace(series: Series) -> dict[str, Any]:
    marks = series.marks
    return {
        "type": "bar",
        "orientation": "h",
        "name": series_name(series.name),
        "y": list(range(len(marks))),
        "x": [pounds(mark.pence) for mark in marks],
        "text": [plain(mark.text) if mark.pence else "" for mark in marks],
        "customdata": [hover_text(f"{series.name}: {mark.exact or mark.text}") for mark in marks],
        "hovertemplate": "%{customdata}<extra></extra>",
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "textfont": {"color": series.text_colour, "size": 13},
        "marker": {"color": series.colour, "line": {"color": "#FFFFFF", "width": 1}},
    }


def _add_legend(figure: Figure) -> Figure:
    """Add the legend of the parts, above the bars and in their order."""
    figure["layout"] |= {
        "showlegend": True,
        "legend": {
            "orientation": "h",
            "x": 0,
            "xref": "container",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "traceorder": "normal",
            "itemclick": False,
            "itemdoubleclick": False,
        },
    }
    return figure
