"""Numbers that are no money: exact to four decimals, in files, statements and checks."""

import csv
import io
import json
import zipfile
from fractions import Fraction

import openpyxl
import pytest

from council_finance.quantities import (
    NotAQuantity,
    as_fraction,
    parse_quantity,
    plain_quantity,
    print_quantity,
    round_quantity,
)
from council_finance.statements import Cell, Column, Row
from council_finance.statements.casting import Check
from council_finance.statements.model import statement_from_frozen
from council_finance.statements.renderers import FORMATS
from council_finance.uploads.cells import NumberReader
from council_finance.uploads.columns import NUMBER, ColumnSpec
from council_finance.uploads.number_formats import with_format
from tests.statements import made


@pytest.mark.parametrize(
    ("written", "quantity"),
    [
        ("95.0", 950_000),
        ("12.5%", 125_000),
        ("14.8 %", 148_000),
        ("1,044.25", 10_442_500),
        ("-69.46", -694_600),
        ("\N{MINUS SIGN}2", -20_000),
        ("0.0001", 1),
        (".5", 5_000),
        ("7.", 70_000),
        ("2.50000", 25_000),
        ("0", 0),
        (" ", None),
        (None, None),
        (float("nan"), None),
        (282, 2_820_000),
        (0.1 + 0.2, 3_000),
    ],
)
def test_a_number_is_read_exactly(written, quantity):
    assert parse_quantity(written) == quantity


@pytest.mark.parametrize(
    "written",
    ["282.0 (Pro-rata)", "2.4%<", "n/a", "1,23", "1.23456", "10000000001", "%", "-", True],
)
def test_what_is_no_number_is_refused(written):
    with pytest.raises(NotAQuantity):
        parse_quantity(written)


def test_a_number_prints_rounded_once_half_away_from_zero():
    assert [print_quantity(12_345_678, places) for places in range(5)] == [
        *("1,235", "1,234.6", "1,234.57", "1,234.568", "1,234.5678")
    ]
    assert print_quantity(-15_000, 0) == "-2"
    assert print_quantity(-400, 1) == "0.0"
    assert plain_quantity(-12_345_600) == "-1234.56"
    assert plain_quantity(20_000) == "2"
    assert round_quantity(84_500, 0) == 80_000
    assert as_fraction(84_500) == Fraction(169, 20)


def test_a_cell_shown_as_a_percentage_is_read_as_it_is_shown():
    read = NumberReader(ColumnSpec("actual", NUMBER), 1)
    assert read(with_format(0.951, "0.0%")) == 951_000
    assert read(0.951) == 9_510


def test_a_statement_keeps_numbers_in_every_format():
    columns = (Column("actual", "Actual", is_number=True),)
    rows = (
        Row("1", "Safer", "line", {"actual": Cell("83.2%", number=832_000)}),
        Row("2", "Survey", "line", {"actual": Cell("Due June 2019")}),
        Row("3", "Rate", "line", {"actual": Cell("282.0 (Pro-rata)", number=2_820_000)}),
        Row("4", "None", "line", {"actual": Cell("\N{EN DASH}")}),
    )
    statement = made(rows, columns=columns, cross_casts=(), hidden_from_readers=())
    assert json.loads(statement.to_json())["rows"][0]["cells"] == {
        "actual": {"value": 83.2, "text": "83.2%"}
    }
    kept = statement_from_frozen(statement.to_json(), json.loads(json.dumps(statement.layout())))
    assert kept == statement
    assert kept.to_json() == statement.to_json()
    lines = list(csv.reader(io.StringIO(FORMATS["csv"].render(kept).decode())))
    assert [line[1] for line in lines] == ["Actual", "83.2", "Due June 2019", "282", ""]
    sheet = openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"].render(kept))).worksheets[0]
    cells = [(sheet.cell(row, 2).value, sheet.cell(row, 2).number_format) for row in range(5, 9)]
    assert cells == [
        *((83.2, '#,##0.0"%";-#,##0.0"%"'), ("Due June 2019", "General")),
        *((282, '#,##0.0" (Pro-rata)";-#,##0.0" (Pro-rata)"'), (None, "General")),
    ]
    with zipfile.ZipFile(io.BytesIO(FORMATS["ods"].render(kept))) as book:
        content = book.read("content.xml").decode()
    assert 'style:name="N-number-1-25"' in content
    assert 'office:value="83.2"' in content
    assert "Due June 2019" in content


def test_a_comparison_of_words_has_no_amounts():
    check = Check.of_words("PI-28: Amber is declared, Red follows", "performance", agrees=False)
    assert check.to_data() == {
        "name": "PI-28: Amber is declared, Red follows",
        "statement": "performance",
        "expected": None,
        "actual": None,
        "difference": None,
        "status": "differs",
    }
    assert Check.compare("a", "b", 100, 250).amounts == ("£1", "£2.50", "£1.50")
