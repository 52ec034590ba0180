"""Write a drawing as a group of Word's own shapes, sharp at any size and editable. Pure."""

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from council_finance.charts.drawing import Box, Dot, Drawing, Shape, Stroke, Words
from council_finance.charts.letters import text_width
from council_finance.statements.archive import xml_text

_NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:wpg="http://schemas.microsoft.com/office/word/2010/wordprocessingGroup" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)
_GROUP = "http://schemas.microsoft.com/office/word/2010/wordprocessingGroup"
_EMU = 12_700
"""English metric units in a point, as DrawingML measures."""


def paragraph_of(drawing: Drawing, *, number: int, alternative: str) -> str:
    """Return the XML of a paragraph with a drawing; `number` is that of the drawing in the file."""
    size = f'cx="{_to_emu(drawing.width)}" cy="{_to_emu(drawing.height)}"'
    first = number * 10_000
    shapes = "".join(
        _write_shape(shape, first + place)
        for place, shape in enumerate(_split_strokes(drawing), start=1)
    )
    described = quoteattr(xml_text(alternative))
    return (
        f"<w:p {_NAMES}><w:pPr><w:keepNext/><w:keepLines/></w:pPr><w:r><w:drawing>"
        f'<wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/>'
        f'<wp:docPr id="{first}" name="Chart {number}" descr={described}/>'
        f'<wp:cNvGraphicFramePr/><a:graphic><a:graphicData uri="{_GROUP}">'
        f'<wpg:wgp><wpg:cNvGrpSpPr/><wpg:grpSpPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/>'
        f'<a:chOff x="0" y="0"/><a:chExt {size}/></a:xfrm></wpg:grpSpPr>{shapes}</wpg:wgp>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )


def _to_emu(points: float) -> int:
    return max(round(points * _EMU), 0)


def _split_strokes(drawing: Drawing) -> Iterator[Shape]:
    """Yield the shapes, a line through many points as one line between each two."""
    for shape in drawing.shapes:
        if isinstance(shape, Stroke):
            for ends in zip(shape.points, shape.points[1:], strict=False):
                yield Stroke(ends, shape.colour, shape.width)
        else:
            yield shape


def _write_shape(shape: Shape, number: int) -> str:
    if isinstance(shape, Box):
        place = _write_place(shape.x, shape.y, shape.width, shape.height)
        return _shape_xml(number, place, "rect", _write_fill(shape.colour))
    if isinstance(shape, Dot):
        across = 2 * shape.radius
        place = _write_place(shape.x - shape.radius, shape.y - shape.radius, across, across)
        return _shape_xml(number, place, "ellipse", _write_fill(shape.colour))
    if isinstance(shape, Stroke):
        return _write_line(shape, number)
    return _write_words(shape, number)


def _write_line(shape: Stroke, number: int) -> str:
    (x1, y1), (x2, y2) = shape.points
    flipped = ' flipV="1"' if (y2 - y1) * (x2 - x1) < 0 else ""
    place = _write_place(min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1), flipped)
    line = f'<a:ln w="{_to_emu(shape.width)}">{_write_solid(shape.colour)}</a:ln>'
    return _shape_xml(number, place, "line", line)


def _write_words(shape: Words, number: int) -> str:
    """Write a line of text in a box of its own, without a border and without margins."""
    width, height = text_width(shape.text, shape.size) * 1.06 + 4, shape.size * 1.5
    left = {"start": shape.x, "middle": shape.x - width / 2, "end": shape.x - width}[shape.anchor]
    side = {"start": "left", "middle": "center", "end": "right"}[shape.anchor]
    look = (
        '<w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:cs="Arial"/>'
        f'<w:color w:val="{shape.colour[1:]}"/><w:sz w:val="{round(shape.size * 2)}"/></w:rPr>'
    )
    text = f'<w:t xml:space="preserve">{escape(xml_text(shape.text))}</w:t>'
    paragraph = (
        '<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/>'
        f'<w:jc w:val="{side}"/></w:pPr><w:r>{look}{text}</w:r></w:p>'
    )
    return _shape_xml(
        number,
        _write_place(max(left, 0), shape.y - height / 2, width, height),
        "rect",
        "<a:noFill/><a:ln><a:noFill/></a:ln>",
        f"<wps:txbx><w:txbxContent>{paragraph}</w:txbxContent></wps:txbx>",
    )


def _write_place(x: float, y: float, width: float, height: float, flipped: str = "") -> str:
    return (
        f'<a:xfrm{flipped}><a:off x="{_to_emu(x)}" y="{_to_emu(y)}"/>'
        f'<a:ext cx="{_to_emu(width)}" cy="{_to_emu(height)}"/></a:xfrm>'
    )


def _write_solid(colour: str) -> str:
    return f'<a:solidFill><a:srgbClr val="{colour[1:]}"/></a:solidFill>'


def _write_fill(colour: str) -> str:
    return f"{_write_solid(colour)}<a:ln><a:noFill/></a:ln>"


def _shape_xml(number: int, place: str, kind: str, look: str, text: str = "") -> str:
    box = ' txBox="1"' if text else ""
    return (
        f'<wps:wsp><wps:cNvPr id="{number}" name=""/><wps:cNvSpPr{box}/><wps:spPr>{place}'
        f'<a:prstGeom prst="{kind}"><a:avLst/></a:prstGeom>{look}</wps:spPr>{text}'
        '<wps:bodyPr wrap="none" lIns="0" tIns="0" rIns="0" bIns="0" anchor="ctr"><a:noAutofit/>'
        "</wps:bodyPr></wps:wsp>"
    )
