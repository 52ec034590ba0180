"""Figures such as 1,234 without quotation marks, in rows no wider than the headings."""

import pytest

from council_finance.uploads.layouts import read_layout, read_through
from council_finance.uploads.problems import FileRefused
from council_finance.uploads.reading import read_rows
from council_finance.uploads.table import typed_table
from monitoring.ledger_files.upload_kinds.position import COLUMNS

HEADINGS = "cost_centre,account,current_budget,actual_to_date,forecast"
LAYOUT = read_layout(
    {"columns": {"CC": "cost_centre", "Code": "account", "Budget": "current_budget"}}
)


def read(text):
    return typed_table(read_rows(text.encode()), COLUMNS)


def refused_rows(made, *arguments):
    with pytest.raises(FileRefused) as caught:
        made(*arguments)
    assert all("quotation marks" in problem.message for problem in caught.value.problems)
    return [problem.row for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        ("N1,4000,1,000,000\nN2,4000,500\n", [2]),
        ("N1,4000,1,000\n", [2]),
        ("N1,4000,-1,050.50,5\n", [2]),
        ("N1,4000,(1,050),5\n", [2]),
        ("N1,4000,£2,000,\n", [2]),
        ("N1,4000,1,234\nN2,4000,500\n", [2]),
        ("N1,4000,500\nN2,4000,12,345\nN3,4000,1,234,567\n", [3, 4]),
    ],
)
def test_a_figure_in_several_cells_is_refused(body, rows):
    assert refused_rows(read, f"{HEADINGS}\n{body}") == rows


@pytest.mark.parametrize(
    "body",
    [
        "N1,4000,1,234,567\n",
        "N1,4000,500,100,\nN2,4000,1,234,\n",
        "N1,4000,500,100\nN2,4000,1,5\n",
        "N1,4000,500,0,0\nN2,4000,5\n",
        "1,050,5,0.00,\n2,001,7,0,\n",
        'N1,4000,"1,000",5,5\n',
    ],
)
def test_separate_figures_are_read(body):
    assert read(f"{HEADINGS}\n{body}").problems == []


def test_a_code_after_a_figure_may_begin_with_noughts():
    made = read("cost_centre,current_budget,account,forecast\nN1,5,050,7\n")
    assert list(made.frame["account"]) == ["050"]


def test_a_layout_refuses_split_figures_too():
    def through(text):
        return read_through(read_rows(text.encode()), LAYOUT, COLUMNS)

    assert refused_rows(through, "CC,Code,Budget,Spent\nN1,4000,1,000\nN2,4000,2,\n") == [2]
    assert through("CC,Budget,Code\nN1,5,050\n").problems == []
