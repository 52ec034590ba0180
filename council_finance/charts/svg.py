"""Write a drawing as SVG, for documents: vector shapes, and texts that can be selected. Pure."""

from xml.sax.saxutils import escape, quoteattr

from council_finance.charts.drawing import Box, Dot, Drawing, Shape, Stroke

FONTS = "Arial, Liberation Sans, Helvetica, sans-serif"
_BELOW_MIDDLE = 0.36
"""The base line of a text below its middle, as a part of its size."""


def svg_of(drawing: Drawing) -> str:
    """Return the SVG of a drawing; its alternative text is given where it is shown."""
    size = f'width="{drawing.width:g}" height="{drawing.height:.1f}"'
    box = f'viewBox="0 0 {drawing.width:g} {drawing.height:.1f}"'
    shapes = "".join(_write_shape(shape) for shape in drawing.shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} '
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
