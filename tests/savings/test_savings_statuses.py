"""Savings statuses: every boundary of a scheme, and schemes that are refused when loaded."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import settings as run
from hypothesis import strategies as st

from council_finance.registry import SettingsError
from council_finance.statuses import NOT_REPORTED, SchemeError, parse_rules
from monitoring.structure.council_settings import read_settings
from monitoring.structure.variance_scheme import (
    VARIANCE_MEASURES,
    check_variance_rules,
    variance_measures,
)
from savings.rules import Outlook, SavingStatus, direction_of, known_status, status_of, statuses
from savings.scheme import (
    SAVINGS_MEASURES,
    check_savings_rules,
    read_savings_scheme,
    savings_measures,
    savings_status,
)
from tests.conftest import FIXTURES

PENNY = 0.01
CAMBRIDGESHIRE = tomllib.loads(
    (FIXTURES / "cambridgeshire-2018-19" / "pack.toml").read_text(encoding="utf-8")
)["status_scheme"]


def rules(*tables):
    return parse_rules(tables, SAVINGS_MEASURES, "[[status_scheme.savings]]")


def status(scheme, agreed, forecast):
    """The status of amounts in pounds; None is no forecast."""
    return savings_status(
        scheme, round(agreed * 100), None if forecast is None else round(forecast * 100)
    )


CAMBRIDGESHIRE_CASES = [
    # agreed, forecast, status
    (500_000, None, NOT_REPORTED),
    (500_000, 0, "Black"),
    (500_000, -PENNY, "Black"),
    (500_000, PENNY, "Red"),
    (100, 0, "Black"),
    (500_000, 500_000, "Green"),
    (500_000, 500_000 + PENNY, "Blue"),
    (500_000, 500_000 - PENNY, "Green"),
    # large: Amber from 14%, Red above 19%
    (500_000, 430_000 + PENNY, "Green"),
    (500_000, 430_000, "Amber"),
    (500_000, 430_000 - PENNY, "Amber"),
    (500_000, 405_000 + PENNY, "Amber"),
    (500_000, 405_000, "Amber"),
    (500_000, 405_000 - PENNY, "Red"),
    # the size itself: a penny below, the same misses are milder
    (500_000 - PENNY, 400_000, "Amber"),
    (500_000, 400_000, "Red"),
    (500_000 + PENNY, 400_000, "Red"),
    (500_000 - PENNY, 425_000, "Green"),
    (500_000, 425_000, "Amber"),
    # small: Amber above 19%, never Red
    (100_000, 81_000 + PENNY, "Green"),
    (100_000, 81_000, "Green"),
    (100_000, 81_000 - PENNY, "Amber"),
    (100_000, PENNY, "Amber"),
    # a percentage that is no whole number of pence: 19% of 100.01 is 19.0019
    (100.01, 81.01, "Green"),
    (100.01, 81.00, "Amber"),
    (100.03, 81.03, "Green"),
    (100.03, 81.02, "Amber"),
]


@pytest.mark.parametrize(("agreed", "forecast", "expected"), CAMBRIDGESHIRE_CASES)
def test_cambridgeshires_key_on_every_boundary(agreed, forecast, expected):
    _, scheme = read_savings_scheme(CAMBRIDGESHIRE)
    assert status(scheme, agreed, forecast) == expected


OTHER_SHAPE = {
    # A key in pounds and per cent: "Off track: the lower of £50,000 and 10% is missed; Stretch:
    # at least £25,000 and 5% more, whichever is greater, than was agreed; Nil; else On track."
    "savings": [
        {"status": "Nothing forecast", "forecast_at_least": 0, "forecast_at_most": 0},
        {"status": "Off track", "shortfall_above": 50_000},
        {"status": "Off track", "shortfall_percent_above": 10},
        {"status": "Stretch", "shortfall_at_most": -25_000, "delivered_percent_at_least": 105},
        {"status": "On track"},
    ]
}
OTHER_CASES = [
    (1_000_000, None, NOT_REPORTED),
    (1_000_000, 0, "Nothing forecast"),
    (1_000_000, PENNY, "Off track"),
    (1_000_000, -PENNY, "Off track"),
    (1_000_000, -1_000_000, "Off track"),
    # whichever is lower: £50,000 where it is less than 10%, …
    (1_000_000, 950_000 + PENNY, "On track"),
    (1_000_000, 950_000, "On track"),
    (1_000_000, 950_000 - PENNY, "Off track"),
    # … and 10% where that is less than £50,000
    (100_000, 90_000 + PENNY, "On track"),
    (100_000, 90_000, "On track"),
    (100_000, 90_000 - PENNY, "Off track"),
    (500_000, 450_000, "On track"),
    (500_000, 450_000 - PENNY, "Off track"),
    # whichever is greater: £25,000 where it is more than 5%, …
    (100_000, 105_000, "On track"),
    (100_000, 125_000 - PENNY, "On track"),
    (100_000, 125_000, "Stretch"),
    (100_000, 125_000 + PENNY, "Stretch"),
    # … and 5% where that is more than £25,000
    (1_000_000, 1_025_000, "On track"),
    (1_000_000, 1_050_000 - PENNY, "On track"),
    (1_000_000, 1_050_000, "Stretch"),
    (500_000, 525_000 - PENNY, "On track"),
    (500_000, 525_000, "Stretch"),
]


@pytest.mark.parametrize(("agreed", "forecast", "expected"), OTHER_CASES)
def test_a_key_of_another_shape_on_every_boundary(agreed, forecast, expected):
    _, scheme = read_savings_scheme(OTHER_SHAPE)
    assert status(scheme, agreed, forecast) == expected


@pytest.mark.parametrize("measure", SAVINGS_MEASURES)
@pytest.mark.parametrize(
    ("comparison", "below", "at", "above"),
    [
        ("at_least", False, True, True),
        ("above", False, False, True),
        ("at_most", True, True, False),
        ("below", True, False, False),
    ],
)
def test_each_measure_and_comparison_at_just_below_and_just_above(
    measure, comparison, below, at, above
):
    amounts = {  # agreed and forecast in pence: where the measure is 25, and a penny either side
        "agreed": [(2499, 0), (2500, 0), (2501, 0)],
        "forecast": [(9000, 2499), (9000, 2500), (9000, 2501)],
        "shortfall": [(9000, 6501), (9000, 6500), (9000, 6499)],
        "shortfall_percent": [(10000, 7501), (10000, 7500), (10000, 7499)],
        "delivered_percent": [(10000, 2499), (10000, 2500), (10000, 2501)],
    }[measure]
    scheme = rules({"status": "Red", f"{measure}_{comparison}": 25})
    found = [savings_status(scheme, *each) == "Red" for each in amounts]
    assert found == [below, at, above]


def test_a_percentage_of_nil_has_no_value_and_makes_its_rule_false():
    assert savings_measures(0, 500)["shortfall_percent"] is None
    assert savings_measures(0, 500)["delivered_percent"] is None
    scheme = rules({"status": "Red", "delivered_percent_at_most": 10**9}, {"status": "Green"})
    assert savings_status(scheme, 0, 500) == "Green"


# Declared, derived, overridden, none


def settings(scheme):
    return read_settings({"status_scheme": scheme})


def test_a_declared_status_is_the_officers_with_or_without_a_forecast():
    declared = settings({"savings_declared": ["Red", "Green", "Blue"]})
    assert status_of(declared, 100, None, declared="Green") == SavingStatus("Green")
    assert status_of(declared, 100, 0, declared="Blue", override="Red") == SavingStatus("Blue")
    assert status_of(declared, 100, 100) == SavingStatus(NOT_REPORTED)
    assert statuses(declared) == ("Red", "Green", "Blue")
    assert known_status(declared, " green ") == "Green"
    assert known_status(declared, "Amber") is None


def test_an_override_stands_beside_the_derived_status():
    derived = settings(CAMBRIDGESHIRE)
    assert status_of(derived, 50_000_000, 40_000_000) == SavingStatus("Red")
    assert status_of(derived, 50_000_000, 40_000_000, override="Amber") == SavingStatus(
        "Amber", "Red"
    )
    assert status_of(derived, 50_000_000, 40_000_000, override="Red") == SavingStatus("Red")
    assert status_of(derived, 50_000_000, 40_000_000, declared="Green") == SavingStatus("Red")
    assert statuses(derived) == ("Black", "Blue", "Red", "Amber", "Green")


def test_without_a_forecast_nothing_is_reported_whatever_was_overridden():
    assert status_of(settings(CAMBRIDGESHIRE), 100, None, override="Green") == SavingStatus(
        NOT_REPORTED
    )


def test_without_a_scheme_there_is_no_status():
    assert status_of(settings({}), 100, 100, declared="Green", override="Red") == SavingStatus("")
    assert statuses(settings({})) == ()


DIRECTIONS = [
    # scheme, given, before (status, forecast), now (status, forecast), direction
    ("derived", "down", ("Red", 1), ("Green", 9), "down"),
    ("derived", "", None, ("Green", 9), ""),
    ("derived", "", ("Red", 10), ("Red", 11), "up"),
    ("derived", "", ("Red", 10), ("Red", 10), "same"),
    ("derived", "", ("Red", 10), ("Red", 9), "down"),
    ("derived", "", (NOT_REPORTED, None), ("Red", 9), ""),
    ("derived", "", ("Red", 9), (NOT_REPORTED, None), ""),
    ("derived", "", ("Red", 0), ("Black", -1), "down"),
    ("declared", "", ("Red", 10), ("Green", 10), "up"),
    ("declared", "", ("Blue", 10), ("Green", 11), "down"),
    ("declared", "", ("Green", 10), ("Green", 11), "up"),
    ("declared", "", ("Green", None), ("Green", None), "same"),
    ("declared", "", ("Green", None), ("Red", None), "down"),
    ("declared", "", (NOT_REPORTED, None), ("Green", 5), ""),
    ("declared", "same", ("Green", 10), ("Red", 0), "same"),
]


@pytest.mark.parametrize(("scheme", "given", "before", "now", "expected"), DIRECTIONS)
def test_the_direction_is_as_given_or_against_the_previous_report(
    scheme, given, before, now, expected
):
    council = settings(
        CAMBRIDGESHIRE if scheme == "derived" else {"savings_declared": ["Red", "Green", "Blue"]}
    )
    before, now = (each and Outlook(*each) for each in (before, now))
    assert direction_of(council, given, now, before) == expected


# What is wrong with a scheme is said at once

WRONG = {
    "an unknown measure": (
        {"savings": [{"status": "Red", "slippage_above": 1}, {"status": "Green"}]},
        "[[status_scheme.savings]], rule 1: “slippage_above” is not a condition",
    ),
    "a rule after one that always holds": (
        {"savings": [{"status": "Green"}, {"status": "Red", "shortfall_above": 1}]},
        "rule 2: it is never reached",
    ),
    "a rule within an earlier one": (
        {
            "savings": [
                {"status": "Red", "shortfall_percent_above": 10},
                {"status": "Amber", "shortfall_percent_at_least": 20},
                {"status": "Green"},
            ]
        },
        "rule 2: it is never reached",
    ),
    "a rule within two earlier ones together": (
        {
            "savings": [
                {"status": "Red", "shortfall_above": 100},
                {"status": "Amber", "agreed_at_least": 100},
                {"status": "Blue", "agreed_at_least": 50, "shortfall_above": 100},
                {"status": "Green"},
            ]
        },
        "rule 3: it is never reached",
    ),
    "conditions that cannot both hold": (
        {
            "savings": [
                {"status": "Red", "shortfall_above": 100, "delivered_percent_above": 100},
                {"status": "Green"},
            ]
        },
        "rule 1: it is never reached",
    ),
    "a gap at one amount": (
        {
            "savings": [
                {"status": "Red", "shortfall_above": 0},
                {"status": "Green", "shortfall_below": 0},
            ]
        },
        "no rule gives a saving of £100,000 with a forecast of £100,000 a status",
    ),
    "a gap between percentages": (
        {
            "savings": [
                {"status": "Red", "shortfall_percent_above": 20},
                {"status": "Green", "shortfall_percent_at_most": 19},
            ]
        },
        "no rule gives a saving of £",
    ),
    "negative forecasts": (
        {
            "savings": [
                {"status": "Green", "delivered_percent_above": 90},
                {"status": "Red", "delivered_percent_at_least": 0},
                {"status": "Red", "delivered_percent_at_most": 90, "forecast_at_least": 0},
            ]
        },
        "with a forecast of -£",
    ),
    "a corner": (
        {
            "savings": [
                {"status": "Red", "agreed_at_least": 500, "shortfall_above": 100},
                {"status": "Amber", "agreed_below": 500},
                {"status": "Green", "agreed_above": 500, "shortfall_at_most": 100},
            ]
        },
        "no rule gives a saving of £500 with",
    ),
    "both ways at once": (
        {"savings_declared": ["Red"], "savings": [{"status": "Green"}]},
        "give either savings_declared or [[status_scheme.savings]], not both",
    ),
    "a status declared twice": ({"savings_declared": ["Red", "red"]}, "names a status twice"),
    "a status spelt two ways": (
        {"savings": [{"status": "Red", "shortfall_above": 0}, {"status": "RED"}]},
        "“Red” and “RED” are one status spelt two ways",
    ),
    "a word that is taken": ({"savings_declared": ["Agreed"]}, "another use for the word “Agreed”"),
    "the product's own": ({"savings": [{"status": "Not Reported"}]}, "another use for the word"),
    "no words": ({"savings_declared": "Red"}, 'must be a list such as ["Red", "Green", "Blue"]'),
    "a number": ({"savings_declared": [1]}, "must be a list such as"),
    "an empty word": ({"savings_declared": ["Red", ""]}, "“” cannot be a status"),
    "a long word": ({"savings_declared": ["R" * 41]}, "at most 40 characters"),
    "a level": (
        {"savings": [{"status": "Green", "level": "service"}]},
        "rule 1: a saving has no level",
    ),
    "a variance nobody covers": (
        {"variance": [{"status": "Red", "variance_above": 100_000}]},
        "at the level total no rule gives a budget of £100,000 with a variance of",
    ),
    "a level half covered": (
        {
            "variance": [
                {"status": "Red", "variance_above": 0, "level": "service"},
                {"status": "Green", "variance_at_most": 0, "level": "service"},
                {"status": "Red", "variance_above": 0, "level": "total"},
            ]
        },
        "at the level total no rule gives",
    ),
    "income budgets": (
        {
            "variance": [
                {"status": "Red", "budget_at_least": 0, "variance_above": 0},
                {"status": "Green", "budget_at_least": 0},
            ]
        },
        "no rule gives a budget of -£",
    ),
    "a level's rule never reached": (
        {"variance": [{"status": "Green"}, {"status": "Red", "level": "total"}]},
        "[[status_scheme.variance]], rule 2: it is never reached",
    ),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_a_scheme_that_cannot_be_used_is_refused_when_it_is_loaded(case):
    scheme, message = case
    with pytest.raises(SettingsError) as caught:
        settings(scheme)
    assert message in str(caught.value)


SOUND = {
    "nothing": {},
    "one word": {"savings_declared": ["Reported"]},
    "one rule for all": {"savings": [{"status": "Green"}]},
    "another shape": OTHER_SHAPE,
    "limits that meet in pence": {
        "savings": [
            {"status": "Red", "shortfall_at_least": 0.01},
            {"status": "Green", "shortfall_at_most": 0},
        ]
    },
    "a percentage against an amount": {
        "savings": [
            {"status": "Red", "shortfall_at_least": 0.01},
            {"status": "Green", "shortfall_percent_at_most": 0},
        ]
    },
    "one exact percentage": {
        "savings": [
            {
                "status": "A third",
                "shortfall_percent_at_least": 33.3,
                "shortfall_percent_at_most": 33.3,
            },
            {"status": "Green"},
        ]
    },
    "percentages to the end": {
        "savings": [
            {"status": "Red", "shortfall_percent_at_least": 20},
            {"status": "Amber", "shortfall_percent_above": 0},
            {"status": "Green", "shortfall_percent_at_most": 0},
        ]
    },
    "variances by level": {
        "variance": [
            {"status": "Red", "level": "total", "variance_percent_above": 1},
            {"status": "Red", "level": "service", "variance_above": 100_000},
            {"status": "Red", "level": "service", "variance_percent_above": 2},
            {"status": "Green", "level": "service", "variance_percent_at_most": 2},
            {"status": "Green", "level": "total", "variance_percent_at_most": 1},
        ]
    },
}


@pytest.mark.parametrize("scheme", SOUND.values(), ids=SOUND)
def test_a_scheme_that_covers_everything_is_taken(scheme):
    settings(scheme)


LIMIT = st.sampled_from([-2, -1, 0, 1, 2])
PERCENT = st.sampled_from([-50, 0, 25, 50, 100, 150])


def condition(measures):
    measure = st.sampled_from(measures)
    comparison = st.sampled_from(["at_least", "above", "at_most", "below"])
    return st.tuples(measure, comparison).flatmap(
        lambda key: st.tuples(
            st.just("_".join(key)),
            PERCENT if key[0].endswith("percent") else LIMIT.map(lambda pence: pence / 100),
        )
    )


def schemes(measures):
    rule = st.lists(condition(measures), max_size=2).map(dict)
    return st.lists(rule, min_size=1, max_size=4)


@pytest.mark.slow
@given(schemes(SAVINGS_MEASURES))
@run(max_examples=80, deadline=None)
def test_what_is_said_of_a_scheme_is_what_trying_every_penny_finds(drawn):
    """Limits lie within two pence of nil, so that a small square of amounts shows everything."""
    scheme = rules(*({"status": f"S{place}"} | each for place, each in enumerate(drawn)))
    square = [(agreed, forecast) for agreed in range(1, 13) for forecast in range(-26, 27)]
    given_ = {amounts: savings_status(scheme, *amounts) for amounts in square}
    sound = "" not in given_.values() and {rule.status for rule in scheme} <= set(given_.values())
    assert _is_taken(check_savings_rules, scheme) == sound


@pytest.mark.slow
@given(schemes(VARIANCE_MEASURES))
@run(max_examples=50, deadline=None)
def test_the_same_of_variances(drawn):
    scheme = parse_rules(
        [{"status": f"S{place}"} | each for place, each in enumerate(drawn)], VARIANCE_MEASURES, ""
    )
    found = set()
    for budget in [*range(-12, 0), *range(1, 13)]:
        for variance in range(-26, 27):
            measures = variance_measures(budget, variance)
            found.add(next((r.status for r in scheme if r.holds(measures, "total")), ""))
    sound = "" not in found and {rule.status for rule in scheme} <= found
    assert _is_taken(check_variance_rules, scheme) == sound


def _is_taken(check, scheme) -> bool:
    try:
        check(scheme)
    except SchemeError:
        return False
    return True


@given(st.integers(1, 10**9), st.integers(-(10**9), 10**9))
def test_every_saving_has_one_of_cambridgeshires_statuses(agreed, forecast):
    _, scheme = read_savings_scheme(CAMBRIDGESHIRE)
    assert savings_status(scheme, agreed, forecast) in ("Black", "Blue", "Red", "Amber", "Green")
