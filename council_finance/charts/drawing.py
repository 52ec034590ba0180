"""Draw a chart on paper: boxes, strokes, dots and words with their places, in points. Pure.

Pages show this drawing until somebody explores the chart, which plotly then draws from the same
figure; documents have nothing else. `svg_of` (council_finance.charts.svg) and the Word document
write it.
"""

import html
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from council_finance.charts.letters import text_width
from council_finance.charts.marks import AXIS, INK, LAST_YEAR, RULE
from council_finance.charts.model import Figure

_SIZE = 9.5
_LEADING = 11.5
_GAP = 5
_LEAST_ROW = 22.0
_NARROW = 300
_NARROW_BAR = 14.0
"""Narrower than this, a label stands above its bar, which is then so thick."""


@dataclass(frozen=True)
class Box:
    """A filled rectangle; `x` and `y` are its upper left corner."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True)
class Stroke:
    """A line through points."""

    points: tuple[tuple[float, float], ...]
    colour: str
    width: float = 1.0


@dataclass(frozen=True)
class Dot:
    """A filled circle around a point."""

    x: float
    y: float
    radius: float
    colour: str


@dataclass(frozen=True)
class Words:
    """A line of text; `y` is the middle of the line, `anchor` is "start", "middle" or "end"."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    colour: str = INK
    size: float = _SIZE


Shape = Box | Stroke | Dot | Words


@dataclass(frozen=True)
class Drawing:
    """The shapes of a chart, the lowest first, and its size in points."""

    width: float
    height: float
    shapes: tuple[Shape, ...]


def draw(figure: Figure, *, width: float = 480) -> Drawing:
    """Return the drawing of a figure that `council_finance.charts` made, as wide as given."""
    is_course = figure["layout"]["xaxis"].get("type") == "category"
    return _draw_course(figure, width) if is_course else _draw_rows(figure, width)


@dataclass(frozen=True)
class _Part:
    """A part of a row, from one amount to another in pounds, with its text."""

    row: int
    start: float
    end: float
    colour: str
    text: str
    text_colour: str = INK
    inside: bool = False


@dataclass(frozen=True)
class _Scale:
    """The place of amounts along the bars: `zero` is that of nil, `point` a pound in points."""

    zero: float
    point: float

    def place(self, amount: float) -> float:
        """Return the place of an amount."""
        return self.zero + amount * self.point


@dataclass(frozen=True)
class _Rows:
    """The places of rows one below the other: `label` and `bar` are middles from a row's top."""

    top: float
    height: float
    label: float
    bar: float
    thick: float

    def bar_in(self, row: int) -> float:
        """Return the middle of the bar of a row."""
        return self.top + self.height * row + self.bar

    def label_of(self, row: int) -> float:
        """Return the middle of the label of a row."""
        return self.top + self.height * row + self.label


def _draw_rows(figure: Figure, width: float) -> Drawing:
    """Draw horizontal bars, stacked bars or a waterfall."""
    labels = [_plain_lines(label) for label in figure["layout"]["yaxis"]["ticktext"]]
    parts = list(_parts_of_rows(figure))
    names = [(each["name"], each["marker"]["color"]) for each in figure["data"] if "name" in each]
    legend, top = _draw_legend(names, width)
    shapes: list[Shape] = [*legend]
    if width < _NARROW:
        labels = [_join_lines(lines, width) for lines in labels]
        rows, left = _rows_below_labels(labels, top), 0.0
        for row, lines in enumerate(labels):
            shapes += _draw_lines(lines, 0, rows.label_of(row), "start")
    else:
        at_left = max((text_width(line, _SIZE) for lines in labels for line in lines), default=0)
        rows, left = _rows_beside_labels(labels, top), at_left + 2 * _GAP
        for row, lines in enumerate(labels):
            shapes += _draw_lines(lines, at_left, rows.label_of(row), "end")
    scale = _fit_scale(parts, left, width)
    for part in parts:
        shapes += _draw_part(part, scale, rows)
    height = top + rows.height * len(labels) + 4
    words = [shape for shape in shapes if isinstance(shape, Words)]
    if any(trace["type"] == "waterfall" for trace in figure["data"]):
        shapes += _draw_connectors(parts, scale, rows, words)
    shapes += _draw_upright(scale.zero, (top, height - 4), words, AXIS)
    return Drawing(width, height, tuple(shapes))


def _rows_beside_labels(labels: Sequence[Sequence[str]], top: float) -> _Rows:
    height = max(_LEAST_ROW, _LEADING * max(map(len, labels), default=1) + 6)
    return _Rows(top, height, label=height / 2, bar=height / 2, thick=height * 0.7)


def _rows_below_labels(labels: Sequence[Sequence[str]], top: float) -> _Rows:
    words = _LEADING * max(map(len, labels), default=1) + 2
    height = words + _NARROW_BAR + _GAP + 2
    return _Rows(top, height, words / 2, words + _NARROW_BAR / 2, _NARROW_BAR)


def _join_lines(lines: list[str], width: float) -> list[str]:
    """Return the lines of a label as one line, where it fits."""
    line = " ".join(lines)
    return [line] if text_width(line, _SIZE) <= width else lines


def _draw_upright(
    place: float,
    ends: tuple[float, float],
    words: Sequence[Words],
    colour: str,
    thickness: float = 1.0,
) -> Iterator[Stroke]:
    """Yield a line from top to bottom, with a gap at each text that it would cross."""
    top, bottom = ends
    for text in sorted(words, key=lambda each: each.y):
        wide = text_width(text.text, text.size)
        left = text.x - {"start": 0.0, "middle": wide / 2, "end": wide}[text.anchor]
        if left - 1 < place < left + wide + 1 and ends[0] < text.y < bottom:
            if top < text.y - text.size * 0.7:
                yield Stroke(((place, top), (place, text.y - text.size * 0.7)), colour, thickness)
            top = text.y + text.size * 0.7
    if top < bottom:
        yield Stroke(((place, top), (place, bottom)), colour, thickness)


def _plain_lines(label: str) -> list[str]:
    """Return the lines of a label as plotly reads it, in plain letters."""
    return [html.unescape(line) for line in label.split("<br>")]


def _parts_of_rows(figure: Figure) -> Iterator[_Part]:
    """Yield the parts of each row, in the order of the traces."""
    stacks: dict[tuple[int, bool], float] = {}
    running = 0.0
    for trace in figure["data"]:
        for place, row in enumerate(trace["y"]):
            amount, text = trace["x"][place], html.unescape(trace["text"][place])
            if amount is None:
                continue
            if trace["type"] == "waterfall":
                start = 0.0 if trace["measure"][place] == "absolute" else running
                running = start + amount
                yield _Part(row, start, running, _colour_of_step(trace, place), text)
            elif trace["textposition"] == "inside":
                start = stacks.get((row, amount < 0), 0.0)
                stacks[row, amount < 0] = start + amount
                colours = (trace["marker"]["color"], trace["textfont"]["color"])
                yield _Part(row, start, start + amount, colours[0], text, colours[1], inside=True)
            else:
                yield _Part(row, 0.0, amount, trace["marker"]["color"][place], text)


def _colour_of_step(trace: dict[str, Any], place: int) -> str:
    """Return the colour of a step of a waterfall."""
    if trace["measure"][place] == "absolute":
        kind = "totals"
    else:
        kind = "increasing" if trace["x"][place] >= 0 else "decreasing"
    return str(trace[kind]["marker"]["color"])


def _fit_scale(parts: Sequence[_Part], left: float, width: float) -> _Scale:
    """Return the scale in which all bars with the texts beside them fit between two places."""
    low = min([0.0, *(min(part.start, part.end) for part in parts)])
    high = max([0.0, *(max(part.start, part.end) for part in parts)])
    beside = [part for part in parts if not part.inside]
    before = max([0.0, *(_text_room(part) for part in beside if part.end < part.start)])
    after = max([0.0, *(_text_room(part) for part in beside if part.end >= part.start)])
    room = max(width - left - before - after - 2, 40.0)
    point = room / ((high - low) or 1)
    return _Scale(left + before - low * point, point)


def _text_room(part: _Part) -> float:
    return text_width(part.text, _SIZE) + _GAP


def _draw_lines(lines: Sequence[str], x: float, middle: float, anchor: str) -> Iterator[Words]:
    """Yield the lines of a label around a middle; they begin or end at `x`."""
    first = middle - (len(lines) - 1) * _LEADING / 2
    for number, line in enumerate(lines):
        yield Words(x, first + number * _LEADING, line, anchor)


def _draw_part(part: _Part, scale: _Scale, rows: _Rows) -> Iterator[Shape]:
    """Yield a bar with its text; a text that does not fit inside its part is left out."""
    ends = sorted((scale.place(part.start), scale.place(part.end)))
    middle = rows.bar_in(part.row)
    long = ends[1] - ends[0]
    # A hair of white between the parts of a row.
    gap = 0.7 if part.inside and long > 2 else 0.0
    yield Box(ends[0], middle - rows.thick / 2, long - gap, rows.thick, part.colour)
    if part.inside:
        if text_width(part.text, _SIZE) + 4 <= long:
            yield Words(sum(ends) / 2, middle, part.text, "middle", part.text_colour)
    elif part.end < part.start:
        yield Words(ends[0] - _GAP + 1, middle, part.text, "end")
    else:
        yield Words(ends[1] + _GAP - 1, middle, part.text)


def _draw_connectors(
    parts: Sequence[_Part], scale: _Scale, rows: _Rows, words: Sequence[Words]
) -> Iterator[Stroke]:
    """Yield the thin lines that lead from each step of a waterfall to the next."""
    for part in parts[:-1]:
        ends = (rows.bar_in(part.row) + rows.thick / 2, rows.bar_in(part.row + 1) - rows.thick / 2)
        yield from _draw_upright(scale.place(part.end), ends, words, LAST_YEAR, 0.75)


def _draw_legend(names: Sequence[tuple[str, str]], width: float) -> tuple[list[Shape], float]:
    """Return the names of parts with their colours, in as many lines as they need, and the end."""
    if not names:
        return [], 4.0
    shapes: list[Shape] = []
    x, y = 0.0, 10.0
    for name, colour in names:
        text = html.unescape(name)
        wide = 14 + text_width(text, _SIZE) + 14
        if x and x + wide > width:
            x, y = 0.0, y + 15
        shapes += [Box(x, y - 4.5, 9, 9, colour), Words(x + 14, y, text)]
        x += wide
    return shapes, y + 14


def _draw_course(figure: Figure, width: float) -> Drawing:
    """Draw lines over periods, with a rule at each round amount and the names at their ends."""
    axis, traces = figure["layout"]["yaxis"], figure["data"]
    ticks = list(zip(axis["tickvals"], map(html.unescape, axis["ticktext"]), strict=True))
    left = max(text_width(text, _SIZE) for _, text in ticks) + 2 * _GAP
    top, bottom, height = 16.0, 190.0, 212.0
    low, high = axis["range"]
    periods = traces[0]["x"] if traces else []
    step = (width - left - 2 * _GAP) / max(len(periods), 1)

    def place(number: int, amount: float) -> tuple[float, float]:
        share = (amount - low) / ((high - low) or 1)
        return left + step * (number + 0.5), bottom - share * (bottom - top)

    shapes: list[Shape] = []
    for value, text in ticks:
        _, y = place(0, value)
        shapes.append(Stroke(((left, y), (width, y)), AXIS if value == 0 else RULE))
        shapes.append(Words(left - _GAP, y, text, "end"))
    for number in _numbers_shown(periods, step):
        shapes.append(Words(place(number, low)[0], bottom + 12, str(periods[number]), "middle"))
    for trace in traces:
        points = [
            None if amount is None else place(number, amount)
            for number, amount in enumerate(trace["y"])
        ]
        shapes += _draw_line(trace, points)
    return Drawing(width, height, tuple(shapes))


def _numbers_shown(periods: Sequence[Any], step: float) -> list[int]:
    """Return the numbers of the periods whose labels have room; the last one is among them."""
    widest = max((text_width(str(period), _SIZE) for period in periods), default=0)
    every = max(math.ceil((widest + _GAP) / step), 1)
    return [n for n in range(len(periods)) if (len(periods) - 1 - n) % every == 0]


def _draw_line(
    trace: dict[str, Any], points: Sequence[tuple[float, float] | None]
) -> Iterator[Shape]:
    """Yield a line with a gap where an amount is missing, its points, and its name at its end."""
    colour, run = trace["line"]["color"], list[tuple[float, float]]()
    for point in [*points, None]:
        if point is not None:
            run.append(point)
            continue
        if len(run) > 1:
            yield Stroke(tuple(run), colour, trace["line"]["width"] * 0.7)
        run = []
    for number, point in enumerate(points):
        if point is None:
            continue
        yield Dot(*point, trace["marker"]["size"] * 0.35, colour)
        if trace["text"][number]:
            side, towards = trace["textposition"].split()
            y = point[1] + (-11 if side == "top" else 11)
            x, anchor = (point[0] - 2, "end") if towards == "left" else (point[0] + 2, "start")
            text = html.unescape(trace["text"][number])
            yield Words(x, y, text, anchor, trace["textfont"]["color"])
