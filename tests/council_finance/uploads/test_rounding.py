"""A layout may round what formulas leave behind the penny, and says how much it rounded."""

import io

import openpyxl
import pytest
from django.urls import reverse

from council_finance.uploads.columns import AMOUNT, CODE, TEXT, ColumnSpec
from council_finance.uploads.layouts import read_layout, read_through
from council_finance.uploads.problems import FileRefused
from council_finance.uploads.reading import read_rows
from monitoring.uploading.services.layouts import save_layout
from tests import cases

SPECS = (
    ColumnSpec("cost_centre", CODE, required=True),
    ColumnSpec("description", TEXT),
    ColumnSpec("current_budget", AMOUNT, required=True),
    ColumnSpec("forecast", AMOUNT),
)
COLUMNS = {"CC": "cost_centre", "Text": "description", "Sum": "current_budget", "Out": "forecast"}
LAYOUT = {"columns": COLUMNS, "round_to_penny": True}


def through(text, **more):
    return read_through(read_rows(text.encode()), read_layout(LAYOUT | more), SPECS)


def pence(table):
    return table.frame["current_budget"].tolist()


def told(table):
    return [warning.message for warning in table.warnings]


def test_decimals_of_a_formula_are_rounded_and_told():
    rows = "A,,100.004,5\nB,,-100.005,5.5\nC,,(33.335),6\nD,,1.00500,\n"
    table = through(f"CC,Text,Sum,Out\n{rows}")
    assert pence(table) == [10_000, -10_001, -3_334, 101]
    assert told(table) == [
        "4 figures of current_budget had more than two decimals and were rounded to the penny, as "
        "the layout says: by -£0.009 in all (£0.019 without signs)."
    ]


def test_nothing_is_rounded_unless_the_layout_says_so():
    table = through("CC,Text,Sum,Out\nA,,100.004,5\n", round_to_penny=False)
    assert "more than two decimals" in table.problems[0].message


def test_figures_in_thousands_are_rounded_to_the_penny():
    text = "CC,Text,Sum,Out\nA,,1.234567,5\nB,,2.000006,5\n"
    table = through(text, units={"current_budget": "k"})
    assert pence(table) == [123_457, 200_001]
    assert "by +£0.007 in all (£0.007 without signs)" in told(table)[0]


def test_cells_of_a_workbook_are_rounded():
    book = openpyxl.Workbook()
    for row in (["CC", "Text", "Sum", "Out"], ["A", "", 100 / 3, 1.0], ["B", "", 200 / 3, 2.0]):
        book.active.append(row)
    book.active.append(["", "Total", 100.0, 3.0])
    out = io.BytesIO()
    book.save(out)
    table = read_through(read_rows(out.getvalue()), read_layout(LAYOUT), SPECS)
    assert (pence(table), table.problems) == ([3_333, 6_667], [])
    assert told(table)[0].startswith("2 figures of current_budget had more than two decimals")


def test_a_total_of_rounded_figures_agrees_within_half_a_penny_a_line():
    rows = "CC,Text,Sum,Out\nA,,0.334,\nB,,0.334,\nC,,0.334,\n"
    assert not through(f"{rows},Total,1.002,\n").problems
    assert not through(f"{rows},Total,1.00,\n").problems
    assert through(f"{rows},Total,1.02,\n").problems


def test_what_is_no_figure_stays_a_fault():
    with pytest.raises(FileRefused, match="a figure such as"):
        through("CC,Text,Sum,Out\nA,,1.2.3456,5\n", units={"current_budget": "k"})


def test_months_and_crosstabs_are_rounded_too():
    steps = [{"do": "add_columns", "columns": ["Apr", "May"], "into": "current_budget"}]
    layout = {"columns": {"CC": "cost_centre"}, "round_to_penny": True, "steps": steps}
    raw = read_rows(b"CC,Apr,May\nA,1.005,2.004\n")
    table = read_through(raw, read_layout(layout), SPECS)
    assert pence(table) == [301]
    assert "2 figures of current_budget" in "".join(told(table))


@pytest.mark.slow
def test_how_much_was_rounded_is_kept_with_the_upload(db, client, person):
    council = cases.council()
    columns = {"CC": "cost_centre", "Acc": "account", "Sum": "current_budget"}
    definition = {
        "columns": columns,
        "fixed": {"service_code": "ADULT"},
        "round_to_penny": True,
    }
    save_layout(name="Ledger", kind="position", definition=definition, by=None)
    upload = cases.bring(council, b"CC,Acc,Sum\n00123,4000,10.005\n")
    assert cases.lines(council)["00123/4000"].current_budget_pence == 1_001
    assert "rounded to the penny, as the layout says: by +£0.005 in all" in cases.warnings(upload)
    client.force_login(person("finance_officer"))
    page = client.get(reverse("upload", args=[upload.pk])).content.decode()
    assert "1 figure of current_budget had more than two decimals and was rounded" in page
