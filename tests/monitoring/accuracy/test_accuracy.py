"""Forecast accuracy: errors against the outturn, restated, over the year and over the years.

Roads overspends by 50, 20 and 30 in months 1, 2 and at the close; a virement of 40 from Care pays
for 40 of the first. Care is on budget, then over by 10, then under by 5. Nights, which is over by
30, 25 and 20, joins Care in month 2.
"""

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from monitoring.accuracy.calculations import Errors, errors_of, sum_up
from monitoring.accuracy.selectors import years_of
from monitoring.reports.selectors.statements import statement
from monitoring.restructuring.services.years import roll_year_forward
from tests.councils.loaded import load_pack
from tests.councils.packs import (
    bring,
    facts_of,
    position,
    publish,
    refreeze,
    virements,
    write_pack,
)

SERVICES = (
    "code,name,parent_code,order,total_label,successor_code\nTOP,Council,,1,Total,\n"
    "ROADS,Roads,TOP,1,,\nCARE,Care,TOP,2,,\nNIGHT,Nights,TOP,3,,\n"
)
MONTH_1 = "ROADS R1 1000 1000 1050\nCARE C1 500 500 500\nNIGHT N1 100 100 130"
MONTH_2 = "ROADS R1 1000 1040 1060\nCARE C1 500 460 470\nCARE N1 100 100 125"
CLOSE = "ROADS R1 1000 1040 1070\nCARE C1 500 460 455\nCARE N1 100 100 120"
COLUMNS = ("net_variance", "last_error", "bias", "mean_size", "count")


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ([], Errors(None, None, None, 0)),
        ([None], Errors(None, None, None, 0)),
        ([-20, -10], Errors(-10, -15, 15, 2)),
        ([30, -10], Errors(-10, 10, 20, 2)),
        ([5, None], Errors(None, 5, 5, 1)),
        ([1, 2], Errors(2, 2, 2, 2)),
        ([-1, -2], Errors(-2, -2, 2, 2)),
    ],
)
def test_errors_are_averaged_with_and_without_their_signs(errors, expected):
    assert sum_up(errors) == expected


def test_only_what_has_both_a_forecast_and_an_outturn_has_an_error():
    forecast = {"A": 5, "B": None, "C": 5, "D": 0}
    assert errors_of(forecast, {"A": 7, "B": 1, "C": None}) == {"A": -2}


@pytest.fixture
def closed(db, tmp_path):
    """2021/22 with its close published."""
    history = (
        "financial_year,period,service_code,current_budget,net_variance\n"
        "2020/21,2,ROADS,900,8\n2020/21,13,ROADS,900,20\n"
    )
    files = {
        "services.csv": SERVICES,
        "history.csv": history,
        "periods/01/position.csv": position(MONTH_1),
    }
    pack = write_pack(
        tmp_path / "pack", files, settings='[display]\nunit = "pounds"\n', publish=(1,)
    )
    year = load_pack(folder=pack, by=None).year
    bring(year, "services", SERVICES.replace("NIGHT,Nights,TOP,3,,", "NIGHT,Nights,TOP,3,,CARE"))
    bring(
        year, "virements", virements("V1,02,C1,NET,R1,NET,40,funding,,Cabinet,2021-05-20,,Potholes")
    )
    for number, text in ((2, MONTH_2), (13, CLOSE)):
        bring(year, "position", position(text), number)
        publish(year, number)
    return year


def compared(facts) -> list[tuple[int, bool]]:
    """The years of this council that are compared, and whether they are restated."""
    return [(year.start, year.restated) for year in years_of(facts) if year.start >= 2020]


def cells(facts) -> dict[str, str]:
    rows = statement(facts, "forecast-accuracy").rows
    return {row.key: " ".join(row.cells[key].text for key in COLUMNS) for row in rows}


def test_errors_are_restated_to_the_close_and_kept_for_the_years_after(closed, person, client):
    found = years_of(facts_of(closed, 13))
    assert [(year.start, year.restated) for year in found] == [(2021, True)]
    pounds = {
        number: {key: pence // 100 for key, pence in errors.items() if pence}
        for number, errors in found[0].errors.items()
    }
    assert pounds == {
        1: {"TOP": 35, "ROADS": -20, "CARE": 55},
        2: {"TOP": 10, "ROADS": -10, "CARE": 20},
    }
    assert cells(facts_of(closed, 13)) == {
        "ROADS": "30 -10 -15 15 2",
        "CARE": "15 20 38 38 2",
        "TOP": "45 10 23 23 2",
    }
    following = roll_year_forward(year=closed, by=None)
    bring(following, "position", position("ROADS R1 1000 1000 1007\nCARE C1 500 500 500"), 2)
    draft = facts_of(following, 2)
    assert compared(draft) == [(2020, False), (2021, True)]
    expected = {"ROADS": "7 -10 -11 11 2", "CARE": "0 20 20 20 1", "TOP": "7 10 10 10 1"}
    assert cells(draft) == expected
    client.force_login(person(Role.FINANCE_OFFICER))
    page = client.get(reverse("forecast-accuracy", args=[2022, 2])).content.decode()
    assert (
        "In 1 year, the forecast of month 2 was out by £10 on average, and on balance too high by "
        "£10. The present one is a net variance of £7."
    ) in page
    assert "2021/22: the forecast of month 1 was £35 too high" in page
    publish(following, 2)
    refreeze(closed.periods.get(number=13).reports.get(), parts={})
    assert cells(facts_of(following, 2)) == expected


@pytest.mark.slow
def test_a_close_from_before_compares_its_reports_as_they_were_published(closed):
    refreeze(closed.periods.get(number=13).reports.get(), parts={})
    following = roll_year_forward(year=closed, by=None)
    bring(following, "position", position("ROADS R1 1000 1000 1007\nCARE C1 500 500 500"), 1)
    assert compared(facts_of(following, 1)) == [(2020, False), (2021, False)]
    year = years_of(facts_of(following, 1))[-1]
    assert year.errors[1] == {"TOP": 3500, "ROADS": 2000, "CARE": -1500}
    assert cells(facts_of(following, 1))["ROADS"] == "7 20 20 20 1"
    notes = [note.text for note in statement(facts_of(following, 1), "forecast-accuracy").footnotes]
    assert any("2021/22 is as published, not restated." in note for note in notes)
