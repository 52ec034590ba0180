"""What all charts have in common: colours, letters, margins.

A drawing is a figure of plotly's as a dictionary, which plotly.io writes as well as its classes:
these take ten milliseconds of every chart to come to the same. The tests have them read each kind.
"""

import textwrap

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
_BAR_HEIGHT, _FRAME = 34, 24
_PENCE_PER_POUND = 100


def colour_of(sense: str) -> str:
    """The colour of a figure by its sense; beside it the sense is always said in words."""
    return {"adverse": ADVERSE, "favourable": FAVOURABLE}.get(sense, NEUTRAL)


def pounds(pence: int | None) -> float | None:
    """A length to draw. Printed figures never come from here."""
    return None if pence is None else pence / _PENCE_PER_POUND


def wrapped(label: str, width: int = LABEL_WIDTH) -> str:
    """A label broken into lines. Text is escaped: plotly reads a few tags in labels."""
    lines = textwrap.wrap(label, width) or [""]
    return "<br>".join(plain(line) for line in lines)


def plain(text: str) -> str:
    """Text of which plotly makes no tag and no entity."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def drawn(data: list[dict], layout: dict, *, rows: int, lines: int = 1, top: int = 8) -> dict:
    """A drawing of these traces, as high as its rows need; `lines` of the longest label."""
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
    return {"data": data, "layout": layout | common}


def lines_of(labels: list[str]) -> int:
    """How many lines the longest wrapped label takes."""
    return max((label.count("<br>") + 1 for label in labels), default=1)


def room(values: list[float], labels: list[str], *, left: list[str], right: list[str]) -> dict:
    """What the page needs to leave room for figures beside their bars, however wide it is.

    Pounds from the least to the most, nil included; letters of the longest figure on either side
    and of the longest line of a label. `charts.js` makes the range of the axis of it.
    """
    lines = [line for label in labels for line in label.split("<br>")]
    return {
        "low": min([0.0, *values]),
        "high": max([0.0, *values]),
        "left": _longest(left),
        "right": _longest(right),
        "label": _longest(lines),
    }


def _longest(texts: list[str]) -> int:
    return max((len(text) for text in texts), default=0)


def bar_axes(labels: list[str]) -> dict:
    """Names of rows on the left, from the top down; across, a line at nil and nothing else, as the
    figures stand beside their bars."""
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
