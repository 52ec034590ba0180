"""Headings that bear the month: one heading in every month, and never two columns in one."""

import pytest

from council_finance.uploads.layouts import layout_fits, read_layout, read_through
from council_finance.uploads.month_headings import (
    later_months,
    month_heading,
    place_by_month,
    same_but_for_month,
)
from council_finance.uploads.problems import HeadingsRefused
from council_finance.uploads.reading import read_rows
from monitoring.ledger_files.upload_kinds.position import COLUMNS

SAME = [
    ("Actuals YTD P04", "Actuals YTD P05"),
    ("Actuals YTD P4", "Actuals YTD P12"),
    ("ACTUALS_YTD_P03", "Actuals YTD P04"),
    ("P3 YTD", "P4 YTD"),
    ("YTD Period 3", "YTD Period 10"),
    ("Month 3 forecast", "Month 4 forecast"),
    ("Forecast M03", "Forecast M04"),
    ("Forecast June 2019", "Forecast July 2019"),
    ("Forecast December 2019", "Forecast January 2020"),
    ("Forecast Jun-19", "Forecast Jul-19"),
    ("Forecast Jun '19", "Forecast Sept '19"),
    ("Actual June", "Actual May"),
    ("Actual Jun", "Actual July"),
    ("Act Apr-Jun", "Act Apr-Jul"),
    ("Act Apr to Jun", "Act Apr – Sep"),
    ("Act Apr 19 to Jun 19", "Act Apr 19 to Jan 20"),
    ("Actual to 30 June 2019", "Actual to 31 July 2019"),
    ("Actual to 30th June 2019", "Actual to 31st July 2019"),
    ("Actual to 30/06/2019", "Actual to 31/07/2019"),
    ("Actual 003.2019", "Actual 004.2019"),
    ("Forecast June 2019/20", "Forecast July 2019/20"),
    ("Budget 2019/20 P03", "Budget 2019/20 P04"),
    ("June forecast (£'000)", "July forecast (£'000)"),
]
OTHERS = [
    ("Actuals YTD P04", "Forecast P04"),
    ("Actuals YTD P04", "Actuals P05"),
    ("Forecast P03", "Forecast June"),
    ("Forecast June 2019", "Forecast July"),
    ("Act Apr-Jun", "Act Jul"),
    ("Budget 2019/20", "Budget 2020/21"),
    ("Budget 2018/19 P03", "Budget 2019/20 P03"),
    ("Phasing Q1", "Phasing Q2"),
    ("Apr", "May"),
    ("P01", "P02"),
    ("June 2019", "July 2019"),
    ("Project P300", "Project P301"),
    ("Area m2", "Area m3"),
    ("Period 14", "Period 15"),
    ("ADJ1", "ADJ2"),
    ("Column 3", "Column 4"),
    ("Forecast Apr vs Jun", "Forecast Apr vs Jul"),
    ("Forecast", "Forecast P04"),
    ("Marketing June", "Marketing"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_headings_that_differ_only_by_the_month_are_one(one, other):
    assert same_but_for_month(one, other) and same_but_for_month(other, one)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_other_headings_are_two(one, other):
    assert not same_but_for_month(one, other) and not same_but_for_month(other, one)


def test_a_file_may_state_a_unit_that_the_layout_does_not_and_never_lose_it():
    assert same_but_for_month("Forecast P03", "Forecast P04 (£000)")
    assert not same_but_for_month("Forecast P03 (£000)", "Forecast P04")
    assert not same_but_for_month("Forecast P03 (£000)", "Forecast P04 (£m)")


@pytest.mark.parametrize(
    ("heading", "month"),
    [
        ("Actual P04", (0, 4)),
        ("Actual April", (0, 1)),
        ("Actual March", (0, 12)),
        ("Actual Mar-20", (2019, 12)),
        ("Actual December 2019", (2019, 9)),
        ("Actual January 2020", (2019, 10)),
        ("Actual to 31/03/2020", (2019, 12)),
        ("Actual March 2019/20", (2019, 12)),
        ("Act Apr-Jun 2019", (2019, 3)),
    ],
)
def test_months_are_counted_from_april(heading, month):
    assert month_heading(heading).month == month


def test_columns_of_one_file_that_differ_by_the_month_need_a_choice():
    titles = [["Centre"], ["Forecast P04"], ["Forecast P05"]]
    assert place_by_month("Forecast P03", ["Forecast P03"], titles) is None
    assert place_by_month("Forecast P03", ["Forecast P03"], titles[:2]) == 1
    of_layout = ["Forecast P02", "Forecast P03"]
    assert place_by_month("Forecast P03", of_layout, titles[:2]) is None
    grouped = [["2019 Forecast P04"], ["Forecast P05", "2019 Forecast P05"]]
    assert place_by_month("2019 Forecast P03", ["2019 Forecast P03"], grouped) is None
    assert later_months("Forecast P04", ["Forecast P03", "Forecast P05"]) == ["Forecast P05"]


LAYOUT = {
    "columns": {
        "Centre": "cost_centre",
        "Natural": "account",
        "Budget": "current_budget",
        "Actuals YTD P03": "actual_to_date",
        "Forecast June 2019 (£000)": "forecast",
    }
}


def read(headings, definition=LAYOUT, period=4):
    text = f"{headings}\nT1,4000,10,2,3,7\n"
    return read_through(read_rows(text.encode()), read_layout(definition), COLUMNS, period)


def fits(headings, definition=LAYOUT, **how):
    raw = read_rows(f"{headings}\nT1,4000,10,2,3,7\n".encode())
    needed = definition | {"fixed": {"service_code": "ADULT"}}
    return layout_fits(raw, read_layout(needed), COLUMNS, **how)


def test_a_layout_of_month_3_reads_the_file_of_month_4():
    table = read("Centre,Natural,Budget,Actuals YTD P04,Forecast July 2019 (£000),Note")
    row = table.frame.iloc[0]
    assert (row["actual_to_date"], row["forecast"]) == (200, 300_000)
    assert table.headings["actual_to_date"] == "Actuals YTD P04"
    assert fits("Centre,Natural,Budget,Actuals YTD P04,Forecast July 2019 (£000),Note")
    assert not fits(
        "Centre,Natural,Budget,Actuals YTD P04,Forecast July 2019 (£000),Note", exact=True
    )
    assert fits("Centre,Natural,Budget,Actuals YTD P03,Forecast June 2019 (£000),Note", exact=True)


def test_the_exact_heading_wins_and_a_later_month_beside_it_is_a_warning():
    table = read("Centre,Natural,Budget,Actuals YTD P03,Forecast June 2019 (£000),Actuals YTD P04")
    assert table.frame.iloc[0]["actual_to_date"] == 200
    assert [warning.message for warning in table.warnings if "P04" in warning.message] == [
        "“Actuals YTD P03” was read, and the file has “Actuals YTD P04” too, which is later. If "
        "that is the column of this month, match the columns again."
    ]
    earlier = read(
        "Centre,Natural,Budget,Actuals YTD P03,Forecast June 2019 (£000),Actuals YTD P02"
    )
    assert not [each for each in earlier.warnings if "later" in each.message]


def test_two_new_months_are_not_guessed_between():
    with pytest.raises(HeadingsRefused, match="“Actuals YTD P03” of the layout is missing"):
        read("Centre,Natural,Budget,Actuals YTD P04,Forecast July 2019 (£000),Actuals YTD P05")


def test_a_column_for_each_month_is_never_one_column():
    definition = {
        "columns": {"Centre": "cost_centre", "Natural": "account"},
        "steps": [
            {"do": "add_columns", "columns": ["Act Apr", "Act May"], "into": "current_budget"}
        ],
    }
    with pytest.raises(HeadingsRefused, match="“Act May” of the layout is missing"):
        read("Centre,Natural,Act Apr,Act Jun,x,y", definition)
    assert read("Centre,Natural,Act Apr,Act May,x,y", definition).frame.iloc[0].current_budget == (
        1_200
    )


def test_a_column_named_by_its_letter_may_bear_the_month():
    definition = {
        "columns": {"Centre": "cost_centre", "Natural": "account", "Second": "current_budget"},
        "steps": [{"do": "name_column", "column": "D", "heading": "Budget P03", "name": "Second"}],
    }
    assert read("Centre,Natural,Budget P04,Budget P04,x,y", definition).frame.iloc[
        0
    ].current_budget == (200)
