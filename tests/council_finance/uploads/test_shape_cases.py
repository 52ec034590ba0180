"""The case files whose shape no layout could read: through steps, to the figures that are right."""

import io
import tomllib

import openpyxl
import pytest

from monitoring.models import UploadState
from monitoring.uploading.selectors.uploads import origins_of
from monitoring.uploading.services.layouts import save_layout
from tests import cases

pytestmark = pytest.mark.django_db

CODES = '[columns]\n"Cost centre" = "cost_centre"\n"Account" = "account"\n'
OWN_CODES = (
    '[columns]\nservice_code = "service_code"\ncost_centre = "cost_centre"\naccount = "account"\n'
)
OWN = OWN_CODES + (
    'description = "description"\ncurrent_budget = "current_budget"\n'
    'actual_to_date = "actual_to_date"\nforecast = "forecast"\n'
)
ADD_UP = '[[steps]]\ndo = "add_up"\nby = ["cost_centre", "account"]\n'
MONTHS = [
    *("APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC", "JAN", "FEB", "MAR"),
    *("ADJ1", "ADJ2", "ADJ3"),
]


@pytest.fixture
def council():
    return cases.council()


def bring(council, name, layout, period=3):
    save_layout(name="Shape", kind="position", definition=tomllib.loads(layout), by=None)
    upload = cases.bring(council, name, layout="Shape", period=period)
    assert upload.state == UploadState.STORED
    return upload, cases.lines(council, period)


def behind(upload, line, own="current_budget"):
    return origins_of(upload).cells_of(line.source_row, own)


def budgets(lines):
    return {code: line.current_budget_pence for code, line in lines.items()}


@pytest.mark.slow
def test_19_ten_segments(council):
    layout = (
        '[columns]\n"Period to date" = "current_budget"\n[[steps]]\ndo = "take_parts"\n'
        'column = "Accounting flexfield"\nseparator = "-"\ncount = 10\n'
        "into = { cost_centre = 3, account = 4 }\n"
    )
    upload, lines = bring(council, "19-ten-segments.xlsx", layout + ADD_UP)
    assert budgets(lines) == {"00123/4000": 30_075, "C200/4000": 5_000}
    assert behind(upload, lines["00123/4000"]) == ["F13", "F14"]


@pytest.mark.slow
def test_20_finer_than_cost_centre_and_account(council):
    upload, lines = bring(council, "20", OWN + ADD_UP)
    line = lines["C200/4000"]
    figures = line.current_budget_pence, line.actual_to_date_pence, line.forecast_pence
    assert figures == (50_000_000, 8_000_050, 50_000_000)
    assert behind(upload, line, "actual_to_date") == ["F4", "F5"]
    assert len(lines) == 5


@pytest.mark.slow
def test_21_a_month_a_column(council):
    columns = ", ".join(f'"{month}"' for month in MONTHS)
    layout = (
        '[columns]\n"Cost Centre" = "cost_centre"\n"Natural Account" = "account"\n'
        f'[[steps]]\ndo = "add_columns"\ncolumns = [{columns}]\ninto = "current_budget"\n'
        f'[[steps]]\ndo = "add_columns"\ncolumns = [{columns}]\n'
        'into = "profiled_budget_to_date"\nto_period = true\n'
    )
    upload, lines = bring(council, "21", layout)
    assert budgets(lines) == {"00123/4000": 1_200_000, "C200/4000": 600_000}
    assert [line.profiled_budget_to_date_pence for line in lines.values()] == [300_000, 150_000]
    assert behind(upload, lines["C200/4000"], "profiled_budget_to_date") == ["C3", "D3", "E3"]


@pytest.mark.slow
def test_22_labels_once_with_a_total(council):
    layout = OWN + '[[steps]]\ndo = "fill_down"\ncolumns = ["service_code", "cost_centre"]\n'
    _, lines = bring(council, "22", layout)
    assert budgets(lines) == {
        "00123/4000": 100_000_000,
        "00123/9000": -20_000_000,
        "C200/4000": 50_000_000,
    }
    assert lines["00123/9000"].line.service.code == "ADULT"


@pytest.mark.slow
def test_26_income_told_by_a_column(council):
    layout = CODES + (
        'Budget = "current_budget"\nForecast = "forecast"\n[[steps]]\ndo = "reverse_sign"\n'
        'column = "Type"\nvalues = ["Income"]\nfigures = ["Budget", "Forecast"]\n'
    )
    bring(council, "26", layout)
    rows = cases.cells(council, "annex-a")
    assert (rows["ADULT"]["budget"], rows["PLACE"]["budget"]) == (80_000_000, 20_000_000)


@pytest.mark.slow
def test_28_headings_over_two_rows(council):
    layout = cases.CASES.joinpath("28-two-row-headings.toml").read_text(encoding="utf-8")
    layout += '[[steps]]\ndo = "name_column"\ncolumn = "F"\nheading = "Year to date Budget"\n'
    layout += 'name = "Profile"\n'
    layout = layout.replace("[columns]", '[columns]\nProfile = "profiled_budget_to_date"')
    _, lines = bring(council, "28-two-row-headings.xlsx", layout)
    line = lines["C200/4000"]
    assert (line.current_budget_pence, line.profiled_budget_to_date_pence) == (
        50_000_000,
        8_000_050,
    )


@pytest.mark.slow
def test_34_a_list_in_utf_16_without_its_mark(council):
    upload = cases.bring(council, "34-utf16-no-bom.xls")
    assert upload.state == UploadState.STORED
    assert budgets(cases.lines(council)) == {
        "00123/4000": 100_000_000,
        "00123/9000": -20_000_000,
        "C200/4000": 50_000_000,
        "P300/4000": 30_000_000,
        "P300/9000": -10_000_000,
    }


@pytest.mark.slow
def test_steps_read_every_sheet_with_the_same_headings(council):
    heads = ["Cost centre", "Account", "Programme", "Budget"]
    content = sheets(
        Adults=[heads, ["00123", "4000", "A", 10], ["00123", "4000", "B", 5]],
        Notes=[["Printed in July"]],
        Place=[["Printed in July"], heads, ["P300", "4000", "C", 1], ["P300", "4000", "D", "x"]],
    )
    layout = CODES + 'Budget = "current_budget"\n' + ADD_UP
    save_layout(name="Shape", kind="position", definition=tomllib.loads(layout), by=None)
    told = cases.refusal(council, content, layout="Shape")
    assert "Place row 4, column Budget: “x”" in told
    upload = cases.bring(
        council,
        sheets(
            Adults=[heads, ["00123", "4000", "A", 10], ["00123", "4000", "B", 5]],
            Place=[["Printed in July"], heads, ["P300", "4000", "C", 1], ["P300", "4000", "D", 2]],
        ),
        layout="Shape",
    )
    lines = cases.lines(council)
    assert budgets(lines) == {"00123/4000": 1_500, "P300/4000": 300}
    assert behind(upload, lines["00123/4000"]) == ["Adults!D2", "Adults!D3"]
    assert behind(upload, lines["P300/4000"]) == ["Place!D3", "Place!D4"]


def sheets(**tables):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
