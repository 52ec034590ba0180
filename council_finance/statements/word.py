"""A statement as a Word document: title, facts, a table whose headings repeat, notes. Pure."""

import datetime
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from xml.sax.saxutils import escape, quoteattr

from docx import Document
from docx.document import Document as DocxDocument
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt
from docx.text.paragraph import Paragraph

from council_finance.statements.archive import unpacked, xml_text, zip_of
from council_finance.statements.model import Column, Row, Statement
from council_finance.statements.paper import column_widths, lies_across, print_scale
from council_finance.statements.wording import facts, heading, paper_notes, seal

_STYLES = {"Normal": 10, "Heading 1": 16}
_BOLD_KINDS = {"heading", "subtotal", "total"}
_SUMS = {"subtotal", "total"}
_MARGIN_CM = 1.8
_TWIPS_A_CM = 567


def to_docx(statement: Statement) -> bytes:
    """Return a DOCX file in A4, landscape where the table is wide."""
    document = Document()
    header = statement.header
    set_properties(document, statement.title, header.council, header.file_date)
    set_styles(document)
    width = _set_page(document, statement)
    document.add_heading(xml_text(statement.title), level=1)
    document.add_paragraph(xml_text(facts(statement.header)))
    _add_small_print(document, seal(statement))
    if statement.rows:
        table = parse_xml(table_xml(statement, width))
        document.add_paragraph()._p.addprevious(table)
    for mark, text in paper_notes(statement):
        _add_small_print(document, f"{mark} {text}".strip())
    out = io.BytesIO()
    document.save(out)
    return zip_of(unpacked(out.getvalue()))


def set_properties(document: DocxDocument, title: str, council: str, as_at: datetime.date) -> None:
    """Set the file's properties, with a fixed date so that its bytes stay the same."""
    about = document.core_properties
    about.title = xml_text(title)[:255]
    about.author = about.last_modified_by = xml_text(council)[:255]
    about.language, about.comments = "en-GB", ""
    made = datetime.datetime.combine(as_at, datetime.time())
    about.created = about.modified = made


def set_styles(document: DocxDocument, sizes: Mapping[str, int] = _STYLES) -> None:
    """Set Arial and British English throughout, and the sizes of styles in points."""
    for name, size in sizes.items():
        style = document.styles[name]
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for key in list(fonts.attrib):
            del fonts.attrib[key]
        style.font.name, style.font.size = "Arial", Pt(size)
    document.styles["Heading 1"].paragraph_format.space_before = Pt(0)
    document.styles["Heading 1"].paragraph_format.space_after = Pt(6)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-GB")


def _set_page(document: DocxDocument, statement: Statement) -> float:
    """Set the page and its footer; return the width between the margins in centimetres."""
    section, short, long = document.sections[0], 21.0, 29.7
    wide = lies_across(statement)
    across, down = (long, short) if wide else (short, long)
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Cm(across), Cm(down)
    section.left_margin = section.right_margin = Cm(_MARGIN_CM)
    section.top_margin = section.bottom_margin = Cm(_MARGIN_CM)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    add_field(foot, "Page ", "PAGE")
    add_field(foot, " of ", "NUMPAGES")
    return across - 2 * _MARGIN_CM


def add_field(paragraph: Paragraph, before: str, name: str) -> None:
    paragraph.add_run(before)
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    paragraph._p.append(field)


def _add_small_print(document: DocxDocument, text: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(3)
    paragraph.add_run(xml_text(text)).font.size = Pt(8)


def table_xml(
    statement: Statement,
    width: float,
    link_of: Callable[[str, str], str] = lambda *_: "",
    *,
    whole: bool = False,
) -> str:
    """Return a table's XML, `width` centimetres at most.

    `link_of` returns the bookmark that the text of a column's cell links to, empty for none. The
    first rows stay on a page together, and so do the last; all of them if `whole`.
    Through python-docx, cell by cell, it takes twenty times as long.
    """
    columns = statement.reader_columns
    twips_a_percent = width * _TWIPS_A_CM / 100
    widths = [round(each * twips_a_percent) for each in column_widths(statement)]
    scale = print_scale(statement)
    heads = [(statement.row_heading, False), *((heading(c), c.kind != "text") for c in columns)]
    head = "".join(
        _cell_xml(text, twips, right=right, bold=True, rule="bottom")
        for (text, right), twips in zip(heads, widths, strict=True)
    )
    grid = "".join(f'<w:gridCol w:w="{twips}"/>' for twips in widths)
    caption = f"<w:tblCaption w:val={quoteattr(xml_text(statement.title))}/>"
    rows = [
        f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{head}</w:tr>",
        *(_row_xml(row, columns, widths, link_of) for row in statement.rows),
    ]
    xml = (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>'
        '<w:bottom w:val="single" w:sz="8" w:space="0" w:color="000000"/>'
        '<w:insideH w:val="single" w:sz="4" w:space="0" w:color="BFBFBF"/></w:tblBorders>'
        '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left '
        f'w:w="{round(80 * scale)}" w:type="dxa"/><w:right w:w="{round(60 * scale)}" w:type="dxa"/>'
        '</w:tblCellMar><w:tblLook w:firstRow="1" '
        f'w:firstColumn="1"/>{caption}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
        f"{''.join(_keep_rows(rows, whole=whole))}</w:tbl>"
    )
    return xml if scale == 1 else xml.replace(_size_xml(1), _size_xml(scale))


def _keep_rows(rows: Sequence[str], *, whole: bool) -> Iterator[str]:
    """Yield rows; those that stay on a page with the next one say so."""
    for place, row in enumerate(rows):
        is_last = place == len(rows) - 1
        at_an_end = place < _KEPT_ROWS or place >= len(rows) - _KEPT_ROWS
        is_kept = not is_last and (whole or at_an_end)
        yield row.replace("<w:p><w:pPr>", "<w:p><w:pPr><w:keepNext/>") if is_kept else row


_KEPT_ROWS = 3
"""Rows that stay together at the head and at the end of a table."""


def _size_xml(scale: float) -> str:
    return f'<w:sz w:val="{round(17 * scale)}"/>'


def _row_xml(
    row: Row, columns: Sequence[Column], widths: list[int], link_of: Callable[[str, str], str]
) -> str:
    rule = "top" if row.kind in _SUMS else ""
    cell_xml = partial(_cell_xml, bold=row.kind in _BOLD_KINDS, rule=rule)
    if row.cells:
        cells = cell_xml(row.label, widths[0], indent=row.level)
        for column, twips in zip(columns, widths[1:], strict=True):
            ours, right = row.cells[column.key], column.kind != "text"
            link = link_of(column.key, ours.text)
            cells += cell_xml(ours.text, twips, right=right, mark=ours.mark, link=link)
    else:
        cells = cell_xml(row.label, sum(widths), indent=row.level, span=len(widths))
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>"


def _cell_xml(
    text: str,
    twips: int,
    *,
    right: bool = False,
    bold: bool = False,
    rule: str = "",
    indent: int = 0,
    span: int = 1,
    mark: str = "",
    link: str = "",
) -> str:
    border = rule and f'<w:{rule} w:val="single" w:sz="8" w:space="0" w:color="000000"/>'
    spanned = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    shade = '<w:shd w:val="clear" w:fill="EEF2F6"/>' if rule == "bottom" else ""
    weight = "<w:b/>" if bold else ""
    raised = _run_xml(mark, f'{weight}<w:vertAlign w:val="superscript"/>') if mark else ""
    linked = _run_xml(text, f'{weight}<w:u w:val="single"/>' if link else weight)
    if link:
        linked = f"<w:hyperlink w:anchor={quoteattr(link)}>{linked}</w:hyperlink>"
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{twips}" w:type="dxa"/>{spanned}'
        f"<w:tcBorders>{border}</w:tcBorders>{shade}</w:tcPr>"
        '<w:p><w:pPr><w:spacing w:before="30" w:after="30" w:line="240" w:lineRule="auto"/>'
        f'<w:ind w:left="{indent * 170}"/><w:jc w:val="{"right" if right else "left"}"/></w:pPr>'
        f"{linked}{raised}</w:p></w:tc>"
    )


def _run_xml(text: str, look: str) -> str:
    """Return the XML of a text in small print, with its line breaks."""
    parts = [
        f'<w:t xml:space="preserve">{escape(part)}</w:t>' for part in xml_text(text).split("\n")
    ]
    return f"<w:r><w:rPr>{look}{_size_xml(1)}</w:rPr>{'<w:br/>'.join(parts)}</w:r>"
