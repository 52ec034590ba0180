"""Cambridgeshire's budgetary control report for the close of 2018/19, cell by cell as printed."""

import csv

import pytest

from monitoring.models import Period
from monitoring.reports.selectors.report_data import current_data
from monitoring.reports.selectors.statements import statement
from tests.conftest import REFERENCE

FILE = REFERENCE / "cambridgeshire-2018-19-close" / "appendix_1_budgetary_control_report.csv"
COLUMNS = {
    "previous_forecast_variance_k": "previous_variance",
    "budget_k": "budget",
    "actual_k": "forecast",
    "variance_k": "variance",
    "variance_percent": "variance_percent",
}
WRONG_IN_PRINT = {("Grant Funding Total", "variance_percent"): "-9%"}
"""The one percentage that takes the signed budget where every other takes the absolute one."""


def printed() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def report(cambridgeshire):
    period = Period.objects.get(year=cambridgeshire, number=13)
    return statement(current_data(period), "budgetary-control")


def test_every_row_and_cell_is_as_printed(report):
    """`-0` and `-0%` are small negatives in print; here what rounds to nil has no sign."""
    rows = [row for row in report.rows if row.cells]
    assert len(rows) == len(printed()) == 80
    for row, line in zip(rows, printed(), strict=True):
        assert row.label == line["service"]
        for column, key in COLUMNS.items():
            expected = {"-0": "0", "-0%": "0%"}.get(line[column], line[column])
            expected = WRONG_IN_PRINT.get((line["service"], column), expected)
            assert row.cells[key].text == expected, (line["service"], column)


def test_groups_and_directorates_have_their_headings(report):
    headings = {row.label for row in report.rows if row.kind == "heading"}
    groups = {line["group"] for line in printed()} | {line["directorate"] for line in printed()}
    assert groups - {""} <= headings


def test_the_close_is_called_actual(report):
    assert [column.label for column in report.columns][3] == "Actual"
