"""Write a document as a Word file: real styles, contents, tables whose headings repeat. Pure."""

import datetime
import io
from collections.abc import Sequence
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from docx import Document as new_document
from docx.document import Document as DocxDocument
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.section import Section
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph as WordParagraph

from council_finance.charts import ChartTable
from council_finance.charts.drawing import draw
from council_finance.documents.drawingml import paragraph_of
from council_finance.documents.model import (
    Block,
    Document,
    FiguresTable,
    Heading,
    Items,
    NamedValues,
    Paragraph,
    Picture,
    Table,
    split_pages,
    text_widths,
)
from council_finance.statements.archive import unpacked, xml_text, zip_of
from council_finance.statements.paper import fits_a_page, parts_on_paper
from council_finance.statements.word import add_field, set_properties, set_styles, table_xml
from council_finance.statements.wording import paper_notes, seal, table_caption

_SHORT, _LONG, _MARGIN = 21.0, 29.7, 1.8
_SIZES = {
    "Normal": 10,
    "Title": 26,
    "Heading 1": 16,
    "Heading 2": 13,
    "Heading 3": 11,
    "Caption": 9,
    "List Bullet": 10,
    "List Number": 10,
}
_RULES = (
    f"<w:tblBorders {nsdecls('w')}>"
    '<w:bottom w:val="single" w:sz="8" w:space="0" w:color="000000"/>'
    '<w:insideH w:val="single" w:sz="4" w:space="0" w:color="BFBFBF"/></w:tblBorders>'
)
"""The lines of a small table, as those of statements."""

_POINTS_A_CM = 28.35
_WARNING = RGBColor(0x94, 0x25, 0x14)


def to_docx(document: Document, *, as_at: datetime.date) -> bytes:
    """Return the DOCX of a document; the same document gives the same bytes."""
    return _Writer(document, as_at).write()


class _Writer:
    """A Word file being written; `across` is the width between its margins in centimetres."""

    def __init__(self, document: Document, as_at: datetime.date) -> None:
        self.document = document
        self.file: DocxDocument = new_document()
        self.across = _SHORT - 2 * _MARGIN
        self.bookmarks = 0
        self.pictures = 0
        set_properties(self.file, document.title, document.council, as_at)
        set_styles(self.file, _SIZES)
        self._set_colours()

    def write(self) -> bytes:
        """Return the bytes of the file."""
        self._write_cover()
        for number, run in enumerate(split_pages(self.document.blocks)):
            self._begin_section(wide=run.across, first=number == 0)
            for before, block in pairwise([None, *run.blocks]):
                if isinstance(before, Heading) and isinstance(block, Paragraph):
                    self._write_paragraph(block, keep=True)
                elif block is not None:
                    self._write_block(block)
        out = io.BytesIO()
        self.file.save(out)
        return zip_of(unpacked(out.getvalue()))

    def _set_colours(self) -> None:
        colour = RGBColor.from_string(self.document.colour[1:].upper())
        for name in ("Title", "Heading 1", "Heading 2", "Heading 3"):
            self.file.styles[name].font.color.rgb = colour
        caption = self.file.styles["Caption"]
        caption.font.color.rgb, caption.font.bold = RGBColor(0, 0, 0), True
        caption.paragraph_format.keep_with_next = True

    def _write_cover(self) -> None:
        self._set_page(self.file.sections[0], wide=False)
        first = self.file.add_paragraph(xml_text(self.document.council))
        first.paragraph_format.space_before = Pt(120)
        self.file.add_paragraph(xml_text(self.document.title), style="Title")
        if not self.document.is_final:
            self._write_block(Paragraph("Draft, not final", "warning"))
        self._write_block(self.document.cover)
        self._write_contents()

    def _write_contents(self) -> None:
        """Write the contents as a field, which Word brings up to date, with links to the parts."""
        self.file.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        title = self.file.add_paragraph("Contents")
        title.style = self.file.styles["Heading 1"]
        entries = [each for each in self.document.parts if each.anchor]
        begin = (
            '<w:r><w:fldChar w:fldCharType="begin" w:dirty="true"/></w:r>'
            '<w:r><w:instrText xml:space="preserve">'
        )
        begin += ' TOC \\o "1-2" \\h \\u </w:instrText></w:r>'
        begin += '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        for number, entry in enumerate(entries):
            link = (
                f"<w:hyperlink w:anchor={quoteattr(entry.anchor)}><w:r><w:t>"
                f"{escape(xml_text(entry.text))}</w:t></w:r></w:hyperlink>"
            )
            body = (begin if number == 0 else "") + link
            body += end if number == len(entries) - 1 else ""
            look = f'<w:spacing w:after="40"/><w:ind w:left="{(entry.level - 1) * 400}"/>'
            self._append_xml(f"<w:p {nsdecls('w')}><w:pPr>{look}</w:pPr>{body}</w:p>")

    def _begin_section(self, *, wide: bool, first: bool) -> None:
        section = self.file.add_section(WD_SECTION.NEW_PAGE)
        self._set_page(section, wide=wide)
        if first:
            section.header.is_linked_to_previous = section.footer.is_linked_to_previous = False
            line = section.header.paragraphs[0].add_run(xml_text(self.document.line))
            line.font.size = Pt(8)
            foot = section.footer.paragraphs[0]
            foot.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            add_field(foot, "Page ", "PAGE")
            add_field(foot, " of ", "NUMPAGES")

    def _set_page(self, section: Section, *, wide: bool) -> None:
        across, down = (_LONG, _SHORT) if wide else (_SHORT, _LONG)
        section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Cm(across), Cm(down)
        section.left_margin = section.right_margin = Cm(_MARGIN)
        section.top_margin = section.bottom_margin = Cm(_MARGIN)
        self.across = across - 2 * _MARGIN

    def _append_xml(self, xml: str) -> None:
        """Add XML at the end of the text, before the properties of the last section."""
        body = self.file.element.body
        body.insert(len(body) - 1, parse_xml(xml))

    def _write_block(self, block: Block) -> None:
        if isinstance(block, Heading):
            self._write_heading(block)
        elif isinstance(block, Paragraph):
            self._write_paragraph(block)
        elif isinstance(block, Items):
            style = "List Number" if block.numbered else "List Bullet"
            for item in block.items:
                self.file.add_paragraph(xml_text(item), style=style)
        elif isinstance(block, NamedValues):
            self._write_rows(block.caption, (), [*block.rows])
        elif isinstance(block, Picture):
            self._write_picture(block)
        elif isinstance(block, FiguresTable):
            self._write_figures(block.table, block.caption)
        else:
            self._write_table(block)

    def _write_heading(self, block: Heading) -> None:
        paragraph = self.file.add_heading(xml_text(block.text), level=block.level)
        if block.anchor:
            self.bookmarks += 1
            number, name = self.bookmarks, quoteattr(block.anchor)
            start = f'<w:bookmarkStart {nsdecls("w")} w:id="{number}" w:name={name}/>'
            paragraph._p.insert(1, parse_xml(start))
            paragraph._p.append(parse_xml(f'<w:bookmarkEnd {nsdecls("w")} w:id="{number}"/>'))

    def _write_paragraph(self, block: Paragraph, *, keep: bool = False) -> WordParagraph:
        """Write a paragraph; one in small print may be kept on a page with what follows."""
        paragraph = self.file.add_paragraph()
        run = paragraph.add_run(xml_text(block.text))
        if block.look == "lead":
            run.font.size = Pt(12)
        elif block.look == "small":
            run.font.size = Pt(8)
            paragraph.paragraph_format.space_after = Pt(3)
            paragraph.paragraph_format.keep_with_next = keep
        elif block.look == "warning":
            run.font.bold, run.font.color.rgb = True, _WARNING
        return paragraph

    def _write_picture(self, block: Picture) -> None:
        chart = block.chart
        self.file.add_paragraph(xml_text(chart.title), style="Caption")
        self.pictures += 1
        drawing = draw(chart.figure, width=self.across * _POINTS_A_CM - 4)
        alternative = f"{chart.title}. {chart.unit}. The figures follow as a table."
        self._append_xml(paragraph_of(drawing, number=self.pictures, alternative=alternative))
        self._write_paragraph(Paragraph(chart.unit, "small"), keep=chart.table is not None)
        if chart.table:
            self._write_figures(chart.table, f"Figures: {chart.title}")

    def _write_figures(self, table: ChartTable, caption: str) -> None:
        rows = [*table.rows, *([table.total] if table.total else [])]
        text, widths = {0, *table.text_columns}, text_widths(table)
        self._write_rows(caption, table.headings, rows, text=text, widths=widths)

    def _write_rows(
        self,
        caption: str,
        headings: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        text: set[int] | None = None,
        widths: Sequence[int] = (7, 16),
    ) -> None:
        """Write a small table; columns in `text` hold words (None: all do), others figures.

        `widths` are those of the columns, each a share of their sum.
        """
        self.file.add_paragraph(xml_text(caption), style="Caption")
        all_rows = [*([headings] if headings else []), *rows]
        table = self.file.add_table(rows=len(all_rows), cols=len(all_rows[0]))
        table.autofit = False
        shares = [Cm(self.across * each / sum(widths)) for each in widths]
        for column, share in zip(table.columns, shares, strict=True):
            column.width = share
        for number, row in enumerate(all_rows):
            for place, value in enumerate(row):
                cell = table.cell(number, place)
                cell.width = shares[place]
                paragraph = cell.paragraphs[0]
                look = paragraph.paragraph_format
                look.space_before = look.space_after = Pt(1.5)
                look.keep_with_next = number < len(all_rows) - 1
                run = paragraph.add_run(xml_text(value))
                run.font.size = Pt(8.5)
                run.font.bold = (number == 0 and bool(headings)) or (not headings and place == 0)
                if text is not None and place not in text:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        if headings:
            properties = table.rows[0]._tr.get_or_add_trPr()
            properties.append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
        described = f"<w:tblCaption {nsdecls('w')} w:val={quoteattr(xml_text(caption))}/>"
        properties = table._tbl.find(qn("w:tblPr"))
        properties.insert(properties.index(properties.find(qn("w:tblW"))) + 1, parse_xml(_RULES))
        properties.append(parse_xml(described))
        self._write_gap()

    def _write_gap(self) -> None:
        """Write an empty line, without which a table would touch the next one."""
        gap = self.file.add_paragraph().paragraph_format
        gap.space_after, gap.line_spacing = Pt(0), Pt(6)

    def _write_table(self, block: Table) -> None:
        statement = block.statement
        anchors = self.document.anchors
        if statement.rows:

            def link_of(column: str, text: str) -> str:
                anchor = block.link_of(column, text)
                return anchor if anchor in anchors else ""

            for part in parts_on_paper(statement):
                self.file.add_paragraph(xml_text(table_caption(part)), style="Caption")
                whole = fits_a_page(part)
                self._append_xml(table_xml(part, self.across, link_of, whole=whole))
        notes = [*(f"{mark} {text}".strip() for mark, text in paper_notes(statement))]
        written = [self._write_paragraph(Paragraph(text, "small"), keep=True) for text in notes]
        written.append(self._write_paragraph(Paragraph(seal(statement), "small")))
        # Else the first line would touch the table.
        written[0].paragraph_format.space_before = Pt(6)
