"""A council's settings: what is assumed where a key is missing, and every wrong value."""

import pytest

from council_finance.accounts.models import Role
from council_finance.registry import SettingsError
from council_finance.statements.display import Display
from council_finance.statuses import Condition
from monitoring.structure.council_settings import read_settings
from savings.settings_tables import SavingsScheme, savings_scheme


def test_with_nothing_said_the_defaults_hold():
    settings = read_settings({})
    assert settings.display == Display("k", "minus", 1, "–")
    assert settings.display_for("annex-a") == settings.display
    assert settings.commentary == ()
    assert settings.contingency_lines == ()
    assert settings.notional_offset_pence is None
    assert settings.variance_rules == ()
    assert savings_scheme(settings) == SavingsScheme((), ())
    assert settings.approval_limits == {}


def test_a_statement_prints_its_own_keys_over_the_councils():
    settings = read_settings(
        {
            "display": {
                "unit": "m",
                "favourable": "brackets",
                "percent_decimals": 2,
                "percent_of_nil_budget": "0.00%",
                "savings-summary": {"unit": "pounds"},
                "annex-a": {"percent_decimals": 0, "percent_of_nil_budget": ""},
                "unit_decimals": 4,
                "aged-debt": {"unit": "m", "unit_decimals": 1},
            }
        }
    )
    assert settings.display_for("virements") == Display("m", "brackets", 2, "0.00%", 4)
    assert settings.display_for("savings-summary") == Display("pounds", "brackets", 2, "0.00%")
    assert settings.display_for("annex-a") == Display("m", "brackets", 0, "", 4)
    assert settings.display_for("aged-debt").unit_decimals == 1


def test_thresholds_contingency_and_rules_are_read():
    settings = read_settings(
        {
            "council": "a key that belongs to the pack",
            "commentary": {"variance_above": 100_000, "variance_percent_above": 2},
            "contingency": {"lines": ["N110/NET"], "notional_offset": 667_000},
            "status_scheme": {
                "variance": [{"status": "Red", "variance_above": 0.5}, {"status": "Green"}],
                "savings_declared": ["Red", "Green"],
            },
        }
    )
    assert settings.commentary == (
        Condition("variance", "above", 100_000),
        Condition("variance_percent", "above", 2),
    )
    assert settings.contingency_lines == ("N110/NET",)
    assert settings.notional_offset_pence == 66_700_000
    assert [rule.status for rule in settings.variance_rules] == ["Red", "Green"]
    assert savings_scheme(settings) == SavingsScheme(("Red", "Green"), ())


@pytest.mark.parametrize(("offset", "pence"), [(0, 0), (0.29, 29), (-1, -100), (1234.5, 123_450)])
def test_the_notional_offset_is_in_pounds(offset, pence):
    settings = read_settings({"contingency": {"notional_offset": offset}})
    assert settings.notional_offset_pence == pence


def test_limits_of_approval_are_pounds_by_role():
    limits = {"finance_officer": 50_000, "director": 0.29, "finance_lead": 0}
    settings = read_settings({"virements": {"approve_up_to": limits}})
    assert settings.approval_limits == {
        "finance_officer": 5_000_000,
        "director": 29,
        "finance_lead": 0,
    }
    assert set(limits) <= set(Role.values)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"display": "m"}, "[display] must be a table of keys"),
        ({"display": {"unit": "bn"}}, "[display]: unit must be one of m, k, pounds, not “bn”"),
        ({"display": {"unit": 1}}, "[display]: unit cannot be “1”"),
        ({"display": {"favourable": "red"}}, "favourable must be one of brackets, minus"),
        ({"display": {"percent_decimals": "2"}}, "percent_decimals cannot be “2”"),
        ({"display": {"percent_decimals": True}}, "percent_decimals cannot be “True”"),
        ({"display": {"percent_decimals": 1.5}}, "percent_decimals cannot be “1.5”"),
        ({"display": {"percent_decimals": -1}}, "percent_decimals must be 0 to 6"),
        ({"display": {"percent_decimals": 7}}, "percent_decimals must be 0 to 6"),
        ({"display": {"unit_decimals": 6}}, "unit_decimals must be 0 to 5 where amounts print in"),
        ({"display": {"percent_of_nil_budget": 0}}, "percent_of_nil_budget cannot be “0”"),
        ({"display": {"units": "m"}}, "there is no key “units”. The keys are: unit, favourable"),
        ({"display": {"annex-a": {"unit": "x"}}}, "[display.annex-a]: unit must be one of"),
        ({"display": {"annex-a": {"colour": "x"}}}, "[display.annex-a]: there is no key “colour”"),
        ({"display": {"annex-a": {"unit": {"m": 1}}}}, "[display.annex-a]: unit cannot be"),
        ({"commentary": 5}, "[commentary] must be a table of keys"),
        ({"commentary": {"variance_over": 5}}, "[commentary]: “variance_over” is not a condition"),
        ({"commentary": {"variance_above": "5"}}, "[commentary]: variance_above must be a number"),
        ({"commentary": {"variance_above": float("inf")}}, "variance_above must be a number"),
        ({"contingency": []}, "[contingency] must be a table of keys"),
        ({"contingency": {"lines": "N110/NET"}}, "[contingency]: lines must be a list"),
        ({"contingency": {"lines": [110]}}, "[contingency]: lines must be a list"),
        ({"contingency": {"notional_offset": "667"}}, "notional_offset must be a number of pounds"),
        ({"contingency": {"notional_offset": True}}, "notional_offset cannot be True"),
        ({"contingency": {"notional_offset": float("nan")}}, "must be a number of pounds"),
        ({"contingency": {"notional_offset": float("inf")}}, "notional_offset cannot be inf"),
        ({"contingency": {"notional_offset": 0.005}}, "more than two decimals"),
        ({"contingency": {"notional_offset": 10**10}}, "beyond £9,999,999,999.99"),
        ({"virements": 5}, "[virements] must be a table of keys"),
        ({"virements": {"approve": 5}}, "[virements]: there is no key “approve”"),
        ({"virements": {"approve_up_to": 5}}, "approve_up_to must give a limit by role"),
        (
            {"virements": {"approve_up_to": {"administrator": 5}}},
            "approve_up_to: there is no key “administrator”. The keys are: finance_officer, "
            "finance_lead, director",
        ),
        ({"virements": {"approve_up_to": {"director": "5"}}}, "director must be a number of"),
        ({"virements": {"approve_up_to": {"director": True}}}, "director cannot be True"),
        ({"virements": {"approve_up_to": {"director": -1}}}, "a limit is nil or more"),
        ({"virements": {"approve_up_to": {"director": 0.005}}}, "more than two decimals"),
        ({"virements": {"approve_up_to": {"director": float("nan")}}}, "must be a number of"),
        ({"status_scheme": []}, "[status_scheme] must be a table of keys"),
        ({"status_scheme": {"variance": {"status": "Red"}}}, "must be a list"),
        ({"status_scheme": {"variance": [{"level": "total"}]}}, "rule 1: it gives no status"),
        ({"status_scheme": {"variance": [{"status": "A", "agreed_above": 1}]}}, "agreed_above"),
        ({"status_scheme": {"savings": [{"status": "A", "variance_above": 1}]}}, "variance_above"),
        ({"status_scheme": {"savings": "Red"}}, "[[status_scheme.savings]]"),
    ],
)
def test_a_wrong_value_says_which_key_and_what_it_may_be(data, message):
    with pytest.raises(SettingsError) as caught:
        read_settings(data)
    assert message in str(caught.value)
