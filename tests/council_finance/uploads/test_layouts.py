"""Ledger exports as they are, read through a saved layout to exactly the figures expected."""

import io
import time
import tomllib

import numpy as np
import openpyxl
import pandas as pd
import pytest

from council_finance.uploads.layouts import apply_layout, read_layout, read_through
from council_finance.uploads.problems import FileRefused
from council_finance.uploads.reading import RawTable, read_rows
from monitoring.ledger_files.upload_kinds.position import COLUMNS

PLAIN = """
[columns]
"Cost Centre" = "cost_centre"
"Subjective" = "account"
"Net Budget 19/20" = "current_budget"
"""


def layout(text):
    return read_layout(tomllib.loads(text))


def through(content, text):
    """The typed table of an export, read through a layout; a list is a workbook's rows."""
    content = workbook(content) if isinstance(content, list) else content.encode()
    return read_through(read_rows(content), layout(text), COLUMNS)


def workbook(rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def figures(made, *columns):
    """(row, cost centre/account, pence of each column) of each row."""
    assert [problem.sentence for problem in made.problems] == []
    codes = made.frame["cost_centre"] + "/" + made.frame["account"]
    columns = columns or ("current_budget", "actual_to_date")
    cells = (
        made.frame[name].astype(object).where(made.frame[name].notna(), None) for name in columns
    )
    return list(zip(made.frame.index, codes, *cells, strict=True))


def refusal(content, text):
    with pytest.raises(FileRefused) as caught:
        through(content, text)
    return [(p.row, p.column, p.found, p.message) for p in caught.value.problems]


ONE_COLUMN = """
[columns]
Budget = "current_budget"
Actual = "actual_to_date"
[split."Cost centre / Account"]
into = ["cost_centre", "account"]
"""
EXPORTS = {
    "cost centre and account in one column": (
        "Month 3\n\nCost centre / Account,Budget,Actual\nN110-4711,100,25\nN110 - 5000,7.50,\n",
        ONE_COLUMN + 'separator = "-"',
        [(4, "N110/4711", 10_000, 2_500), (5, "N110/5000", 750, None)],
    ),
    "cost centre and account of fixed lengths, as a number": (
        [
            ["Cost centre / Account", "Budget", "Actual"],
            [120047110, 100, 25.1],
            ["N11050000", 1, 0],
        ],
        ONE_COLUMN + "lengths = [4, 5]",
        [(2, "1200/47110", 10_000, 2_510), (3, "N110/50000", 100, 0)],
    ),
    "debit and credit columns": (
        "CC,Acc,Budget,Debit,Credit\nN1,A,100,1.10,\nN1,B,0,,2.20\nN1,C,0,5,7\nN1,D,1,,\n",
        """
        [columns]
        CC = "cost_centre"
        Acc = "account"
        Budget = "current_budget"
        [debit_credit.actual_to_date]
        debit = "Debit"
        credit = "Credit"
        """,
        [
            (2, "N1/A", 10_000, 110),
            (3, "N1/B", 0, -220),
            (4, "N1/C", 0, -200),
            (5, "N1/D", 100, None),
        ],
    ),
    "DR and CR behind or before the figures": (
        "CC,Acc,Budget,Actual\n"
        'N1,A,"1,234.50 DR","£1,234.50Cr"\nN1,B,CR 7,dr. 8\nN1,C,5,\nN1,D,0.01 C,2k D\n',
        """
        [columns]
        CC = "cost_centre"
        Acc = "account"
        Budget = "current_budget"
        Actual = "actual_to_date"
        [suffix]
        columns = ["current_budget", "actual_to_date"]
        """,
        [
            (2, "N1/A", 123_450, -123_450),
            (3, "N1/B", -700, 800),
            (4, "N1/C", 500, None),
            (5, "N1/D", -1, 200_000),
        ],
    ),
    "income printed positive, told by its accounts": (
        "CC,Acc,Budget,Actual\nN1,9001,100,(25)\nN1,4711,100,25\nN1,R10,3.33,\nTotal,,0,0\n",
        """
        [columns]
        CC = "cost_centre"
        Acc = "account"
        Budget = "current_budget"
        Actual = "actual_to_date"
        [sign]
        income_positive_accounts = ["^9", "^R"]
        [skip]
        starts_with = ["total"]
        """,
        [
            (2, "N1/9001", -10_000, 2_500),
            (3, "N1/4711", 10_000, 2_500),
            (4, "N1/R10", -333, None),
        ],
    ),
    "credits positive in a whole column": (
        [["CC", "Acc", "Budget", "Actual"], ["N1", "A", -100, 25.5], ["N1", "B", "(7)", None]],
        """
        [columns]
        CC = "cost_centre"
        Acc = "account"
        Budget = "current_budget"
        Actual = "actual_to_date"
        [sign]
        reverse = ["current_budget"]
        """,
        [(2, "N1/A", 10_000, 2_550), (3, "N1/B", 700, None)],
    ),
    "£000 by the layout, by the heading, and pounds against the heading": (
        "CC,Acc,Budget,Actual (£000),Forecast £m\nN1,A,1.2345,1.5,7\nN1,B,-1,,8\n",
        """
        [columns]
        CC = "cost_centre"
        Acc = "account"
        Budget = "current_budget"
        Actual = "actual_to_date"
        Forecast = "forecast"
        [units]
        current_budget = "k"
        forecast = "pounds"
        """,
        [(2, "N1/A", 123_450, 150_000, 700), (3, "N1/B", -100_000, None, 800)],
    ),
    "page headers, page numbers and subtotals on the way": (
        "Ledger,,,\nCC,Acc,Budget,Actual\nN1,A,100,25\nSubtotal N1,,100,25\nPage 1,,,1 July\n"
        "CC,Acc,Budget,Actual\n,,,\nN2,B,7,\nsubtotal N2,,7,\n,,107,\n,,,Grand total\n",
        """
        [columns]
        CC = "cost_centre"
        Acc = "account"
        Budget = "current_budget"
        [skip]
        starts_with = ["Subtotal", "Page"]
        blank_codes = true
        """,
        [(3, "N1/A", 10_000, None), (8, "N2/B", 700, None)],
    ),
    "two heading rows, a heading over two columns": (
        [
            ["Somerset", None, None, None, None, None],
            ["Cost", "Account", "Current", "Actual", None, "Current"],
            ["centre", None, "Budget", "Debit", "Credit", "Note"],
            ["N1", "A", 100, 25, None, "x"],
            ["N1", "B", -7.5, None, 1.25, None],
            ["Cost", "Account", "Current", "Actual", None, "Current"],
            ["centre", None, "Budget", "Debit", "Credit", "Note"],
            ["N2", "C", 0, None, None, None],
        ],
        """
        header_rows = 2
        [columns]
        "Cost centre" = "cost_centre"
        Account = "account"
        "Current budget" = "current_budget"
        [debit_credit.actual_to_date]
        debit = "Actual debit"
        credit = "Actual credit"
        """,
        [(4, "N1/A", 10_000, 2_500), (5, "N1/B", -750, -125), (8, "N2/C", 0, None)],
    ),
    "a group heading above the headings": (
        "Codes,,Figures,\nCC,Acc,Budget,Actual\nN1,A,5,6\n",
        """
        [columns]
        CC = "cost_centre"
        Acc = "account"
        Budget = "current_budget"
        Actual = "actual_to_date"
        """,
        [(3, "N1/A", 500, 600)],
    ),
    "totals in the column that is split": (
        "Cost centre / Account,Budget,Actual\nN1-A,5,1\nTotal N1,5,1\nN2-B,7,\nGrand total,12,1\n",
        ONE_COLUMN + 'separator = "-"',
        [(2, "N1/A", 500, 100), (4, "N2/B", 700, None)],
    ),
}


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_read_through_its_layout_to_exactly_its_figures(name):
    content, text, expected = EXPORTS[name]
    made = through(content, text)
    columns = ("current_budget", "actual_to_date", "forecast")[: len(expected[0]) - 2]
    assert figures(made, *columns) == expected


def test_fixed_values_stand_on_every_row_but_totals():
    content = "Cost Centre,Subjective,Net Budget 19/20,Text\nN1,A,5,\n,,5,Total\n,,,\nN2,A,6,\n"
    made = through(content, PLAIN + 'Text = "description"\n[fixed]\nservice_code = "ADULT"\n')
    assert figures(made, "current_budget") == [(2, "N1/A", 500), (5, "N2/A", 600)]
    assert list(made.frame["service_code"]) == ["ADULT", "ADULT"]


def test_problems_name_the_row_and_heading_of_the_file():
    content = "x\nCost Centre,Subjective,Net Budget 19/20\nN1,A,5\nN2,A,abc\n,B,7\n"
    made = through(content, PLAIN)
    assert {(p.row, p.column, p.found) for p in made.problems} == {
        (4, "Net Budget 19/20", "abc"),
        (5, "Cost Centre", ""),
    }
    assert made.headings["current_budget"] == "Net Budget 19/20"
    raw = apply_layout(read_rows(content.encode()), layout(PLAIN), COLUMNS)
    assert list(raw.row_numbers) == [3, 4, 5]


def test_names_tell_what_the_file_calls_each_column():
    content, text, _ = EXPORTS["two heading rows, a heading over two columns"]
    raw = apply_layout(read_rows(workbook(content)), layout(text), COLUMNS)
    assert raw.names == {
        "cost_centre": "Cost centre",
        "account": "Account",
        "current_budget": "Current Budget",
        "actual_to_date": "Actual Debit / Credit",
    }


def test_what_an_export_says_of_a_total_is_still_compared():
    content = "Cost centre / Account,Budget,Actual\nN1-A,5,1\nGrand total,6,1\n"
    made = through(content, ONE_COLUMN + 'separator = "-"')
    assert [(p.row, p.column, p.found) for p in made.problems] == [(3, "Budget", "6.00")]


SIDED = EXPORTS["DR and CR behind or before the figures"][1]
DEBITS = EXPORTS["debit and credit columns"][1]


@pytest.mark.parametrize(
    ("content", "text", "row", "column", "words"),
    [
        ("Cost Centre,Net Budget 19/20\nN1,5\n", PLAIN, None, "", "heading “Subjective” of the"),
        ("a,b\n1,2\n", PLAIN, None, "", "heading “Net Budget 19/20” of the layout is missing"),
        (
            "Cost Centre,Subjective,Net Budget 19/20,net budget 1920\nN1,A,5,6\n",
            PLAIN,
            None,
            "",
            "is in the file twice",
        ),
        (
            "Cost Centre,Subjective,Net Budget 19/20\nN1,A,1,234\n",
            PLAIN,
            2,
            "D",
            "stands under no heading",
        ),
        (
            "Cost centre / Account,Budget,Actual\nN1,5,1\n",
            ONE_COLUMN + 'separator = "-"',
            2,
            "Cost centre / Account",
            "cost_centre and account with “-” between them were expected",
        ),
        (
            "Cost centre / Account,Budget,Actual\nN1-A-B,5,1\n",
            ONE_COLUMN + 'separator = "-"',
            2,
            "Cost centre / Account",
            "between them",
        ),
        (
            "Cost centre / Account,Budget,Actual\nN1104711,5,1\n",
            ONE_COLUMN + "lengths = [4, 5]",
            2,
            "Cost centre / Account",
            "of 4 and 5 characters",
        ),
        ("CC,Acc,Budget,Actual\nN1,A,(5) CR,\n", SIDED, 2, "Budget", "a figure such as"),
        ("CC,Acc,Budget,Actual\nN1,A,5- CR,\n", SIDED, 2, "Budget", "a figure such as"),
        ("CC,Acc,Budget,Actual\nN1,A,CR 5 CR,\n", SIDED, 2, "Budget", "a figure such as"),
        ("CC,Acc,Budget,Actual\nN1,A,-5 DR,\n", SIDED, 2, "Budget", "a figure such as"),
        ("CC,Acc,Budget,Debit,Credit\nN1,A,5,x,\n", DEBITS, 2, "Debit", "a figure such as"),
        ("CC,Acc,Budget,Debit,Credit\nN1,A,5,,0.001\n", DEBITS, 2, "Credit", "two decimals"),
    ],
)
def test_what_a_layout_cannot_read_is_told_with_its_place(content, text, row, column, words):
    told = refusal(content, text)
    assert any((row, column) == (r, c) and words in message for r, c, _, message in told), told


def test_a_unit_does_not_hide_too_large_or_too_fine_a_figure():
    content = "Cost Centre,Subjective,Net Budget 19/20\nN1,A,99999999\nN1,B,1.234567\n"
    told = refusal(content, PLAIN + '[units]\ncurrent_budget = "k"\n')
    assert [(row, found) for row, _, found, _ in told] == [(2, "99999999"), (3, "1.234567")]


def test_columns_without_heading_can_be_left_out_of_account():
    content = [["Cost Centre", None, "Subjective", "Net Budget 19/20"], ["N1", "Name", "A", 5]]
    assert refusal(content, PLAIN)[0][:3] == (2, "B", "Name")
    made = through(content, PLAIN + "[skip]\nunheaded_columns = true\n")
    assert figures(made, "current_budget") == [(2, "N1/A", 500)]


def test_rows_without_codes_are_errors_unless_they_are_to_be_skipped():
    content = "Cost Centre,Subjective,Net Budget 19/20\nN1,A,5\n,,7\n"
    assert {problem.row for problem in through(content, PLAIN).problems} == {3}
    assert figures(through(content, PLAIN + "[skip]\nblank_codes = true\n"), "current_budget") == [
        (2, "N1/A", 500)
    ]


def test_a_layout_leaves_the_rows_it_is_given_alone():
    raw = read_rows(b"CC,Acc,Budget,Debit,Credit\nN1,A,5,6,7\n,,,,\nN2,A,5,6,7\n")
    before = raw.cells.copy()
    apply_layout(raw, layout(DEBITS + "[skip]\nblank_codes = true\n"), COLUMNS)
    pd.testing.assert_frame_equal(raw.cells, before)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "most"),
    [(PLAIN, 1.0), (PLAIN + '[debit_credit.actual_to_date]\ndebit="D"\ncredit="C"', 3)],
)
def test_a_hundred_thousand_rows_take_a_second_or_so(text, most):
    number = 100_000
    amounts = np.char.mod("%.2f", np.arange(number) * 7.13).astype(object)
    columns = {
        "Cost Centre": np.array([f"N{n % 999}" for n in range(number)], dtype=object),
        "Subjective": np.array([f"{n}" for n in range(number)], dtype=object),
        "Net Budget 19/20": amounts,
        "D": amounts,
        "C": amounts[::-1],
    }
    cells = {
        place: np.concatenate([np.array([heading], dtype=object), column])
        for place, (heading, column) in enumerate(columns.items())
    }
    raw = RawTable(pd.DataFrame(cells, dtype=object))
    started = time.process_time()
    made = apply_layout(raw, layout(text), COLUMNS)
    assert time.process_time() - started < most
    assert len(made.cells) == number
