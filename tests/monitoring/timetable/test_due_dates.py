"""The timetable: working days, England's bank holidays, closed days, and its settings."""

import datetime

import pytest

from council_finance.registry import SettingsError
from monitoring.structure.council_settings import read_settings
from monitoring.timetable.bank_holidays import england_bank_holidays
from monitoring.timetable.calculations import Timetable, due_dates_of, working_day_after
from monitoring.timetable.selectors import due_dates_in, timetable_of
from monitoring.timetable.wording import describe_due_day

day = datetime.date.fromisoformat

BANK_HOLIDAYS = {
    2019: "01-01 04-19 04-22 05-06 05-27 08-26 12-25 12-26",
    2020: "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28",
    2021: "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28",
    2022: "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
    2023: "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",
    2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
    2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
}
"""Weekdays of England's bank holidays as GOV.UK lists them (2026 and 2027: as announced)."""


@pytest.mark.parametrize("year", BANK_HOLIDAYS)
def test_bank_holidays_are_those_of_england(year):
    found = [each for each in england_bank_holidays(year) if each.weekday() < 5]
    assert found == [day(f"{year}-{each}") for each in BANK_HOLIDAYS[year].split()]


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-06-30", 1, "2026-07-01"),
        ("2026-06-30", 6, "2026-07-08"),
        ("2026-06-30", 0, "2026-06-30"),
        ("2026-05-31", 0, "2026-06-01"),  # a Sunday: the next working day
        ("2026-05-31", 1, "2026-06-01"),
        ("2026-03-31", 3, "2026-04-07"),  # Good Friday to Easter Monday
        ("2019-03-31", 14, "2019-04-18"),
        ("2019-03-31", 15, "2019-04-23"),
        ("2026-12-24", 1, "2026-12-29"),  # Boxing Day on a Saturday
        ("2021-12-24", 1, "2021-12-29"),  # Christmas Day on a Saturday
        ("2022-12-23", 2, "2022-12-29"),  # Christmas Day on a Sunday
        ("2022-12-31", 1, "2023-01-03"),  # New Year's Day on a Sunday
        ("2023-04-30", 5, "2023-05-09"),  # May Day and the coronation
    ],
)
def test_working_days_leave_out_weekends_and_bank_holidays(start, days, due):
    first = day(start)
    closed = {**england_bank_holidays(first.year), **england_bank_holidays(first.year + 1)}
    assert working_day_after(first, days, closed=closed) == day(due)


def test_each_kind_of_period_has_days_of_its_own():
    timetable = Timetable(
        months={"figures": 5, "forecasts": 8},
        close={"figures": 10},
        approved_budget={"report": 2},
        closed={day("2026-07-03"): "Open day"},
    )
    found = {
        number: due_dates_of(2026, number, timetable, england_bank_holidays)
        for number in (0, 3, 9, 13)
    }
    assert found == {
        0: {"report": day("2026-04-07")},
        3: {"figures": day("2026-07-08"), "forecasts": day("2026-07-13")},
        9: {"figures": day("2027-01-08"), "forecasts": day("2027-01-13")},
        13: {"figures": day("2027-04-14")},
    }


def test_settings_give_the_timetable_and_none_by_default():
    given = {
        "months": {"figures": 5, "report": 15},
        "closed_days": [
            "2026-12-29 Christmas closure",
            "30/12/2026, Christmas closure",
            "31 December 2026",
        ],
    }
    settings = read_settings({"timetable": given})
    assert timetable_of(settings).closed == {
        day("2026-12-29"): "Christmas closure",
        day("2026-12-30"): "Christmas closure",
        day("2026-12-31"): "Closed",
    }
    assert due_dates_in(2026, 8, settings)["figures"] == day("2026-12-07")
    assert due_dates_in(2026, 8, read_settings({})) == {}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"months": {"figure": 5}}, "there is no key “figure”"),
        ({"months": {"approved-budget": 5}}, "there is no key “approved-budget”"),
        ({"months": {"figures": 121}}, "from 0 to 120"),
        ({"months": {"figures": 1.5}}, "from 0 to 120"),
        ({"months": {"figures": True}}, "from 0 to 120"),
        ({"close": 5}, "close must give working days by step"),
        ({"approved_budget": {"forecasts": 5}}, "there is no key “forecasts”"),
        ({"closed_days": "2026-12-29"}, "closed_days must be a list"),
        ({"closed_days": ["31 June 2026 Closed"]}, "“31 June 2026 Closed”, which is no day"),
        ({"closed_days": ["Christmas"]}, "“Christmas”, which is no day"),
        ({"closed_days": ["2026-12-29", "29/12/2026"]}, "has 2026-12-29 twice"),
    ],
)
def test_wrong_settings_are_refused_with_the_reason(given, message):
    with pytest.raises(SettingsError, match=message):
        read_settings({"timetable": given})


@pytest.mark.parametrize(
    ("today", "words"),
    [
        ("2026-07-01", "due 8 July 2026"),
        ("2026-07-08", "due today"),
        ("2026-07-09", "1 day late (due 8 July 2026)"),
        ("2030-07-08", "1,461 days late (due 8 July 2026)"),
    ],
)
def test_a_due_day_is_said_in_words(today, words):
    assert describe_due_day(day("2026-07-08"), day(today)) == words
