"""The file of monthly profiles: what it takes and refuses, and that it can be sent again."""

import pytest

from council_finance.errors import Refused
from monitoring.forecast_methods.upload_kind import MONTH_NAMES
from monitoring.models import BudgetProfile
from tests.councils.packs import bring
from tests.monitoring.forecast_methods.two_years import THIS_YEAR, line_of, load_year

HEAD = f"cost_centre,account,service_code,given_as,{','.join(MONTH_NAMES)}\n"
FLAT = ",100" * 12
PERCENT = ",8.33" * 11 + ",8.37"


@pytest.fixture
def year(db, tmp_path):
    return load_year(tmp_path, "2022/23", THIS_YEAR)


def stored(year) -> list[tuple]:
    """Cost centre or service code, months and whether they are percentages, as stored."""
    rows = BudgetProfile.objects.filter(year=year).order_by("pk")
    names = rows.values_list("line__cost_centre", "service__code", "months", "in_percent")
    return [(centre or service, months, percent) for centre, service, months, percent in names]


def test_lines_and_services_take_amounts_or_percentages(year):
    text = f"{HEAD}H1,NET,,{FLAT}\n,,CARE,percent{PERCENT}\n,,TOP,pounds{',0' * 11},-5.01\n"
    upload = bring(year, "profiles", text)
    percent = [833] * 11 + [837]
    expected = [
        ("H1", [10_000] * 12, False),
        ("CARE", percent, True),
        ("TOP", [0] * 11 + [-501], False),
    ]
    assert stored(year) == expected
    warnings = [each["message"] for each in upload.warnings]
    assert len(warnings) == 1, warnings
    assert "the months add up to -£5.01, and the current budget is £1,970" in warnings[0]
    bring(year, "profiles", text)
    assert stored(year) == expected, "what is stored already is not stored again"
    bring(year, "profiles", f"{HEAD}H1,NET,,{',50' * 12}\nH2,NET,,{',' * 12}\n")
    assert stored(year) == [*expected, ("H1", [5_000] * 12, False)]


@pytest.mark.parametrize(
    ("row", "column", "sentence"),
    [
        (f"H9,NET,,{FLAT}", "cost_centre", "2022/23 has no line with this cost centre and account"),
        (f"H1,,,{FLAT}", "account", "give the line’s cost_centre and account, or"),
        (f",,,{FLAT}", "cost_centre", "give the line’s cost_centre and account, or"),
        (
            f"H1,NET,HOME,{FLAT}",
            "service_code",
            "names a line and a service; leave one",
        ),
        (f",,NOPE,{FLAT}", "service_code", "there is no service with this code"),
        (
            f"D1,NET,,{FLAT}\nD1,NET,,{FLAT}",
            "account",
            "line or service is on an earlier row",
        ),
        (f"H1,NET,,,{',1' * 11}", "april", "give all twelve months, 0 for one without any"),
        (f"H1,NET,,{',1' * 11},", "march", "give all twelve months"),
        (f"H1,NET,,{',0' * 12}", "march", "the twelve months add up to nil"),
        (f"H1,NET,,{',1,-1' * 6}", "march", "the twelve months add up to nil"),
        (
            f"H1,NET,,percent{',8' * 12}",
            "march",
            "percentages add up to 96.00, not to 100",
        ),
        (f"H1,NET,,percent{',0.08' * 12}", "march", "add up to 0.96, not to 100"),
        (f"H1,NET,,share{FLAT}", "given_as", "one of pounds, percent was expected"),
        (f"H1,NET,,{',x' * 12}", "april", "a figure such as 1,234.50 was expected"),
    ],
)
def test_a_faulty_row_is_refused_with_its_place(year, row, column, sentence):
    with pytest.raises(Refused) as caught:
        bring(year, "profiles", f"{HEAD}{row}\nR1,NET,,{FLAT}\n")
    assert any(f"column {column}" in each and sentence in each for each in caught.value.messages), (
        caught.value.messages
    )
    assert stored(year) == []


def test_a_file_without_lines_or_services_is_refused(year):
    with pytest.raises(Refused, match="cost_centre.*service_code"):
        bring(year, "profiles", f"given_as,{','.join(MONTH_NAMES)}\n{FLAT}\n")
    assert line_of(year, "H1")
