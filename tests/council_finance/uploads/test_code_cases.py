"""Case files about single cells (tests/cases): codes, amounts, prose, other programs' workbooks."""

import pytest

from monitoring.models import UploadState
from tests import cases


@pytest.fixture
def council(db):
    return cases.council()


def budgets(council) -> dict[str, int]:
    """Current budgets in pence by line."""
    return {code: row.current_budget_pence for code, row in cases.lines(council).items()}


def test_unquoted_thousands_before_a_blank_cell(council):
    told = cases.refusal(council, "03")
    assert "Row 2: more cells than headings; put 1,234 in quotation marks" in told


def test_commentary_with_semicolons_in_its_prose(council):
    text = "Pressures: care packages; transport; agency staff; all are being reviewed"
    content = f'service_code,text\nADULT,"{text}"\n'.encode()
    assert cases.bring(council, content, kind="commentary").state == UploadState.STORED
    written = council.periods.get(number=3).commentary.get()
    assert written.text == text


BUDGETS = {
    "00123/4000": 100_000_000,
    "00123/9000": -20_000_000,
    "C200/4000": 50_000_000,
    "P300/4000": 30_000_000,
    "P300/9000": -10_000_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["04", "09", "10"])
def test_codes_are_read_as_they_are_shown(council, name):
    upload = cases.bring(council, name)
    assert budgets(council) == BUDGETS
    assert [upload.changes["before"][key]["lines"] for key in ("new", "gone")] == [0, 0]


def test_codes_in_scientific_notation(council):
    told = cases.refusal(council, "06")
    words = "its digits are lost. Format the column as text"
    for row in (2, 3):
        assert f"Row {row}, column cost_centre: “1.23E+05”: a spreadsheet has written" in told
    assert told.count(words) == 4


def test_dates_in_code_columns(council):
    told = cases.refusal(council, "08")
    assert "column cost_centre: “2024-03-01" in told
    assert "column account: “2024-10-04" in told
    assert "a date stands where a code was expected" in told


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gnumeric.xls", "gnumeric.ods", "sheetjs.ods"])
def test_workbooks_of_other_programs(council, name):
    """White space between cells in ODS; in XLS, formats of pounds under the numbers of dates."""
    upload = cases.bring(council, f"written-by-{name}")
    assert budgets(council) == BUDGETS
    spent = {code: row.actual_to_date_pence for code, row in cases.lines(council).items()}
    assert spent["C200/4000"] == 8_000_050
    assert spent["P300/9000"] == 0
    assert upload.changes["before"]["new"]["lines"] == 0
