"""Files that state their unit in a heading, a title or a row of units: scaled, or asked about."""

import pytest

from council_finance.uploads.columns import AMOUNT, CODE, ColumnSpec
from council_finance.uploads.layouts import read_layout, read_through
from council_finance.uploads.matching import likely_headings
from council_finance.uploads.problems import HeadingsRefused
from council_finance.uploads.reading import read_rows
from council_finance.uploads.table import typed_table

SPECS = (
    ColumnSpec("cost_centre", CODE, required=True),
    ColumnSpec("current_budget", AMOUNT, required=True),
    ColumnSpec("forecast", AMOUNT),
)
LAYOUT = {"columns": {"CC": "cost_centre", "Budget": "current_budget", "Outturn": "forecast"}}


def own(text):
    return typed_table(read_rows(text.encode()), SPECS)


def through(text, **layout):
    raw = read_rows(text.encode())
    return read_through(raw, read_layout(LAYOUT | layout), SPECS)


def pence(table):
    frame = table.frame[["current_budget", "forecast"]].astype(object)
    return frame.where(frame.notna(), None).to_numpy().tolist()


@pytest.mark.parametrize(
    "top",
    [
        "CC,Budget £'m,Outturn £mn\n",
        "CC,Budget (£ millions),£m Outturn\n",
        "Revenue monitoring (£m),,\nCC,Budget,Outturn\n",
        "All figures in £ million,,\n,,\nCC,Budget,Outturn\n",
        ",£m,£m\nCC,Budget,Outturn\n",
        ",,£m\nCC,Budget,Outturn\n",
        "CC,Budget,Outturn\n,£m,£m\n",
        "Variances over £1m are explained,,\nCC,Budget (£m),Outturn £'m\n",
        "Report in £000,,\nCC,Budget £m,Outturn £m\n",
    ],
)
def test_millions(top):
    table = through(f"{top}A1,1.5,0.000001\nA2,2,\n")
    assert pence(table) == [[150_000_000, 100], [200_000_000, None]]
    text = top.replace("CC", "cost_centre").replace("Budget", "current budget")
    assert pence(own(f"{text.replace('Outturn', 'forecast')}A1,1.5,0.000001\nA2,2,\n")) == pence(
        table
    )


@pytest.mark.parametrize(
    ("top", "heading"),
    [
        ("CC,Budget (£ zillions),Outturn\n", "Budget (£ zillions)"),
        ("CC,Budget,Outturn £00\n", "Outturn £00"),
        ("Report in £000,,\nCC,Budget £,Outturn £000\n", "Budget £"),
        ("Report in £m,,\nAppendix (£000),,\nCC,Budget,Outturn £m\n", "Budget"),
        ("All figures in £ zillions,,\nCC,Budget,Outturn £\n", "Budget"),
        ("CC,Budget,Outturn\n,£000,\n", "Outturn"),
        ("CC,Budget (pence),Outturn\n", "Budget (pence)"),
    ],
)
def test_what_is_not_certain_is_asked_about(top, heading):
    content = f"{top}A1,1.5,2\n"
    with pytest.raises(HeadingsRefused) as caught:
        through(content)
    told = caught.value.problems
    assert any(f"the figures under “{heading}” are." in each.message for each in told)
    assert "under [units]" in told[0].message
    units = {"current_budget": "k", "forecast": "pounds"}
    assert pence(through(content, units=units)) == [[150_000, 200]]
    found = likely_headings(read_rows(content.encode()), SPECS)
    assert found["units"][found["headings"].index(heading)] is None


def test_own_headings_with_an_unclear_unit_are_asked_about():
    with pytest.raises(HeadingsRefused) as caught:
        own("cost_centre,current_budget,forecast (£ zillions)\nA1,1,2\n")
    assert caught.value.problems[0].message == (
        "It is not certain in which unit the figures under “forecast (£ zillions)” are. Say it "
        'where columns are matched, or in a layout: "forecast (£ zillions)" = "forecast" under '
        '[columns] and forecast = "k" (£000), "m", "bn" or "pounds" under [units].'
    )


def test_a_unit_beside_the_headings_is_told():
    table = own("Report in £000,,\ncost_centre,current_budget,forecast £m\nA1,1,2\n")
    assert pence(table) == [[100_000, 200_000_000]]
    assert [warning.message for warning in table.warnings] == [
        "Read in £000, as the file says beside its headings: current_budget."
    ]


def test_figures_in_billions():
    table = own('cost_centre,current_budget £bn,forecast\nA1,1.23456789012,\nA2,"0.5",3\n')
    assert not table.problems
    assert pence(table) == [[123_456_789_012, None], [50_000_000_000, 300]]


MONTHS = [{"do": "add_columns", "columns": ["Apr", "May"], "into": "forecast"}]


@pytest.mark.parametrize("top", ["CC,Budget £m,Apr £m,May £'m\n", "In £m,,,\nCC,Budget,Apr,May\n"])
def test_months_that_are_added_up_are_in_the_unit_of_their_headings(top):
    layout = {"columns": {"CC": "cost_centre", "Budget": "current_budget"}, "steps": MONTHS}
    raw = read_rows(f"{top}A1,1.5,0.25,0.5\n".encode())
    assert pence(read_through(raw, read_layout(layout), SPECS)) == [[150_000_000, 75_000_000]]


def test_months_in_different_units_are_asked_about():
    layout = {"columns": {"CC": "cost_centre", "Budget": "current_budget"}, "steps": MONTHS}
    raw = read_rows(b"CC,Budget,Apr \xc2\xa3m,May\nA1,1.5,0.25,0.5\n")
    with pytest.raises(HeadingsRefused, match="Apr £m / May"):
        read_through(raw, read_layout(layout), SPECS)
