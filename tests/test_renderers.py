"""A statement in each format: the same figures, numbers as numbers, and text that cannot run."""

import csv
import io
import json
from html.parser import HTMLParser

import openpyxl
import pytest

from council_finance.statements import Cell, Column, Row
from council_finance.statements.renderers import FORMATS
from tests.statements import COLUMNS, ROWS, THIRD, cells, made

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
    assert csv_rows() == [
        ["Service", "Note", "Budget", "Variance", "Variance"],
        ["Children", "", "", "", ""],
        ["'=cmd|' /C calc'!A1", "1", "1000000.50", "-371499.99", repr(100 * -37149999 / 100000050)],
        ["'-Adults, “older”", "'=1+1", "0.00", "1234.56", ""],
        ["Learning–support", "", "-50000.00", "", ""],
        ["Total", "", "950000.50", "-370265.43", repr(100 * -37026543 / 95000050)],
        ["% of total", "", repr(THIRD), repr(THIRD), ""],
    ]


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_a_spreadsheet_would_run_is_text_in_csv(beginning):
    text = f"{beginning}1+1"
    rows = (Row("A", text, "service", cells(1, 1, text)),)
    columns = (Column("note", text), *COLUMNS[1:])
    header, row = csv_rows(made(rows, columns=columns, row_heading=text))
    assert [header[0], header[1], row[0], row[1]] == [f"'{text}"] * 4


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
    assert headings == ["Service", "Note", "Budget £000", "Variance £000", "Variance %"]
    assert [column.name for column in table.tableColumns] == headings


def test_xlsx_headings_that_are_the_same_are_told_apart():
    columns = (COLUMNS[0], COLUMNS[1], Column("variance", "Budget", "£000"), COLUMNS[3])
    headings = [cell.value for cell in book(made(columns=columns))["budgetary-control"][FIRST - 1]]
    assert headings[2:4] == ["Budget £000", "Budget £000 (2)"]


def test_xlsx_cells_are_unrounded_numbers_and_missing_ones_are_text():
    sheet = book()["budgetary-control"]
    rows = list(sheet.iter_rows(min_row=FIRST, max_row=FIRST + len(ROWS) - 1))
    for printed, row in zip(rows, ROWS, strict=True):
        assert printed[0].value == row.label
        for cell, column in zip(printed[1:], COLUMNS, strict=True):
            ours = row.cells.get(column.key, Cell(""))
            if ours.value is None:
                assert (cell.value or "") == ours.text
            else:
                assert (cell.value, cell.data_type) == (pytest.approx(ours.value, rel=1e-15), "n")


def test_xlsx_numbers_print_in_the_councils_unit_and_brackets():
    sheet = book()["budgetary-control"]
    amount = '[>=500]#,##0,;[<=-500](#,##0,);"0"'
    percent = '[>=0.005]#,##0.00"%";[<=-0.005](#,##0.00"%");"0.00%"'
    assert sheet.cell(FIRST + 1, 3).number_format == amount
    assert sheet.cell(FIRST + 1, 5).number_format == percent
    assert sheet.cell(FIRST + 5, 3).number_format == percent


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


@pytest.mark.parametrize("name", ["json", "csv", "html", "xlsx"])
def test_the_same_figures_give_the_same_bytes(name):
    assert FORMATS[name].render(made()) == FORMATS[name].render(made())
