"""Status schemes: comparisons, "whichever", nil budgets, levels, and what is wrong in a scheme."""

import pytest

from council_finance.statuses import (
    NOT_REPORTED,
    Condition,
    SchemeError,
    parse_conditions,
    parse_rules,
)
from monitoring.structure.variance_scheme import (
    COMMENTARY_MEASURES,
    VARIANCE_MEASURES,
    commentary_is_due,
    variance_status,
)
from savings.scheme import SAVINGS_MEASURES

POUND = 100


def rules(*tables):
    return parse_rules(tables, VARIANCE_MEASURES, "[[status_scheme.variance]]")


def status(scheme, budget, variance, level="service"):
    return variance_status(scheme, budget, variance, level)


@pytest.mark.parametrize(
    ("comparison", "below", "at", "above"),
    [
        ("at_least", "", "Red", "Red"),
        ("above", "", "", "Red"),
        ("at_most", "Red", "Red", ""),
        ("below", "Red", "", ""),
    ],
)
@pytest.mark.parametrize("limit", [1000, -1000, 0, 999.99])
def test_each_comparison_holds_to_the_penny(comparison, below, at, above, limit):
    scheme = rules({"status": "Red", f"variance_{comparison}": limit})
    pence = round(limit * POUND)
    assert status(scheme, 10**9, pence - 1) == below
    assert status(scheme, 10**9, pence) == at
    assert status(scheme, 10**9, pence + 1) == above


@pytest.mark.parametrize("whole", [3, 700, 10**11 + 7])
def test_a_percentage_is_compared_unrounded(whole):
    scheme = rules({"status": "Red", "variance_percent_above": 2})
    assert status(scheme, 50 * whole, whole) == ""
    assert status(scheme, 50 * whole, whole + 1) == "Red"
    assert status(scheme, -50 * whole, whole + 1) == "Red"
    assert status(scheme, 50 * whole, -whole - 1) == ""


def test_a_decimal_limit_means_what_it_says():
    scheme = rules({"status": "Red", "variance_percent_at_least": 0.1})
    assert status(scheme, 1000, 1) == "Red"


def test_two_rules_of_one_status_are_whichever_is_lower():
    scheme = rules(
        {"status": "Red", "variance_above": 100_000},
        {"status": "Red", "variance_percent_above": 2},
    )
    million = 1_000_000 * POUND
    assert status(scheme, 100 * million, 100_001 * POUND) == "Red"
    assert status(scheme, million, 20_001 * POUND) == "Red"
    assert status(scheme, 100 * million, 100_000 * POUND) == ""


def test_two_conditions_of_one_rule_are_whichever_is_greater():
    scheme = rules({"status": "Red", "variance_above": 100_000, "variance_percent_above": 2})
    million = 1_000_000 * POUND
    assert status(scheme, 100 * million, 100_001 * POUND) == ""
    assert status(scheme, million, 20_001 * POUND) == ""
    assert status(scheme, million, 100_001 * POUND) == "Red"


def test_the_first_rule_that_holds_gives_the_status():
    scheme = rules(
        {"status": "Red", "variance_above": 100},
        {"status": "Amber", "variance_above": 0},
        {"status": "Green"},
    )
    assert [status(scheme, 10**6, p * POUND) for p in (101, 100, 0)] == ["Red", "Amber", "Green"]


def test_a_percentage_of_a_nil_budget_makes_its_rule_false():
    scheme = rules({"status": "Red", "variance_percent_above": -1000}, {"status": "Green"})
    assert status(scheme, 0, 10**6) == "Green"
    assert status(rules({"status": "Red", "variance_above": 1}), 0, 10**6) == "Red"


def test_without_a_forecast_nothing_is_reported():
    assert status(rules({"status": "Green"}), 10**6, None) == NOT_REPORTED


def test_a_rule_may_be_for_one_level_only():
    scheme = rules(
        {"status": "T", "level": "total"},
        {"status": "S", "level": "subtotal"},
        {"status": "L", "level": "service", "variance_above": 0},
    )
    found = [status(scheme, 100, 1, level) for level in ("total", "subtotal", "service")]
    assert found == ["T", "S", "L"]
    assert status(scheme, 100, 0, "service") == ""


@pytest.mark.parametrize(
    ("budget", "variance", "due"),
    [
        (1_000_000, 100_000, False),
        (1_000_000, 100_000.01, True),
        (1_000_000, -100_000.01, True),
        (-1_000_000, 100_000.01, True),
        (5_000_000, 100_000.01, True),
        (5_000_000.5, 100_000.01, False),
        (6_000_000, 100_000.01, False),
        (1_000, 20_000, False),
        (0, 500_000, False),
        (1_000_000, None, False),
    ],
)
def test_commentary_is_due_beyond_both_absolute_thresholds(budget, variance, due):
    table = {"variance_above": 100_000, "variance_percent_above": 2}
    conditions = parse_conditions(table, COMMENTARY_MEASURES, "[commentary]")
    pence = None if variance is None else round(variance * POUND)
    assert commentary_is_due(conditions, round(budget * POUND), pence) is due


def test_without_conditions_commentary_is_never_due():
    assert commentary_is_due((), 0, 10**9) is False


@pytest.mark.parametrize(
    ("key", "measure", "comparison"),
    [
        ("shortfall_above", "shortfall", "above"),
        ("shortfall_percent_above", "shortfall_percent", "above"),
        ("delivered_percent_at_most", "delivered_percent", "at_most"),
        ("agreed_at_least", "agreed", "at_least"),
    ],
)
def test_a_key_is_a_measure_and_a_comparison(key, measure, comparison):
    assert parse_conditions({key: 19}, SAVINGS_MEASURES, "x") == (
        Condition(measure, comparison, 19),
    )


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"variance_over": 1}, "“variance_over” is not a condition. Write one of budget, variance"),
        ({"variance": 1}, "“variance” is not a condition"),
        ({"above": 1}, "“above” is not a condition"),
        ({"saving_above": 1}, "“saving_above” is not a condition"),
        ({"variance_above": "lots"}, "variance_above must be a number, not “lots”"),
        ({"variance_above": "100"}, "must be a number"),
        ({"variance_above": True}, "must be a number"),
        ({"variance_above": None}, "must be a number"),
        ({"variance_above": float("inf")}, "must be a number"),
        ({"variance_above": float("nan")}, "must be a number"),
        ({"level": "council"}, "level must be one of total, subtotal, service, not “council”"),
        ({"status": ""}, "it gives no status"),
        ({"status": 5}, "it gives no status"),
    ],
)
def test_what_is_wrong_in_a_rule_is_said_with_its_place(table, message):
    with pytest.raises(SchemeError) as caught:
        rules({"status": "Green"}, {"status": "Red"} | table)
    assert message in str(caught.value)
    assert str(caught.value).startswith("[[status_scheme.variance]], rule 2: ")


@pytest.mark.parametrize("tables", [{"status": "Red"}, "Red", 5, [5], ["Red"]])
def test_rules_that_are_no_list_of_tables_are_refused(tables):
    with pytest.raises(SchemeError, match="table of keys|must be a list"):
        parse_rules(tables, VARIANCE_MEASURES, "[[status_scheme.variance]]")
