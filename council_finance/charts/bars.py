"""Horizontal bars: one figure a row, or a row made up of parts."""

from dataclasses import dataclass

import plotly.graph_objects as go

from council_finance.charts.marks import (
    colour_of,
    drawn,
    length_axis,
    lines_of,
    name_axis,
    plain,
    pounds,
    room,
    wrapped,
)
from council_finance.charts.model import Mark


@dataclass(frozen=True)
class Series:
    """One part of stacked bars: its name with its shape, its colours and a figure a row."""

    name: str
    colour: str
    marks: tuple[Mark, ...]
    text_colour: str = "#FFFFFF"


def bars(marks: list[Mark]) -> dict:
    """Bars from nil, in the order given from the top, coloured by sense; a missing one is blank."""
    labels = [wrapped(mark.label) for mark in marks]
    values = [pounds(mark.pence) for mark in marks]
    figure = go.Figure(
        go.Bar(
            orientation="h",
            y=list(range(len(marks))),
            x=values,
            text=[plain(mark.text) for mark in marks],
            customdata=[plain(mark.exact or mark.text) for mark in marks],
            hovertemplate="%{customdata}<extra></extra>",
            textposition="outside",
            cliponaxis=False,
            marker={"color": [colour_of(mark.sense) for mark in marks]},
        )
    )
    given = [value for value in values if value is not None]
    name_axis(figure, labels)
    length_axis(figure)
    figure.update_layout(
        bargap=0.3,
        meta=room(
            given,
            labels,
            left=[mark.text for mark in marks if (mark.pence or 0) < 0],
            right=[mark.text for mark in marks if (mark.pence or 0) >= 0],
        ),
    )
    return drawn(figure, rows=len(marks), lines=lines_of(labels))


def stacked(series: list[Series]) -> dict:
    """Rows of parts from nil; the marks of every series stand for the same rows, in order.

    A part that is too small for its figure shows it when pointed at, and the table always.
    """
    marks = series[0].marks if series else ()
    labels = [wrapped(mark.label) for mark in marks]
    figure = go.Figure()
    for each in series:
        figure.add_bar(
            orientation="h",
            name=plain(each.name),
            y=list(range(len(marks))),
            x=[pounds(mark.pence) for mark in each.marks],
            text=[plain(mark.text) if mark.pence else "" for mark in each.marks],
            customdata=[plain(f"{each.name}: {mark.exact or mark.text}") for mark in each.marks],
            hovertemplate="%{customdata}<extra></extra>",
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": each.text_colour, "size": 13},
            marker={"color": each.colour, "line": {"color": "#FFFFFF", "width": 1}},
        )
    name_axis(figure, labels)
    length_axis(figure)
    # A figure that does not fit its part is left out, instead of standing over the next one.
    figure.update_layout(barmode="stack", bargap=0.3, uniformtext={"minsize": 12, "mode": "hide"})
    return _with_key(drawn(figure, rows=len(marks), lines=lines_of(labels), top=40))


def _with_key(data: dict) -> dict:
    """The key of the parts, above the bars in their order."""
    data["layout"] |= {
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
    return data
