"""Write a drawing as SVG: vector shapes, and texts that can be selected. Pure."""

import json
from functools import lru_cache
from xml.sax.saxutils import escape, quoteattr

from council_finance.charts.drawing import Box, Dot, Drawing, Shape, Stroke, draw

FONTS = "Arial, Liberation Sans, Helvetica, sans-serif"
_BELOW_MIDDLE = 0.36
"""The base line of a text below its middle, as a part of its size."""

_WIDTHS = {"narrow": 236, "middle": 400, "wide": 715}
"""Of the drawings of a page, in points; app.css shows the one that suits the room for it."""


@lru_cache(maxsize=256)
def svgs_for_page(figure: str) -> str:
    """Return the drawings of a figure, given as JSON, one for each width of a page.

    They are kept by the whole of the figure, so they are never out of date: the least used go.
    """
    read = json.loads(figure)
    return "".join(
        svg_of(draw(read, width=width), css_class=f"chart__svg chart__svg--{name}")
        for name, width in _WIDTHS.items()
    )


def svg_of(drawing: Drawing, *, css_class: str = "") -> str:
    """Return the SVG of a drawing; its alternative text is given where it is shown."""
    size = f'width="{drawing.width:g}" height="{drawing.height:.1f}"'
    box = f'viewBox="0 0 {drawing.width:g} {drawing.height:.1f}"'
    look = f"class={quoteattr(css_class)} " if css_class else ""
    shapes = "".join(_write_shape(shape) for shape in drawing.shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} {look}'
        f"font-family={quoteattr(FONTS)}>{shapes}</svg>"
    )


def _write_shape(shape: Shape) -> str:
    if isinstance(shape, Box):
        place = f'x="{shape.x:.1f}" y="{shape.y:.1f}"'
        size = f'width="{shape.width:.1f}" height="{shape.height:.1f}"'
        return f'<rect {place} {size} fill="{shape.colour}"/>'
    if isinstance(shape, Stroke):
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in shape.points)
        look = f'fill="none" stroke="{shape.colour}" stroke-width="{shape.width:g}"'
        return f'<polyline points="{points}" {look}/>'
    if isinstance(shape, Dot):
        at = f'cx="{shape.x:.1f}" cy="{shape.y:.1f}"'
        return f'<circle {at} r="{shape.radius:.1f}" fill="{shape.colour}"/>'
    base = shape.y + shape.size * _BELOW_MIDDLE
    look = f'font-size="{shape.size:g}" text-anchor="{shape.anchor}" fill="{shape.colour}"'
    return f'<text x="{shape.x:.1f}" y="{base:.1f}" {look}>{escape(shape.text)}</text>'
