"""A statement in each format: the same figures, numbers as numbers, and text that cannot run."""

import builtins
import csv
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import docx
import openpyxl
import pypdf
import pytest

from council_finance.errors import Refused
from council_finance.statements import Cell, Column, Display, Row, Statement, pdf
from council_finance.statements.model import statement_from_frozen
from council_finance.statements.renderers import FORMATS, WHOLE_REPORT_FORMATS
from council_finance.statements.whole_report import WholeReport
from tests.number_formats import printed as printed_by_excel
from tests.statements import COLUMNS, ROWS, cells, made

HEADINGS = [
    *("Service", "Note", "Budget (£, shown in £000)", "Variance (£, shown in £000)"),
    "Variance (%)",
]
"""Of the test statement on a sheet: what the cells hold, and how they show it."""

FIRST = 5
"""The row of the sheet on which the first row of the table stands."""


def csv_rows(statement=None):
    content = FORMATS["csv"].render(statement or made()).decode()
    return list(csv.reader(io.StringIO(content, newline="")))


def book(statement=None):
    content = FORMATS["xlsx"].render(statement or made())
    return openpyxl.load_workbook(io.BytesIO(content))


def test_json_is_the_contracts_text():
    assert json.loads(FORMATS["json"].render(made())) == made().to_data()


def test_csv_has_one_header_row_and_pounds_with_two_decimals():
    statement = replace(made(), service_codes={made().rows[1].key: "=00123"})
    ends = ["Service code", "Kind of row"]
    assert csv_rows(statement) == [
        ["Service", "Note", "Budget (£)", "Variance (£)", "Variance (%)", *ends],
        ["Children", "", "", "", "", "", "heading"],
        [
            *("'=cmd|' /C calc'!A1", "1", "1000000.50", "-371499.99", "-37.15"),
            *("'=00123", "service"),
        ],
        ["'-Adults, “older”", "'=1+1", "0.00", "1234.56", "", "", "service"],
        ["Learning–support", "", "-50000.00", "", "", "", "service"],
        ["Total", "", "950000.50", "-370265.43", "-38.98", "", "total"],
        ["% of total", "", "33.33", "33.33", "", "", "percent"],
    ]


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_a_spreadsheet_would_run_is_text_in_csv(beginning):
    text = f"{beginning}1+1"
    rows = (Row("A", text, "service", cells(1, 1, text)),)
    columns = (Column("note", text), *COLUMNS[1:])
    header, row = csv_rows(made(rows, columns=columns, row_heading=text))
    assert [header[0], row[0], row[1]] == [f"'{text}"] * 3
    assert header[1] == f"'{text} (2)"


def test_xlsx_has_the_title_the_facts_and_a_real_table():
    sheet = book()["budgetary-control"]
    assert sheet["A1"].value == "Budgetary control, June 2019"
    assert sheet["A2"].value == (
        "Test Council, 2019/20, month 3, published (version 1), figures as at 30 June 2019"
    )
    (table,) = sheet.tables.values()
    assert table.ref == f"A{FIRST - 1}:E{FIRST + len(ROWS) - 1}"
    assert table.headerRowCount is None or table.headerRowCount == 1
    headings = [cell.value for cell in sheet[FIRST - 1]]
    assert headings == HEADINGS
    assert [column.name for column in table.tableColumns] == headings


def test_headings_that_are_the_same_are_told_apart():
    columns = (COLUMNS[0], *(Column(column.key, "service", "£") for column in COLUMNS[1:3]))
    columns = (*columns, Column("variance_percent", "Service (£) (2)", "£"))
    rows = (Row("A", "A", "service", cells(1, 1)),)
    statement = made(rows, columns=columns, row_heading="Service (£)")
    expected = ["Service (£)", "Note", "service (£) (2)", "service (£) (3)", "Service (£) (2) (£)"]
    assert csv_rows(statement)[0][:-2] == expected
    sheet = book(statement)["budgetary-control"]
    assert [cell.value for cell in sheet[FIRST - 1]] == expected


def test_headings_in_pounds_do_not_say_so_twice():
    columns = (COLUMNS[0], Column("budget", "Budget", "£"), *COLUMNS[2:])
    sheet = book(made(columns=columns, display=Display("pounds")))["budgetary-control"]
    assert sheet.cell(FIRST - 1, 3).value == "Budget (£)"


def test_xlsx_cells_are_unrounded_numbers_and_missing_ones_are_empty():
    sheet = book()["budgetary-control"]
    rows = list(sheet.iter_rows(min_row=FIRST, max_row=FIRST + len(ROWS) - 1))
    for printed, row in zip(rows, ROWS, strict=True):
        assert printed[0].value == row.label
        for cell, column in zip(printed[1:], COLUMNS, strict=True):
            ours = row.cells.get(column.key, Cell(""))
            if column.kind == "text":
                assert (cell.value or "") == ours.text
            elif ours.value is None:
                assert cell.value is None
            else:
                assert (cell.value, cell.data_type) == (pytest.approx(ours.value, rel=1e-15), "n")


def near_nil(display: Display) -> Statement:
    """Amounts and percentages around the last digit that is printed, and beyond it."""
    edge = display.pence_per_step // 2
    amounts = [0, 1, edge - 1, edge, edge + 1, 3 * edge, 10 * edge + 1, 99_999_999_999]
    rows = []
    for place, pence in enumerate([*amounts, *(-each for each in amounts)]):
        whole = 40_000_000
        figures = {
            "budget": Cell.of_amount(pence, display),
            "percent": Cell.of_percent(pence, whole, display),
            "of_nil": Cell.of_percent(pence, 0, display),
        }
        rows.append(Row(f"R{place}", f"Row {place}", "service", figures))
    columns = (
        Column("budget", "Budget", display.unit_label),
        *(Column(key, key, "%") for key in ("percent", "of_nil")),
    )
    return made(tuple(rows), columns=columns, display=display, cross_casts=())


@pytest.mark.parametrize("unit", ["m", "k", "pounds"])
@pytest.mark.parametrize("favourable", ["minus", "brackets"])
@pytest.mark.parametrize(("decimals", "of_nil"), [(2, "0.00%"), (0, "–"), (1, ""), (1, "n/a")])
def test_excel_prints_each_number_as_the_council_does(unit, favourable, decimals, of_nil):
    statement = near_nil(Display(unit, favourable, decimals, of_nil))
    sheet = book(statement)["budgetary-control"]
    for place, row in enumerate(statement.rows):
        for at, cell in enumerate(row.cells.values(), start=2):
            theirs = sheet.cell(FIRST + place, at)
            if cell.value is None and cell.text != "0.00%":
                assert theirs.value is None
            else:
                assert theirs.value == pytest.approx(cell.value or 0, rel=1e-15)
                assert printed_by_excel(theirs.value, theirs.number_format) == cell.text
                assert "[" not in theirs.number_format


def test_the_rule_for_formats_with_conditions_prints_a_minus_on_nil():
    """So does Gnumeric; the reason why no cell has one."""
    assert printed_by_excel(-4, '[>=500]#,##0.000,,;[<=-500](#,##0.000,,);"0.000"') == "-0.000"
    assert printed_by_excel(-500, '[>=500]#,##0.000,,;[<=-500](#,##0.000,,);"0.000"') == "(0.001)"


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\t", "{="])
def test_text_that_looks_like_a_formula_is_text_in_xlsx(beginning):
    text = f"{beginning}1+1"
    sheet = book(made((Row("A", text, "service", cells(1, 1, text)),)))["budgetary-control"]
    for place in (1, 2):
        cell = sheet.cell(FIRST, place)
        assert (cell.value, cell.data_type) == (text, "s")


def test_xlsx_notes_stand_on_a_sheet_of_their_own():
    notes = book()["Notes"]
    lines = [(row[0].value or "", row[1].value) for row in notes.iter_rows(min_row=3)]
    assert notes["A1"].value == "Notes"
    assert ("*", "Restated by V1.") in lines
    assert ("", "=HYPERLINK(1)") in lines
    assert ("*", "marks a figure of Total") in lines
    assert {cell.data_type for row in notes for cell in row if cell.value} == {"s"}


def test_an_empty_statement_is_still_a_workbook():
    sheet = book(made(()))["budgetary-control"]
    assert [table.ref for table in sheet.tables.values()] == [f"A{FIRST - 1}:E{FIRST}"]


class _Texts(HTMLParser):
    VOID = {"meta", "link", "br", "hr", "img", "col", "input"}

    def __init__(self):
        super().__init__()
        self.texts, self.open, self.tags = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(" ".join(data.split()))


def test_html_is_one_well_formed_page_with_every_printed_text():
    statement = made(hidden_from_readers=())
    page = _Texts()
    page.feed(FORMATS["html"].render(statement).decode())
    assert page.open == []
    assert page.tags.count("table") == 1
    printed = [cell.text for row in statement.rows for cell in row.cells.values()]
    texts = " ".join(page.texts)
    for text in [row.label for row in statement.rows] + printed + ["Restated by V1."]:
        assert text in texts


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_figures_give_the_same_bytes(name):
    assert FORMATS[name].render(made()) == FORMATS[name].render(made())


def test_every_format_of_the_contract_is_there():
    assert set(FORMATS) == {"csv", "json", "xlsx", "ods", "pdf", "docx", "html"}
    assert set(WHOLE_REPORT_FORMATS) == {"xlsx", "pdf", "zip"}


def sealed(**fields):
    """The statement as a published report has it: frozen, and read again."""
    statement = made(**fields)
    return statement_from_frozen(statement.to_json(), statement.layout())


@pytest.mark.parametrize("name", ["xlsx", "ods", "docx", "pdf", "html"])
def test_what_people_read_says_whether_it_is_final(name):
    statement = sealed()
    assert hashlib.sha256(statement.to_json().encode()).hexdigest() == statement.sha256
    published, draft = text_of(name, statement), text_of(name, made())
    assert statement.sha256 in published
    assert "Draft, not final" not in published
    assert "Draft, not final" in draft
    assert "SHA-256" not in draft
    for text in (published, draft):
        assert "Test Council, 2019/20, month 3, published (version 1)" in text
        assert "figures as at 30 June 2019" in text


def text_of(name, statement) -> str:
    """All that a file says, without its looks."""
    content = FORMATS[name].render(statement)
    if name == "pdf":
        pages = pypdf.PdfReader(io.BytesIO(content)).pages
        return " ".join(" ".join(page.extract_text() for page in pages).split())
    if name == "html":
        return content.decode()
    inside = {"xlsx": "xl/sharedStrings.xml", "ods": "content.xml", "docx": "word/document.xml"}
    return "".join(ElementTree.fromstring(part(content, inside[name])).itertext())


def part(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)


OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


def ods_rows(statement, sheet=0):
    """Cells of an ODS sheet: their type, and their number or text."""
    root = ElementTree.fromstring(part(FORMATS["ods"].render(statement), "content.xml"))
    table = list(root.iter(f"{TABLE}table"))[sheet]
    return [
        [
            (cell.get(f"{OFFICE}value-type"), cell.get(f"{OFFICE}value") or ods_text(cell))
            for cell in row.iter(f"{TABLE}table-cell")
        ]
        for row in table.iter(f"{TABLE}table-row")
    ]


def ods_text(cell) -> str:
    blanks = {"tab": "\t", "line-break": "\n", "s": " "}
    parts = []
    for each in cell.iter():
        parts += [blanks.get(each.tag.rpartition("}")[2], ""), each.text or "", each.tail or ""]
    return "".join(parts)


def test_ods_cells_are_unrounded_numbers_and_missing_ones_are_empty():
    rows = ods_rows(made())
    assert rows[0] == [("string", "Budgetary control, June 2019")]
    heads = [text for _, text in rows[FIRST - 2]]
    assert heads == HEADINGS
    for printed, row in zip(rows[FIRST - 1 :], ROWS, strict=True):
        assert printed[0] == ("string", row.label)
        for (kind, value), column in zip(printed[1:], COLUMNS, strict=False):
            ours = row.cells[column.key]
            text = ours.text if column.kind == "text" else ""
            expected = ("string" if text else None, text)
            assert (kind, value) == (
                expected if ours.value is None else ("float", repr(ours.value))
            )


def test_ods_writes_a_percentage_of_a_nil_budget_as_the_council_prints_it():
    rows = ods_rows(near_nil(Display("m", "brackets", 2, "0.00%")))
    assert {row[3] for row in rows[FIRST - 1 :]} == {("float", "0")}
    rows = ods_rows(near_nil(Display("m", "brackets", 2, "–")))
    assert {row[3] for row in rows[FIRST - 1 :]} == {(None, "")}


def test_ods_names_its_kind_first_and_every_part_is_well_formed():
    content = FORMATS["ods"].render(made())
    assert content[30:84] == b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [name for name in archive.namelist() if name.endswith(".xml")]
        listed = ElementTree.fromstring(archive.read("META-INF/manifest.xml"))
        for name in parts:
            ElementTree.fromstring(archive.read(name))
    manifest = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}full-path"
    assert {entry.get(manifest) for entry in listed} == {"/", *parts} - {"META-INF/manifest.xml"}


@pytest.mark.parametrize("text", ["=1+1", "\t1+1", "<b>&", "a  b ", "two\nlines", "odd\x01\ufffe"])
def test_any_text_is_text_in_ods_and_docx(text):
    statement = made((Row("A", text, "service", cells(1, 1, text)),), hidden_from_readers=())
    printable = text.replace("\x01", "\ufffd").replace("\ufffe", "\ufffd")
    in_sheet = printable.replace("\n", "")
    assert ods_rows(statement)[FIRST - 1][:2] == [("string", in_sheet)] * 2
    document = docx.Document(io.BytesIO(FORMATS["docx"].render(statement)))
    (table,) = document.tables
    assert [cell.text for cell in table.rows[1].cells][:2] == [printable] * 2


def test_docx_repeats_its_head_and_lies_across_where_it_is_wide():
    narrow = docx.Document(io.BytesIO(FORMATS["docx"].render(made())))
    section = narrow.sections[0]
    assert section.page_width < section.page_height
    (table,) = narrow.tables
    assert "w:tblHeader" in table.rows[0]._tr.xml
    assert "w:tblHeader" not in table.rows[1]._tr.xml
    assert narrow.core_properties.title == made().title
    assert narrow.paragraphs[0].style.name == "Heading 1"
    columns = [Column(f"c{n}", "A column of figures", "£000") for n in range(12)]
    row = Row("A", "Children", "service", {c.key: Cell("1", pence=100) for c in columns})
    wide = made((row,), columns=tuple(columns), cross_casts=(), hidden_from_readers=())
    section = docx.Document(io.BytesIO(FORMATS["docx"].render(wide))).sections[0]
    assert section.page_width > section.page_height


def test_docx_holds_what_is_printed_with_its_marks():
    document = docx.Document(io.BytesIO(FORMATS["docx"].render(made())))
    (table,) = document.tables
    printed = [[cell.text for cell in row.cells] for row in table.rows]
    assert printed[0] == ["Service", "Budget £000", "Variance £000", "Variance %"]
    for ours, row in zip(ROWS, printed[1:], strict=True):
        cells_of = [ours.cells[c.key] for c in COLUMNS[1:] if ours.cells]
        expected = [ours.label, *(cell.text + cell.mark for cell in cells_of)]
        assert row[: len(expected)] == expected
    notes = [paragraph.text for paragraph in document.paragraphs]
    assert "* Restated by V1." in notes
    assert "=HYPERLINK(1)" in notes


def test_pdf_is_tagged_titled_and_in_english():
    """PDF/UA-1: a document without these is not."""
    reader = pypdf.PdfReader(io.BytesIO(FORMATS["pdf"].render(made())))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    assert reader.metadata.title.startswith("Budgetary control, June 2019")
    tags = tags_of(root["/StructTreeRoot"])
    assert tags.count("/Table") == 1
    assert tags.count("/TR") == len(ROWS) + 1
    assert tags.count("/TH") == len(COLUMNS) + len(ROWS)
    assert "/H1" in tags


def tags_of(node) -> list[str]:
    node = node.get_object()
    if isinstance(node, list):
        return [tag for each in node for tag in tags_of(each)]
    if not isinstance(node, dict) or "/K" not in node:
        return [node["/S"]] if isinstance(node, dict) and "/S" in node else []
    return [*([node["/S"]] if "/S" in node else []), *tags_of(node["/K"])]


def test_a_published_pdf_is_printed_once_and_a_draft_each_time(monkeypatch):
    printed = []
    monkeypatch.setattr(pdf, "_print_page", lambda page: printed.append(page) or b"%PDF")
    statement = sealed(title="Printed once")
    assert [FORMATS["pdf"].render(statement) for _ in range(3)] == [b"%PDF"] * 3
    assert len(printed) == 1
    FORMATS["pdf"].render(sealed(title="Another"))
    assert len(printed) == 2
    for _ in range(2):
        FORMATS["pdf"].render(made(title="Printed once"))
    assert len(printed) == 4


def test_without_pango_a_plain_sentence_says_what_to_install(monkeypatch):
    real = builtins.__import__

    def importing(name, *arguments, **named):
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", importing)
    with pytest.raises(Refused, match="apt-get install libpango-1.0-0"):
        FORMATS["pdf"].render(made())


def test_a_printed_page_fetches_nothing():
    with pytest.raises(ValueError, match="holds all it needs"):
        pdf._fetch_nothing("file:///etc/passwd")


def whole(*, frozen=True) -> WholeReport:
    make = sealed if frozen else made
    statements = (make(), make(name="second", title="Second & <last>"))
    return WholeReport(statements[0].header, statements)


@pytest.mark.slow
@pytest.mark.parametrize("name", WHOLE_REPORT_FORMATS)
def test_the_same_report_gives_the_same_bytes(name):
    render = WHOLE_REPORT_FORMATS[name].render_whole
    assert render(whole(frozen=False)) == render(whole(frozen=False))


def test_the_workbook_of_a_report_has_cover_contents_statements_and_notes():
    content = WHOLE_REPORT_FORMATS["xlsx"].render_whole(whole())
    found = openpyxl.load_workbook(io.BytesIO(content))
    assert found.sheetnames == ["Cover", "Contents", "budgetary-control", "second", "Notes"]
    cover = {row[0].value: row[1].value for row in found["Cover"].iter_rows(min_row=5)}
    assert (cover["Council"], cover["Status"]) == ("Test Council", "Published, version 1")
    assert (cover["Period"], cover["Figures as at"]) == ("Month 3, June 2019", "30 June 2019")
    links = [row[0] for row in found["Contents"].iter_rows(min_row=4)]
    assert [cell.value for cell in links] == [each.title for each in whole().statements] + ["Notes"]
    for cell in links:
        assert cell.hyperlink.location.split("!")[0].strip("'") in found.sheetnames
    seals = [row[2].value for row in found["Contents"].iter_rows(min_row=4, max_row=5)]
    assert seals == [each.sha256 for each in whole().statements]
    single = book(sealed())["budgetary-control"].iter_rows()
    for ours, theirs in zip(single, found["budgetary-control"].iter_rows(), strict=True):
        assert [(cell.value, cell.number_format) for cell in ours] == [
            (cell.value, cell.number_format) for cell in theirs
        ]


def test_a_draft_report_says_so_on_its_cover():
    content = WHOLE_REPORT_FORMATS["xlsx"].render_whole(whole(frozen=False))
    cover = openpyxl.load_workbook(io.BytesIO(content))["Cover"]
    assert "Not final" in "".join(str(row[1].value) for row in cover.iter_rows())


def test_the_zip_of_a_report_lists_what_is_in_it():
    with zipfile.ZipFile(io.BytesIO(WHOLE_REPORT_FORMATS["zip"].render_whole(whole()))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert list(files) == ["contents.csv", "notes.csv", "budgetary-control.csv", "second.csv"]
    contents = list(csv.DictReader(io.StringIO(files["contents.csv"].decode(), newline="")))
    assert [row["file"] for row in contents] == ["budgetary-control.csv", "second.csv"]
    for row, statement in zip(contents, whole().statements, strict=True):
        assert files[row["file"]] == FORMATS["csv"].render(statement)
        assert row["sha256_of_file"] == hashlib.sha256(files[row["file"]]).hexdigest()
        assert row["sha256_of_published_figures"] == statement.sha256
        assert (row["version"], row["as_at"]) == ("1", "2019-06-30")
    assert b"'=HYPERLINK(1)" in files["notes.csv"]


@pytest.mark.slow
def test_the_pdf_of_a_report_has_bookmarks_contents_and_sections():
    reader = pypdf.PdfReader(io.BytesIO(WHOLE_REPORT_FORMATS["pdf"].render_whole(whole())))
    marks = [mark["/Title"] for mark in reader.outline]
    assert marks == ["Contents", "Budgetary control, June 2019", "Second & <last>"]
    assert [reader.get_destination_page_number(mark) for mark in reader.outline] == [1, 2, 3]
    assert "Budget monitoring report, June 2019" in " ".join(reader.pages[0].extract_text().split())
    assert reader.trailer["/Root"]["/Lang"] == "en-GB"
