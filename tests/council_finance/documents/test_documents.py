"""A document as PDF, as a Word file and as kept data: structure, figures and the same bytes."""

import datetime
import io
import re
from collections.abc import Callable
from dataclasses import replace
from operator import delitem
from types import SimpleNamespace

import docx
import pikepdf
import pypdf
import pytest
from django.template.loader import render_to_string

from council_finance.charts import (
    Chart,
    ChartTable,
    Line,
    Mark,
    WaterfallStep,
    bars,
    course,
    waterfall,
)
from council_finance.charts.drawing import Box, Stroke, Words, draw
from council_finance.charts.letters import text_width
from council_finance.charts.svg import svg_of
from council_finance.documents import pdf as pages
from council_finance.documents.frozen import blocks_from_json, blocks_to_json
from council_finance.documents.model import (
    Document,
    FiguresTable,
    Heading,
    Items,
    NamedValues,
    Paragraph,
    Picture,
    Table,
    split_pages,
)
from council_finance.documents.page import page_blocks
from council_finance.documents.pdf import to_pdf
from council_finance.documents.texts import blocks_of_text
from council_finance.documents.word import to_docx
from council_finance.statements import Cell, Column, Display, Header, Row, Statement
from council_finance.statements.paper import parts_on_paper, print_scale
from council_finance.statements.wording import table_caption
from monitoring.documents import files
from tests.pdf_structure import faults_of

AS_AT = datetime.date(2026, 6, 30)
DISPLAY = Display(unit="m", favourable="brackets")
HOSTILE = 'Say "x" \\ #strong[no] $a$ <b> & {c}'


def statement(rows: int = 3) -> Statement:
    cells = {"note": Cell("1"), "budget": Cell.of_amount(123_456_700, DISPLAY, mark="*")}
    return Statement(
        name="control",
        title="Control",
        header=Header("Any Council", "2026/27", 3, "draft", 1, AS_AT),
        display=DISPLAY,
        columns=(Column("note", "Note"), Column("budget", "Budget", "£m")),
        rows=(
            Row("H", "Care", "heading"),
            *(Row(f"R{n}", f"{HOSTILE} {n}", "service", cells, level=1) for n in range(rows)),
            Row("T", "Total", "total", cells),
        ),
    )


def chart() -> Chart:
    marks = [
        Mark("Care <homes>", 50_000_000, "0.500", sense="adverse"),
        Mark("Roads", -25_000_000, "(0.250)", sense="favourable"),
        Mark("Parks", None, ""),
    ]
    table = ChartTable(("Service", "£m"), (("Care <homes>", "0.500"), ("Roads", "(0.250)")))
    return Chart("where", "Care is furthest over", "Net variance, £m", bars(marks), table)


def document(rows: int = 3) -> Document:
    return Document(
        title=f"Report {HOSTILE}",
        council="Any Council",
        line="Any Council, 2026/27",
        cover=NamedValues("About this report", (("Status", "Draft"),)),
        blocks=(
            Heading("Summary", 1, "summary"),
            Paragraph(f"{HOSTILE}\nsecond line", "lead"),
            Items(("one", HOSTILE), numbered=True, start=3),
            Picture(chart()),
            FiguresTable("Care by kind", chart().table),
            Heading("Note 1: Care", 2, "note-1"),
            Paragraph("Because."),
            Heading("Control", 1, "control"),
            Table(statement(rows), "note", {"1": "note-1", "2": "nowhere"}),
        ),
        is_final=False,
    )


def tags(content: bytes) -> list[tuple[str, str]]:
    """The kinds of a PDF's structure in order, with the scope of headings of tables."""
    found: list[tuple[str, str]] = []

    def walk(element) -> None:
        element = element.get_object()
        if isinstance(element, list):
            for each in element:
                walk(each)
        elif isinstance(element, dict):
            if "/S" in element:
                attributes = element.get("/A", {})
                listed = attributes if isinstance(attributes, list) else [attributes]
                scopes = [str(each.get("/Scope", "")) for each in listed]
                found.append((str(element["/S"]), "".join(scopes)))
            if "/K" in element and not isinstance(element["/K"], int):
                walk(element["/K"])

    walk(pypdf.PdfReader(io.BytesIO(content)).trailer["/Root"]["/StructTreeRoot"])
    return found


@pytest.mark.parametrize(("is_final", "times"), [(True, 1), (False, 2)])
def test_the_pages_of_a_published_document_are_set_once(monkeypatch, is_final, times):
    sources = []
    printed = replace(document(), title=f"Set once: {is_final}", is_final=is_final)
    monkeypatch.setattr(pages, "set_pages", lambda source: sources.append(source) or b"%PDF")
    monkeypatch.setattr(files, "build_document", lambda facts: SimpleNamespace(document=printed))
    assert [files.document_pdf(None), files.document_pdf(None)] == [b"%PDF", b"%PDF"]
    assert len(sources) == times


def test_tables_of_the_same_name_have_regions_of_their_own():
    """As a panel and a statement may have; axe asks for it."""
    blocks = (FiguresTable("Control", chart().table), Table(statement(), "note", {}))
    page = render_to_string(
        "documents/blocks.html", {"blocks": list(page_blocks(replace(document(), blocks=blocks)))}
    )
    assert re.findall('role="region" aria-label="([^"]*)"', page) == ["Control", "Control, table 2"]


def test_the_pdf_is_tagged_titled_and_bookmarked():
    content = to_pdf(document())
    reader = pypdf.PdfReader(io.BytesIO(content))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "en-GB"
    assert reader.metadata.title == f"Report {HOSTILE}"
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()
    titles = [each.title for each in reader.outline if not isinstance(each, list)]
    assert titles == ["Summary", "Control"]
    found = tags(content)
    kinds = [kind for kind, _ in found]
    assert kinds.count("/Figure") == 1 and "/TOC" in kinds and "/LI" in kinds
    # The cover's row, two of the chart's figures and of the same again, and five of the statement.
    assert [scope for kind, scope in found if kind == "/TH"].count("/Row") == 1 + 2 + 2 + 5
    assert ("/TH", "/Column") in found
    text = " ".join(page.extract_text() for page in reader.pages)
    assert HOSTILE in text and "1.235" in text and "Draft, not final" in text


def without(change: Callable[[pikepdf.Pdf], None]) -> list[str]:
    """The faults of the document after a change to its PDF."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(to_pdf(document()))) as pdf:
        change(pdf)
        pdf.save(out)
    return faults_of(out.getvalue())


def elements(pdf: pikepdf.Pdf, kind: str) -> list[pikepdf.Object]:
    return [
        each
        for each in pdf.objects
        if isinstance(each, pikepdf.Dictionary) and each.get("/S") == pikepdf.Name(kind)
    ]


def drop(pdf: pikepdf.Pdf, kind: str, key: str) -> None:
    for each in elements(pdf, kind):
        if key in each:
            del each[key]


@pytest.mark.parametrize(
    "change, fault",
    [
        (lambda pdf: None, ""),
        (lambda pdf: delitem(pdf.Root, "/Lang"), "no language"),
        (lambda pdf: delitem(pdf.Root, "/ViewerPreferences"), "no title"),
        (lambda pdf: delitem(pdf.Root, "/Metadata"), "PDF/UA in the metadata"),
        (lambda pdf: delitem(pdf.pages[1].obj, "/Tabs"), "page 2: tabs"),
        (lambda pdf: drop(pdf, "/Figure", "/Alt"), "a figure without words"),
        (lambda pdf: drop(pdf, "/TH", "/A"), "a heading of a table without a scope"),
        (lambda pdf: setattr(elements(pdf, "/H2")[0], "S", pikepdf.Name.H3), "skip a level"),
    ],
)
def test_the_pdf_conforms_to_pdf_ua_and_each_fault_would_be_found(change, fault):
    faults = without(change)
    assert any(fault in each for each in faults) if fault else faults == []


def test_headings_of_a_long_table_are_on_each_of_its_pages():
    reader = pypdf.PdfReader(io.BytesIO(to_pdf(document(rows=120))))
    pages = [page.extract_text() for page in reader.pages]
    with_rows = [text for text in pages if "<b>" in text and "1.235" in text]
    assert len(with_rows) > 2
    assert all("Budget £m" in text for text in with_rows)


def test_a_short_table_is_not_cut():
    filler = tuple(Paragraph(f"Line {n}") for n in range(33))
    for number in (20, 26, 33):
        blocks = (*filler[:number], Heading("Control", 2), Table(statement(6)))
        pdf = pypdf.PdfReader(io.BytesIO(to_pdf(replace(document(), blocks=blocks))))
        pages = [page.extract_text() for page in pdf.pages]
        assert [("<b> & {c} 0" in text) == ("Control" in text) for text in pages[2:]].count(
            False
        ) == 0
        assert sum("<b> & {c} 0" in text and "Total" in text for text in pages) == 1


def test_a_long_table_begins_and_ends_with_several_rows():
    """No heading stands alone at the foot of a page, and no total alone on the last."""
    filler = tuple(Paragraph(f"Line {n}") for n in range(36))
    for number, rows in ((30, 60), (33, 61), (36, 62)):
        blocks = (*filler[:number], Heading("Control", 2), Table(statement(rows)))
        pdf = pypdf.PdfReader(io.BytesIO(to_pdf(replace(document(), blocks=blocks))))
        pages = [page.extract_text() for page in pdf.pages][2:]
        first = next(text for text in pages if "Control, in" in text)
        assert "Control\n" in first and "<b> & {c} 2" in first
        last = next(text for text in pages if "Total" in text)
        assert f"<b> & {{c}} {rows - 1}" in last and f"<b> & {{c}} {rows - 2}" in last


def test_a_table_with_many_columns_is_printed_smaller_and_then_in_parts():
    def wide(count: int) -> Statement:
        cells = {f"c{n}": Cell.of_amount(n * 100_000_000, DISPLAY) for n in range(count)}
        columns = tuple(Column(f"c{n}", f"Month {n}", "£m") for n in range(count))
        return replace(statement(), columns=columns, rows=(Row("T", "A row", "total", cells),))

    assert [(print_scale(wide(n)), len(parts_on_paper(wide(n)))) for n in (9, 18)] == [
        (1, 1),
        (0.9, 1),
    ]
    parts = parts_on_paper(wide(30))
    assert [each.title for each in parts] == [
        "Control: Month 0 to Month 14",
        "Control: Month 15 to Month 29",
    ]
    blocks = (Heading("Control"), Table(wide(30)))
    pdf = to_pdf(replace(document(), blocks=blocks))
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    assert all(f"{n}.000" in text for n in range(30)) and faults_of(pdf) == []
    word = docx.Document(io.BytesIO(to_docx(replace(document(), blocks=blocks), as_at=AS_AT)))
    assert [len(table.columns) for table in word.tables] == [2, 16, 16]


def test_a_caption_names_the_unit_only_of_amounts():
    texts = replace(statement(), columns=(Column("note", "Note"), Column("budget", "Share", "%")))
    assert [table_caption(each) for each in (statement(), texts)] == ["Control, in £m", "Control"]


def test_pages_lie_on_their_side_from_a_wide_table_to_the_next_text():
    wide = replace(
        statement(),
        columns=tuple(Column(f"c{n}", "A column of the wide table", "£m") for n in range(9)),
        rows=(),
    )
    narrow, long = statement(), statement(60)
    blocks = (
        Heading("One", 1),
        Heading("Text", 2),
        Paragraph("Words"),
        Heading("Wide", 2),
        Table(wide),
        Heading("Narrow", 2),
        Table(narrow),
        Heading("More text", 2),
        Paragraph("Words"),
        Heading("Wide once more", 2),
        Table(wide),
        Heading("Narrow and long", 2),
        Table(long),
        Heading("Two", 1),
        Heading("Narrow again", 2),
        Table(narrow),
        Heading("Three", 1),
        Heading("Wide again", 2),
        Table(wide),
    )
    found = [
        (run.across, [each.text for each in run.blocks if isinstance(each, Heading)])
        for run in split_pages(blocks)
    ]
    assert found == [
        (False, ["One", "Text"]),
        (True, ["Wide", "Narrow"]),
        (False, ["More text"]),
        (True, ["Wide once more"]),
        (False, ["Narrow and long"]),
        (False, ["Two", "Narrow again"]),
        (True, ["Three", "Wide again"]),
    ]


def test_the_word_file_has_styles_bookmarks_links_and_described_charts():
    content = to_docx(document(), as_at=AS_AT)
    file = docx.Document(io.BytesIO(content))
    styles = [(each.style.name, each.text) for each in file.paragraphs]
    assert ("Title", f"Report {HOSTILE}") in styles
    assert ("Heading 1", "Summary") in styles and ("Heading 2", "Note 1: Care") in styles
    assert ("Caption", "Care is furthest over") in styles
    assert ("List Number", HOSTILE) in styles
    xml = file.element.xml
    note, seal = file.paragraphs[-2:]
    assert note.paragraph_format.space_before and note.paragraph_format.keep_with_next
    assert not seal.paragraph_format.keep_with_next
    assert xml.count('w:bookmarkStart w:id="2" w:name="note-1"') == 1
    assert xml.count('w:hyperlink w:anchor="note-1"') == 1 + 4
    assert 'w:anchor="nowhere"' not in xml
    assert xml.count("<w:tblHeader/>") == 3
    assert "Care is furthest over. Net variance, £m. The figures follow" in xml
    assert xml.count("<wps:wsp>") > 5


@pytest.mark.parametrize("make", [to_pdf, lambda it: to_docx(it, as_at=AS_AT)])
def test_the_same_document_gives_the_same_bytes(make):
    assert make(document()) == make(document())


def test_blocks_come_back_from_what_was_kept():
    one = document()
    text = blocks_to_json(one.blocks)
    assert blocks_from_json(text, {"control": statement()}.get) == one.blocks
    without = blocks_from_json(text, {}.get)
    assert without == one.blocks[:-1]


def test_texts_become_paragraphs_and_lists():
    text = "First\nline\n\n- one\n- two\n\n4. four\n5. five"
    assert blocks_of_text(text) == (
        Paragraph("First\nline"),
        Items(("one", "two")),
        Items(("four", "five"), numbered=True, start=4),
    )


def boxes(drawing) -> list[Box]:
    return [shape for shape in drawing.shapes if isinstance(shape, Box)]


def words(drawing) -> list[str]:
    return [shape.text for shape in drawing.shapes if isinstance(shape, Words)]


def test_bars_are_as_long_as_their_amounts_and_fit_with_their_texts():
    drawing = draw(chart().figure, width=400)
    care, roads = boxes(drawing)
    assert care.width == pytest.approx(2 * roads.width)
    assert care.x == pytest.approx(roads.x + roads.width)
    assert words(drawing) == ["Care <homes>", "Roads", "Parks", "0.500", "(0.250)"]
    assert all(box.x >= 0 and box.x + box.width <= 400 for box in (care, roads))
    assert "Care &lt;homes&gt;" in svg_of(drawing)


def test_a_waterfall_steps_from_where_the_last_one_ended():
    steps = [("Before", 400, True), ("Better", -300, False), ("Now", 100, True)]
    figure = waterfall(
        [WaterfallStep(Mark(name, pence, str(pence)), standing) for name, pence, standing in steps]
    )
    before, better, now = boxes(draw(figure))
    assert before.x == pytest.approx(now.x)
    assert better.x + better.width == pytest.approx(before.x + before.width)
    assert better.x == pytest.approx(now.x + now.width)
    assert better.width == pytest.approx(3 * now.width)


def test_the_line_of_nil_crosses_no_text():
    steps = [WaterfallStep(Mark("Down", -400, "-400")), WaterfallStep(Mark("Up", 390, "390"))]
    drawing = draw(waterfall(steps))
    axis = [shape for shape in drawing.shapes if isinstance(shape, Stroke)][-2:]
    up = next(each for each in drawing.shapes if isinstance(each, Words) and each.text == "390")
    assert up.x < axis[0].points[0][0] < up.x + text_width(up.text, up.size)
    assert axis[0].points[1][1] < up.y < axis[1].points[0][1]


def test_a_narrow_drawing_has_its_labels_above_its_bars():
    """On a telephone a label beside its bar would leave the bar no room."""
    marks = [Mark("Residential placements, under 12", 500, "5"), Mark("Roads", -400, "(4)")]
    drawing = draw(bars(marks), width=236)
    first, second = boxes(drawing)
    label, roads = (each for each in drawing.shapes if isinstance(each, Words) and not each.x)
    assert label.text == "Residential placements, under 12", "in one line, where it has room"
    assert label.y < first.y and first.y + first.height < roads.y < second.y
    assert first.width + second.width > 170


def test_labels_of_periods_are_left_out_where_they_would_touch():
    marks = tuple(Mark(f"M{n}", n * 100, "") for n in range(1, 13))
    figure = course([Line("This year", (*marks, Mark("Close", None, "")))], printed=str)
    assert "M2" in words(draw(figure, width=500))
    few = [text for text in words(draw(figure, width=236)) if text[0] == "M" or text == "Close"]
    assert few == ["M1", "M4", "M7", "M10", "Close"]


def test_a_line_has_a_gap_where_an_amount_is_missing():
    marks = tuple(Mark(f"M{n}", pence, "") for n, pence in enumerate([100, None, 300, 500]))
    svg = svg_of(draw(course([Line("This year", marks)], printed=str)))
    assert svg.count("<circle") == 3
    assert ">This year</text>" in svg
