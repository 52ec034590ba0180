"""The parts that all charts share: colours, fonts, margins.

A figure is a plain dictionary. plotly.io writes it just as it writes plotly's own classes, which
take ten milliseconds more a chart; the tests have those classes read each kind of figure.
"""

import textwrap
from collections.abc import Sequence
from typing import Any

from council_finance.charts.model import Figure

ADVERSE, FAVOURABLE, NEUTRAL, LAST_YEAR = "#F46A25", "#12436D", "#3D3D3D", "#A6A6A6"
FURTHER = ("#28A197", "#801650", "#A285D1")
STATUS_COLOURS = {
    "Red": "#B1001C",
    "Amber": "#F2A900",
    "Green": "#00703C",
    "Blue": "#1D70B8",
    "Black": "#0B0B0B",
}
INK, RULE, AXIS = "#14191F", "#D5DBE1", "#7A8791"
LABEL_WIDTH = 26
_LABEL_LINES, _HOVER_WIDTH, _SERIES_WIDTH = 3, 44, 36
_BAR_HEIGHT, _FRAME = 34, 24
_PENCE_PER_POUND = 100


def colour_of(sense: str) -> str:
    """Return the colour for a sense; pages always give the sense in words too."""
    return {"adverse": ADVERSE, "favourable": FAVOURABLE}.get(sense, NEUTRAL)


def pounds(pence: int | None) -> float | None:
    """Return an amount in pounds, as a length to draw; never a figure to print."""
    return None if pence is None else pence / _PENCE_PER_POUND


def wrapped(label: str) -> str:
    """Return a label in at most three lines, escaped: plotly reads a few tags in labels.

    Every row is as high as the longest label, so one long name would stretch the whole chart. The
    table and the text shown on hovering have the name in full.
    """
    return _break_lines(label, LABEL_WIDTH, max_lines=_LABEL_LINES)


def hover_text(text: str) -> str:
    """Return the whole of a text that is shown on hovering, in lines and escaped."""
    return _break_lines(text, _HOVER_WIDTH)


def series_name(name: str) -> str:
    """Return the name of a series, cut where it would be wider than a narrow chart, and escaped."""
    return _break_lines(name, _SERIES_WIDTH, max_lines=1)


def _break_lines(text: str, width: int, *, max_lines: int | None = None) -> str:
    lines = textwrap.wrap(text, width, max_lines=max_lines, placeholder="\N{HORIZONTAL ELLIPSIS}")
    return "<br>".join(plain(line) for line in lines)


def plain(text: str) -> str:
    """Return a text in which plotly finds no tag and no entity."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def drawn(
    data: Sequence[dict[str, Any]],
    layout: dict[str, Any],
    *,
    rows: int,
    lines: int = 1,
    top: int = 8,
) -> Figure:
    """Return a figure of these traces, as high as its rows need.

    `lines` is the number of lines of the longest label, `top` the margin above in pixels.
    """
    common = {
        "font": {"family": "Arial, Helvetica, sans-serif", "size": 14, "color": INK},
        "paper_bgcolor": "#FFFFFF",
        "plot_bgcolor": "#FFFFFF",
        "margin": {"l": 8, "r": 8, "t": top, "b": 8, "pad": 6},
        "height": rows * max(_BAR_HEIGHT, 18 * lines + 6) + _FRAME + top,
        "showlegend": False,
        "hoverlabel": {"font": {"family": "Arial, Helvetica, sans-serif", "size": 14}},
        "dragmode": False,
    }
    return {"data": list(data), "layout": layout | common}


def lines_of(labels: list[str]) -> int:
    """Return the number of lines of the longest wrapped label."""
    return max((label.count("<br>") + 1 for label in labels), default=1)


def room(
    values: Sequence[float],
    labels: Sequence[str],
    *,
    left: Sequence[str],
    right: Sequence[str],
) -> dict[str, float]:
    """Return the sizes from which `charts.js` works out the axis, so that figures beside bars fit.

    These are the least and the most in pounds, nil included, and the letters of the longest figure
    on either side and of the longest line of a label.
    """
    lines = [line for label in labels for line in label.split("<br>")]
    return {
        "low": min([0.0, *values]),
        "high": max([0.0, *values]),
        "left": _longest_length(left),
        "right": _longest_length(right),
        "label": _longest_length(lines),
    }


def _longest_length(texts: Sequence[str]) -> int:
    return max((len(text) for text in texts), default=0)


def bar_axes(labels: list[str]) -> dict[str, Any]:
    """Return the axes of horizontal bars: labels on the left from the top down, a line at nil.

    The other axis has no ticks, as each figure is printed beside its bar.
    """
    return {
        "yaxis": {
            "tickmode": "array",
            "tickvals": list(range(len(labels))),
            "ticktext": labels,
            "autorange": "reversed",
            "automargin": True,
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        },
        "xaxis": {
            "showticklabels": False,
            "showgrid": False,
            "zeroline": True,
            "zerolinecolor": AXIS,
            "fixedrange": True,
        },
    }
