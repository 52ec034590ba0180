"""Each forecast method by itself: pence in, pence out, and the reason where there is none."""

import pytest

from council_finance.money import LIMIT_PENCE
from monitoring.forecast_methods.calculations import (
    METHODS,
    LastYear,
    LineInputs,
    Profile,
    profile_of_last_year,
    profile_of_months,
    work_out,
)

LAST = "2021/22"


def line(**given) -> LineInputs:
    """Month 3 of a line with a budget of £1,200 and nothing else, but for what is given."""
    profile = given.pop("profile", None)
    to_date, outturn = given.pop("last", (None, None))
    last = LastYear(LAST, to_date, outturn, "" if outturn is not None else f"not a line of {LAST}")
    none = Profile(None, "no profile")
    fields = {"number": 3, "budget": 120000, "actual": None, "commitments": None}
    fields |= {"ledger_profile": None, "last_year": last}
    return LineInputs(**{**fields, **given}, profile=none if profile is None else profile)


LEDGER = Profile(30000, "from the ledger")
REST_OF_LEDGER = "actual and the rest of the profile from the ledger"
CLOSED = "at the close the outturn is the actual"
AFTER = "actual and what 2021/22 spent after month 3"
CASES = [
    # method, figures, pence, why
    ("profile", {"actual": 31000, "profile": LEDGER}, 121000, REST_OF_LEDGER),
    ("profile", {"actual": 0, "profile": LEDGER}, 90000, REST_OF_LEDGER),
    ("profile", {"actual": 31000}, None, "no profile"),
    ("profile", {"profile": LEDGER}, None, "no actual given"),
    ("run-rate", {"actual": 31000}, 124000, "actual ÷ 3 × 12"),
    ("run-rate", {"actual": 1, "number": 8}, 2, "actual ÷ 8 × 12"),  # 1.5, away from zero
    ("run-rate", {"actual": -1, "number": 8}, -2, "actual ÷ 8 × 12"),
    (
        *("run-rate", {"actual": 20000, "ledger_profile": 30000}),
        *(80000, "actual ÷ profile to date × budget"),
    ),
    ("run-rate", {}, None, "no actual given"),
    ("commitments", {"actual": 31000, "commitments": 500}, 31500, "actual and commitments"),
    ("commitments", {"actual": 31000, "commitments": 0}, 31000, "actual and commitments"),
    ("commitments", {"actual": 31000}, None, "no commitments given"),
    ("commitments", {"commitments": 500}, None, "no actual given"),
    ("last-year", {"actual": 31000, "last": (22000, 110000)}, 119000, AFTER),
    ("last-year", {"actual": 0, "last": (0, 110000)}, 110000, AFTER),
    ("last-year", {"actual": 31000}, None, "not a line of 2021/22"),
    ("last-year", {"last": (22000, 110000)}, None, "no actual given"),
    ("budget", {}, 120000, "the current budget"),
    ("budget", {"number": 0}, 120000, "the current budget"),
    ("run-rate", {"number": 0, "actual": 5}, None, "no month has passed yet"),
    ("commitments", {"number": 0, "actual": 5}, None, "no month has passed yet"),
    *[(each, {"number": 13, "actual": 5}, None, CLOSED) for each in METHODS],
    ("run-rate", {"actual": LIMIT_PENCE}, None, "beyond £9,999,999,999.99"),
]


@pytest.mark.parametrize(("method", "figures", "pence", "why"), CASES)
def test_a_method_gives_the_forecast_or_what_is_missing(method, figures, pence, why):
    found = work_out(method, line(**figures))
    assert (found.pence, found.why) == (pence, why)


FLAT, FRONT, UNEVEN = [100] * 12, [1200, *[0] * 11], [0, 0, 1, *[0] * 8, 2]


@pytest.mark.parametrize(
    ("budget", "months", "number", "pence"),
    [
        (120000, FLAT, 3, 30000),
        (120000, FLAT, 12, 120000),
        (120000, FLAT, 0, 0),
        (120000, FRONT, 1, 120000),
        (100, UNEVEN, 2, 0),
        (100, UNEVEN, 3, 33),
        (101, [1, 1, *[0] * 10], 1, 51),  # 50.5, away from zero
        (-101, [1, 1, *[0] * 10], 1, -51),
        (-120000, [-100] * 12, 3, -30000),
        (120000, [833] * 12, 3, 30000),  # percentages that add up to 99.96
        (120000, [0] * 12, 3, None),
        (120000, [5, -5, *[0] * 10], 3, None),
    ],
)
def test_only_the_proportions_of_the_months_count(budget, months, number, pence):
    assert profile_of_months(budget, months, number) == pence


@pytest.mark.parametrize(
    ("to_date", "outturn", "pence", "source"),
    [
        (22000, 110000, 24000, "of 2021/22’s actuals"),
        (0, 110000, 0, "of 2021/22’s actuals"),
        (110000, 110000, 120000, "of 2021/22’s actuals"),
        (-10, -40, 30000, "of 2021/22’s actuals"),
        (120000, 110000, None, "no profile, and none in 2021/22’s actual of month 3"),
        (-5, 110000, None, "no profile, and none in 2021/22’s actual of month 3"),
        (0, 0, None, "no profile, and none in 2021/22’s actual of month 3"),
    ],
)
def test_last_years_actuals_are_a_profile_where_they_are_a_share(to_date, outturn, pence, source):
    found = profile_of_last_year(120000, LastYear(LAST, to_date, outturn), 3)
    assert (found.to_date, found.source) == (pence, source)


def test_without_last_year_the_reason_is_passed_on():
    found = profile_of_last_year(120000, LastYear(LAST, missing="not a line of 2021/22"), 3)
    assert found == Profile(None, "no profile, and not a line of 2021/22")
