"""Exports of every shape, through a layout's steps: exact figures, each with its cells."""

import datetime
import tomllib

import pandas as pd
import pytest

from council_finance.uploads.adding_up import add_up
from council_finance.uploads.columns import CODE, DATE, WHOLE, ColumnSpec
from council_finance.uploads.layouts import LayoutError, read_layout, read_through
from council_finance.uploads.origins import read_origins
from council_finance.uploads.problems import FileRefused
from council_finance.uploads.reading import read_rows
from council_finance.uploads.step_data import AddUp
from council_finance.uploads.table import TypedTable
from monitoring.ledger_files.upload_kinds.position import COLUMNS
from tests.council_finance.uploads.test_layouts import PLAIN, workbook


def through(content, text, period=3):
    """The typed table of an export, read through a layout; a list is a workbook's rows."""
    content = workbook(content) if isinstance(content, list) else content.encode()
    return read_through(read_rows(content), read_layout(tomllib.loads(text)), COLUMNS, period)


def lines(made, *columns):
    """(codes, figures in pence) of each row."""
    assert [problem.sentence for problem in made.problems] == []
    frame = made.frame
    cells = (frame[name].astype(object).where(frame[name].notna(), None) for name in columns)
    return list(zip(frame["cost_centre"] + "/" + frame["account"], *cells, strict=True))


def cells(made, own):
    """The file's cells behind a figure of each row, as kept and read back."""
    kept = read_origins(made.origins.to_bytes())
    return [kept.cells_of(number, own) for number in made.frame.index]


def refusal(content, text, period=3):
    with pytest.raises(FileRefused) as caught:
        through(content, text, period)
    return [(p.row, p.column, p.found, p.message) for p in caught.value.problems]


ADDS_UP = """
[columns]
"Cost centre" = "cost_centre"
"Account" = "account"
"Text" = "description"
"Budget" = "current_budget"
"Spent" = "actual_to_date"
[[steps]]
do = "add_up"
by = ["cost_centre", "account"]
"""
FINER = """Cost centre,Account,Text,Budget,Spent
00123,4000,Care homes,1000,150
C200,4000,Fostering A,300,80.50
C200,9000,Fees,-5,
C200,4000,Fostering B,200,
C200,4000,Fostering B,,7
"""


def test_rows_finer_than_a_line_are_added_up():
    made = through(FINER, ADDS_UP)
    assert lines(made, "current_budget", "actual_to_date") == [
        ("00123/4000", 100_000, 15_000),
        ("C200/4000", 50_000, 8_750),
        ("C200/9000", -500, None),
    ]
    assert list(made.frame["description"]) == ["Care homes", "Fostering A and 1 more", "Fees"]
    assert cells(made, "current_budget") == [["D2"], ["D3", "D5", "D6"], ["D4"]]
    assert made.origins.rows_of(3) == [3, 5, 6]


def test_totals_are_compared_before_rows_are_added_up():
    subtotals = (
        "Cost centre,Account,Text,Budget,Spent\nC200,4000,A,300,1\n,,Total A,300,1\n"
        "C200,4000,B,200,2\n,,Total B,200,2\n,,Total,500,3\n"
    )
    made = through(subtotals, ADDS_UP)
    assert lines(made, "current_budget") == [("C200/4000", 50_000)]
    wrong = through(subtotals.replace("Total B,200", "Total B,201"), ADDS_UP)
    assert [(problem.row, problem.column) for problem in wrong.problems] == [(5, "Budget")]


def test_a_sum_needs_a_budget_in_one_of_its_rows_and_one_service():
    layout = ADDS_UP.replace('"Text" = "description"', '"Text" = "service_code"')
    made = through(
        "Cost centre,Account,Text,Budget,Spent\nA,1,X,,5\nB,1,X,1,\nB,1,Y,1,\nB,1,,1,\n", layout
    )
    assert [(each.row, each.column, each.message) for each in made.problems] == [
        (
            4,
            "Text",
            "rows with the same codes are added up, and row 3 gives another service_code (X)",
        ),
        (2, "Budget", "the cell is blank; a value is needed"),
    ]


def test_one_code_written_in_several_ways_is_added_up_and_each_bad_code_is_named_by_its_row():
    rows = (
        "Cost centre,Account,Text,Budget,Spent\n00123,4000,A,1,\n' 00123,4000,A,2,\n"
        '"=""00123""",4000,A,3,\n00123 ,4000.0,A,4,\n'
    )
    made = through(rows, ADDS_UP)
    assert lines(made, "current_budget") == [("00123/4000", 1_000)]
    assert cells(made, "current_budget") == [["D2", "D3", "D4", "D5"]]
    bad = through(rows + "01/04/2024,4000,A,5,\n01/04/2024,1.23E+05,A,6,\n", ADDS_UP)
    found = [(each.row, each.column, each.found) for each in bad.problems]
    assert sorted(found) == [
        (6, "Cost centre", "01/04/2024"),
        (7, "Account", "1.23E+05"),
        (7, "Cost centre", "01/04/2024"),
    ]


def test_rows_that_add_up_to_more_than_can_be_stored_are_a_problem():
    rows = "".join("A,1,,9999999999.99,\n" for _ in range(2))
    made = through("Cost centre,Account,Text,Budget,Spent\n" + rows, ADDS_UP)
    assert [(each.row, each.found) for each in made.problems] == [(2, "19999999999.98")]


PARTS = """
[columns]
"Period to date" = "current_budget"
[[steps]]
do = "take_parts"
column = "Accounting flexfield"
separator = "-"
count = 10
into = { cost_centre = 3, account = 4 }
[[steps]]
do = "add_up"
by = ["cost_centre", "account"]
"""
FLEXFIELDS = [
    ["", "Detail Trial Balance"],
    ["", "Accounting flexfield", "Opening", "Period to date"],
    ["", "3000-30000-00123-4000-310530-00000-00000-0000-0000-0000", 0, 100.5],
    ["", "3000-30000-C200-4000-310530-00000-00000-0000-0000-0000", 0, 50],
    ["", "3000-30000-00123-4000-310540-00000-00000-0000-0000-0000", 0, 200.25],
]


def test_two_of_ten_segments_of_a_code_are_taken():
    made = through(FLEXFIELDS, PARTS)
    assert lines(made, "current_budget") == [("00123/4000", 30_075), ("C200/4000", 5_000)]
    assert cells(made, "current_budget") == [["D3", "D5"], ["D4"]]
    assert cells(made, "account") == [["B3", "B5"], ["B4"]]
    assert made.origins.words == (
        "Took part 3 as cost_centre and part 4 as account from “Accounting flexfield”, split at "
        "“-”.",
        "Added up rows with the same cost_centre and account.",
    )


@pytest.mark.parametrize("heading", ["Cost Centre", "cost_centre"])
def test_a_column_may_be_made_of_one_with_the_same_name(heading):
    text = (
        '[columns]\nBudget = "current_budget"\n[[steps]]\ndo = "take_parts"\nseparator = "-"\n'
        f'column = "{heading}"\ninto = {{ cost_centre = 1, account = 2 }}\n'
    )
    made = through(f"{heading},Budget\nN110-4711,5\n", text)
    assert lines(made, "current_budget") == [("N110/4711", 500)]
    assert cells(made, "account") == [["A2"]]
    (fault,) = refusal("Code,Budget\nN110-4711,5\n", text)
    assert fault[-1] == f"The heading “{heading}” of the layout is missing."


def test_a_code_with_another_number_of_segments_is_a_problem():
    rows = [*FLEXFIELDS, ["", "3000-30000-C200-4000", 0, 1]]
    assert refusal(rows, PARTS) == [
        (
            6,
            "Accounting flexfield",
            "3000-30000-C200-4000",
            "10 parts with “-” between them were expected",
        )
    ]


MONTHS = """
[columns]
"Cost Centre" = "cost_centre"
"Natural Account" = "account"
[[steps]]
do = "add_columns"
columns = ["APR", "MAY", "JUN", "ADJ1"]
into = "current_budget"
[[steps]]
do = "add_columns"
columns = ["APR", "MAY", "JUN", "ADJ1"]
into = "profiled_budget_to_date"
to_period = true
"""
BY_MONTH = (
    "Cost Centre,Natural Account,APR,MAY,JUN,ADJ1\n"
    "00123,4000,1000,1000.50,(1000),\nC200,4000,500,,500,7\nP300,1,,,3,\n"
)


def test_a_month_a_column_is_added_up_and_up_to_the_period():
    made = through(BY_MONTH, MONTHS, period=2)
    assert lines(made, "current_budget", "profiled_budget_to_date") == [
        ("00123/4000", 100_050, 200_050),
        ("C200/4000", 100_700, 50_000),
        ("P300/1", 300, None),
    ]
    assert cells(made, "profiled_budget_to_date") == [["C2", "D2"], ["C3", "D3"], ["C4", "D4"]]
    assert cells(made, "current_budget")[1] == ["C3", "D3", "E3", "F3"]
    close = through(BY_MONTH, MONTHS, period=13)
    assert list(close.frame["profiled_budget_to_date"]) == [100_050, 100_700, 300]


def test_months_up_to_a_period_that_the_layout_has_not_are_refused():
    assert [message for *_, message in refusal(BY_MONTH, MONTHS, 6)] == [
        "The layout names 4 columns of months for profiled_budget_to_date; period 6 needs 6."
    ]
    assert [message for *_, message in refusal(BY_MONTH, MONTHS, None)] == [
        "The layout adds months up to the period as profiled_budget_to_date; a file of the whole "
        "year, or of period 0, has none."
    ]


def test_months_keep_the_unit_of_their_headings():
    content = "Cost Centre,Natural Account,Apr £000,May £000\nA,1,1.234,0.001\n"
    layout = MONTHS.replace('"APR", "MAY", "JUN", "ADJ1"', '"Apr", "May"')
    assert lines(through(content, layout, 2), "current_budget") == [("A/1", 123_500)]


PIVOT = """
[columns]
service_code = "service_code"
cost_centre = "cost_centre"
account = "account"
current_budget = "current_budget"
[[steps]]
do = "fill_down"
columns = ["service_code", "cost_centre"]
"""


CROSSTAB = """
[columns]
"Account" = "account"
[[steps]]
do = "turn_columns"
after = "Account"
headings_into = "cost_centre"
figures_into = "current_budget"
"""


def test_labels_printed_once_are_filled_down_and_totals_compared():
    made = through(
        "service_code,cost_centre,account,current_budget\nADULT,00123,4000,1000\n,,9000,-200\n"
        ",00123 Total,,800\nCHILD,C200,4000,500\n,C300,4000,1\n,C300 Total,,1\nCHILD Total,,,501\n"
        ",,Grand Total,1301\n",
        PIVOT,
    )
    assert lines(made, "current_budget") == [
        ("00123/4000", 100_000),
        ("00123/9000", -20_000),
        ("C200/4000", 50_000),
        ("C300/4000", 100),
    ]
    assert list(made.frame["service_code"]) == ["ADULT", "ADULT", "CHILD", "CHILD"]
    assert list(made.frame.index) == [2, 3, 5, 6]


def test_a_file_without_rows_is_refused_where_labels_are_filled_down():
    text = PLAIN + '[[steps]]\ndo = "fill_down"\ncolumns = ["Cost Centre"]\n'
    (fault,) = refusal("Cost Centre,Subjective,Net Budget 19/20\n", text)
    assert fault[-1] == "There are headings but no rows under them."


def test_nothing_is_filled_down_past_its_total():
    made = through(
        "service_code,cost_centre,account,current_budget\nADULT,00123,4000,1000\n"
        ",00123 Total,,1000\n,,4100,5\n",
        PIVOT,
    )
    assert [(each.row, each.column) for each in made.problems] == [(4, "cost_centre")]


def test_a_crosstab_becomes_a_row_a_figure():
    made = through(
        [
            ["Budget by account and cost centre"],
            ["Account", "A100", 123.0, "Total"],
            ["4000", 100, 20.5, 120.5],
            ["9000", None, -5, -5],
            ["Total", 100, 15.5, 115.5],
        ],
        CROSSTAB,
    )
    assert lines(made, "current_budget") == [
        ("A100/4000", 10_000),
        ("123/4000", 2_050),
        ("123/9000", -500),
    ]
    assert cells(made, "current_budget") == [["B3"], ["C3"], ["C4"]]
    assert [made.row_in_file(row) for row in made.frame.index] == [3, 3, 4]


def test_a_fault_in_a_crosstab_names_its_cell():
    made = through("Account,A100,B200\n4000,1,2\n9000,3,x\n", CROSSTAB)
    assert [(p.row, p.column, p.found) for p in made.problems] == [
        (3, "figures of the columns B to C (C)", "x")
    ]
    wrong = "Account,A100,B200,Total\n4000,1,2,4\n"
    assert refusal(wrong, CROSSTAB) == [
        (2, "Total", "4", "this total is not the sum of the row (3.00)")
    ]


CROSSTAB_ADDED_UP = CROSSTAB + '[[steps]]\ndo = "add_up"\nby = ["cost_centre", "account"]\n'


def test_a_crosstab_can_be_added_up():
    made = through("Account,A100,B200\n4000,1,2\n9000,3,\n4000,10,20\n", CROSSTAB_ADDED_UP)
    assert lines(made, "current_budget") == [
        ("A100/4000", 1_100),
        ("A100/9000", 300),
        ("B200/4000", 2_200),
    ]
    assert cells(made, "current_budget") == [["B2", "B4"], ["B3"], ["C2", "C4"]]


SIGNS = """
[columns]
"Cost centre" = "cost_centre"
"Account" = "account"
"Budget £000" = "current_budget"
"Forecast" = "forecast"
[[steps]]
do = "keep_rows"
column = "Year"
values = ["2024/25"]
[[steps]]
do = "reverse_sign"
column = "Type"
values = ["income"]
figures = ["Budget £000", "Forecast"]
"""


def test_rows_are_kept_by_a_column_and_income_is_reversed_by_another():
    made = through(
        "Year,Type,Cost centre,Account,Budget £000,Forecast\n2023/24,Expense,A,1,9,9\n"
        "2024/25,Expense,A,1,1.5,7\n2024/25,Income,A,2,2.25,\n2024/25,Income,A,3,-,-4\n",
        SIGNS,
    )
    assert lines(made, "current_budget", "forecast") == [
        ("A/1", 150_000, 700),
        ("A/2", -225_000, None),
        ("A/3", 0, 400),
    ]
    assert [warning.message for warning in made.warnings] == [
        "1 row was left out, where “Year” says “2023/24”.",
    ]


def test_a_layout_that_keeps_no_row_says_what_stands_there():
    assert refusal(
        "Year,Type,Cost centre,Account,Budget £000,Forecast\n2023/24,Expense,A,1,9,9\n", SIGNS
    ) == [
        (
            None,
            "",
            "",
            "The layout leaves no row over: Kept only rows in which “Year” is “2024/25”. The "
            "column “Year” has “2023/24”.",
        )
    ]


TWICE = """
[columns]
"Cost centre" = "cost_centre"
"Account" = "account"
"Full budget" = "current_budget"
"Budget to date" = "profiled_budget_to_date"
[[steps]]
do = "name_column"
column = "C"
heading = "Budget"
name = "Full budget"
[[steps]]
do = "name_column"
column = "D"
heading = "Budget"
name = "Budget to date"
[[steps]]
do = "pad"
column = "Cost centre"
length = 5
"""


def test_a_heading_that_stands_twice_is_chosen_by_its_place_and_codes_are_padded():
    made = through("Cost centre,Account,Budget,Budget\n123,4000,12,3\nC2,4000,1,\n", TWICE)
    assert lines(made, "current_budget", "profiled_budget_to_date") == [
        ("00123/4000", 1_200, 300),
        ("C2/4000", 100, None),
    ]


def test_a_column_that_moved_is_noticed():
    assert refusal("Cost centre,Account,Text,Budget,Budget\n123,4000,x,12,3\n", TWICE) == [
        (None, "", "", "The heading “Full budget” of the layout is missing.")
    ]


FAULTS = {
    'steps = 1\n[columns]\nA = "account"': "[[steps]] must be a list of tables.",
    '[columns]\nA = "account"\n[[steps]]\ndo = "fly"': "Step 1: needs do = one of name_column",
    '[columns]\nA = "account"\n[[steps]]\ndo = "fill_down"\ncolumns = []': (
        "Step 1, fill_down: columns must be a list of texts."
    ),
    '[columns]\nA = "account"\n[[steps]]\ndo = "pad"\ncolumn = "A"\nlength = 99': (
        "Step 1, pad: length must be a whole number from 2 to 64."
    ),
    '[columns]\nA = "account"\n[[steps]]\ndo = "add_up"\nby = ["cost_centre"]': (
        "“add_up” adds by cost_centre, which the layout does not fill."
    ),
    '[columns]\nA = "account"\n[[steps]]\ndo = "add_up"\nby = ["account"]\n'
    '[[steps]]\ndo = "pad"\ncolumn = "A"\nlength = 5': (
        "“add_up” must be the last step and occur once."
    ),
    '[[steps]]\ndo = "turn_columns"\nheadings_into = "account"\nfigures_into = "forecast"': (
        "Step 1, turn_columns: takes either columns or after."
    ),
    '[[steps]]\ndo = "take_parts"\ncolumn = "A"\nseparator = "-"\ncount = 2\n'
    "into = { account = 3 }": "Step 1, take_parts: into takes part 3 of codes that have 2.",
    '[columns]\nA = "account"\n[[steps]]\ndo = "take_parts"\ncolumn = "B"\nseparator = "-"\n'
    "into = { account = 3 }": "The column account is filled more than once.",
}


@pytest.mark.parametrize("text", FAULTS)
def test_a_step_that_cannot_be_is_told(text):
    with pytest.raises(LayoutError) as caught:
        read_layout(tomllib.loads(text))
    assert [sentence for sentence in caught.value.sentences if sentence.startswith(FAULTS[text])]


def test_more_rows_than_are_stored_are_refused_unless_they_are_added_up(monkeypatch):
    monkeypatch.setattr("council_finance.uploads.limits.MOST_STORED_ROWS", 4)
    assert len(through(FINER, ADDS_UP).frame) == 3
    (message,) = (message for *_, message in refusal(FINER, ADDS_UP.split("[[steps]]")[0]))
    assert message.startswith("The table has 5 rows; at most 4 are stored.")


def test_columns_that_are_not_added_up_keep_their_one_value():
    frame = pd.DataFrame(
        {
            "code": ["B", "A", "B", "C"],
            "period": pd.array([pd.NA, 4, 7, pd.NA], dtype="Int64"),
            "day": [None, datetime.date(2024, 6, 30), datetime.date(2024, 7, 1), None],
        },
        index=[5, 6, 7, 8],
    )
    specs = (ColumnSpec("code", CODE), ColumnSpec("period", WHOLE), ColumnSpec("day", DATE))
    headings = {name: name for name in frame}
    table = TypedTable(frame.astype({"code": object, "day": object}), headings)
    made = add_up(table, AddUp(("code",)), specs)
    assert made.problems == []
    assert list(made.frame.index) == [5, 6, 8] and list(made.frame["code"]) == ["B", "A", "C"]
    assert list(made.frame["period"].astype(object).where(made.frame["period"].notna(), None)) == [
        *(7, 4, None)
    ]
    assert list(made.frame["day"]) == [datetime.date(2024, 7, 1), datetime.date(2024, 6, 30), None]
