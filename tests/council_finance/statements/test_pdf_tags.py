"""The tags of PDF files: what somebody hears who cannot see the page."""

import re
import subprocess

import pytest

from council_finance.statements import Cell, Column, Display, Row, Statement
from council_finance.statements.model import statement_from_frozen
from council_finance.statements.renderers import FORMATS, WHOLE_REPORT_FORMATS
from council_finance.statements.whole_report import WholeReport
from monitoring.models import Report
from monitoring.reports.selectors.report_data import published_data
from monitoring.reports.selectors.statements import all_statements
from tests.pdf_structure import Tag, marks_of, names_of, tags_of, texts_of_marks
from tests.statements import made

DISPLAY = Display("k")
COLUMNS = (
    Column("budget", "Budget", "£000"),
    Column("percent", "Variance", "%"),
    Column("words", "In words"),
)


def row(place: int, words: str = "as planned") -> Row:
    figures = {
        "budget": Cell.of_amount(place * 100_000, DISPLAY),
        "percent": Cell.of_percent(place, 1000, DISPLAY),
        "words": Cell(words),
    }
    return Row(f"R{place}", f"Service {place}", "service", figures)


def sealed(rows: tuple[Row, ...], **fields) -> Statement:
    """A published statement, whose PDF is printed once for all tests."""
    fields |= {"columns": COLUMNS, "display": DISPLAY, "cross_casts": (), "footnotes": ()}
    statement = made(rows, hidden_from_readers=(), **fields)
    return statement_from_frozen(statement.to_json(), statement.layout())


@pytest.fixture
def long() -> bytes:
    """A statement over several pages."""
    rows = (Row("H", "A heading", "heading"), *map(row, range(1, 111)))
    return FORMATS["pdf"].render(sealed(rows))


def outline(tag: Tag) -> list:
    return [kid.kind for kid in tag.kids]


def test_a_table_over_several_pages_is_one_table(long):
    tree = tags_of(long)
    (document,) = tree.kids
    (section,) = document.kids
    assert outline(section)[:3] == ["H1", "P", "Table"]
    (table,) = tree.below("Table")
    assert outline(table) == ["Caption", "THead", "TBody"]
    assert len([*table.below("TR")]) == 1 + 111
    assert len({page for cell in table.below() for page, _ in cell.marks}) >= 3


def test_cells_name_the_headings_of_their_row_and_column(long):
    (table,) = tags_of(long).below("Table")
    head, body = table.kids[1:]
    columns = [cell.identity for cell in head.below("TH")]
    assert {cell.attributes["/Scope"] for cell in head.below("TH")} == {"/Column"}
    for line in body.kids[1:]:
        label, *cells = line.kids
        assert (label.kind, label.attributes["/Scope"]) == ("TH", "/Row")
        for cell, column in zip(cells, columns[1:], strict=True):
            assert [str(name) for name in cell.attributes["/Headers"]] == [label.identity, column]


def test_every_name_that_a_cell_gives_is_in_the_documents_list(long):
    headings = [cell.identity for cell in tags_of(long).below("TH")]
    assert names_of(long) == sorted(headings)


@pytest.mark.slow
def test_what_repeats_on_every_page_is_an_artifact(long):
    """The head of a continued table, the running title and page numbers."""
    heard = [mark for tag in tags_of(long).below() for mark in tag.marks]
    assert sorted(heard) == sorted(marks_of(long))
    assert len(heard) == len(set(heard))


@pytest.mark.slow
def test_a_row_that_is_higher_than_a_page_is_one_row():
    words = " ".join(f"word{place}" for place in range(2500))
    content = FORMATS["pdf"].render(sealed((row(1), row(2, words), row(3)), title="A high row"))
    (table,) = tags_of(content).below("Table")
    lines = table.kids[2].kids
    assert [len(line.kids) for line in lines] == [4, 4, 4]
    cell = lines[1].kids[3]
    assert len({page for tag in cell.below() for page, _ in tag.marks}) >= 2
    assert sorted(m for t in tags_of(content).below() for m in t.marks) == sorted(marks_of(content))


@pytest.mark.slow
@pytest.mark.parametrize(("start", "number"), [(2019, 3), (2018, 13)])
def test_a_screen_reader_finds_each_table_of_a_report_whole(tmp_path, somerset, start, number):
    """Tags as they are read out, against the statements: labels, headings and figures.

    Poppler reads a page anew for every cell on it, which takes minutes for the longer report.
    """
    report = Report.objects.select_related("period__year").get(
        period__year__start=start, period__number=number
    )
    statements = list(all_statements(published_data(report)).values())
    content = WHOLE_REPORT_FORMATS["pdf"].render_whole(
        WholeReport(statements[0].header, tuple(statements))
    )
    with_rows = [each for each in statements if each.rows]
    tables = read_tables(content)[1:]  # the first is the cover's
    if start == 2019:
        assert heard_tables(tmp_path, content)[1:] == tables
    for table, statement in zip(tables, with_rows, strict=True):
        columns = statement.reader_columns
        lines = [[statement.row_heading, *(f"{c.label} ({c.unit})" for c in columns)]]
        for each in statement.rows:
            cells = [each.cells[c.key] for c in columns if each.cells]
            lines.append([each.label, *(cell.text + cell.mark for cell in cells)])
        lines[0] = [text.removesuffix(" ()") for text in lines[0]]
        assert [[_plain(text) for text in line] for line in lines] == table, statement.name


def read_tables(content: bytes) -> list[list[list[str]]]:
    """Return the cells of each table by their tags, with the text that each tag marks."""
    texts = texts_of_marks(content)
    return [
        [
            [
                _plain("".join(texts[mark] for tag in (cell, *cell.below()) for mark in tag.marks))
                for cell in row.kids
            ]
            for row in table.below("TR")
        ]
        for table in tags_of(content).below("Table")
    ]


def heard_tables(folder, content: bytes) -> list[list[list[str]]]:
    file = folder / "report.pdf"
    file.write_bytes(content)
    command = ["pdfinfo", "-struct-text", str(file)]
    text = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout.decode()
    tables, in_cell = [], False
    for line in text.splitlines():
        said = line.strip()
        if said.startswith("Table"):
            tables.append([])
        elif said == "TR":
            tables[-1].append([])
        elif re.match(r"T[HD]\b", said):
            tables[-1][-1].append("")
            in_cell = True
        elif re.match(r"(Sect|H1|P|Caption|THead|TBody)\b", said):
            in_cell = False
        elif in_cell and said.startswith('"'):
            tables[-1][-1][-1] += _plain(said[1:-1])
    return tables


def _plain(text: str) -> str:
    """Without blanks, as lines that are broken are read out one by one."""
    return re.sub(r"\s+", "", text)
