"""Two people who change the settings of one year, and what the audit trail says of it."""

import pytest
from django.urls import reverse

from monitoring.models import FinancialYear
from monitoring.settings import services
from tests.monitoring.settings.pages import SettingsPage, page


def unit() -> str:
    return FinancialYear.objects.get(start=2019).settings["display"]["unit"]


def test_who_comes_second_sees_both_values_and_loses_nothing(somerset, lead, administrator):
    mine, theirs = page(lead, "display"), page(administrator, "display")
    theirs.store(unit="k", percent_decimals="4")
    mine.press(unit="pounds", percent_of_nil_budget="nil")
    assert mine.status == 409
    assert "Nothing was stored These settings have been changed by " in mine.words
    assert "Unit £, whole pounds £000" in mine.words
    assert "Decimals of percentages 2 4" in mine.words
    assert "Percentage of a nil budget nil 0.00%" in mine.words
    assert mine.fields["unit"] == "pounds" and mine.fields["percent_of_nil_budget"] == "nil"
    assert unit() == "k"
    mine.press()
    assert mine.status == 200
    assert "Unit £000 £, whole pounds" in mine.words, "now they know what they replace"
    mine.press("store")
    assert unit() == "pounds"


def test_a_change_between_preview_and_storing_is_seen_too(somerset, lead, administrator):
    mine = page(lead, "display").press(unit="pounds")
    page(administrator, "display").store(unit="k")
    mine.press("store")
    assert mine.status == 409
    assert "Unit £, whole pounds £000" in mine.words
    assert unit() == "k"


def test_a_change_while_it_is_being_stored_is_seen_too(somerset, lead, administrator, monkeypatch):
    """The other change is stored after the page has compared, and before the year is locked."""
    mine = page(lead, "display").press(unit="pounds")
    theirs = page(administrator, "display").press(unit="k")
    change_year = services.change_year

    def overtaken(*arguments, **more):
        monkeypatch.setattr(services, "change_year", change_year)
        theirs.press("store")
        return change_year(*arguments, **more)

    monkeypatch.setattr(services, "change_year", overtaken)
    mine.press("store")
    assert mine.status == 409 and theirs.status == 302
    assert "Unit £, whole pounds £000" in mine.words
    assert unit() == "k"


def test_changes_of_different_tables_do_not_meet(somerset, lead, administrator):
    mine, theirs = page(lead, "variance-statuses"), page(administrator, "savings-statuses")
    theirs.store(savings_declared="Red\nGreen")
    mine.press("add variance").store(**{"variance-0-status": "Green"})
    assert FinancialYear.objects.get(start=2019).settings["status_scheme"] == {
        "savings_declared": ["Red", "Green"],
        "variance": [{"status": "Green"}],
    }


@pytest.mark.slow
def test_a_button_keeps_the_settings_that_the_form_began_with(somerset, lead, administrator):
    mine = page(lead, "display")
    page(administrator, "display").store(unit="k")
    mine.press("add statements", unit="pounds")
    assert mine.status == 200
    mine.press("remove statements 2").press()
    assert mine.status == 409


@pytest.mark.slow
def test_both_who_store_the_same_change_are_content(somerset, lead, administrator):
    mine = page(lead, "display").press(unit="k")
    page(administrator, "display").store(unit="k")
    mine.press("store")
    assert mine.status == 409
    assert "What is stored now is what you entered." in mine.words


def test_going_back_from_the_preview_keeps_what_was_typed(somerset, lead):
    found = page(lead, "display").press(unit="k", percent_decimals="0").press("change")
    assert found.status == 200
    assert (found.fields["unit"], found.fields["percent_decimals"]) == ("k", "0")
    assert unit() == "m"


def test_the_audit_trail_says_before_and_after_in_the_words_of_the_page(somerset, lead):
    page(lead, "display").store(unit="k")
    found = page(lead, "savings-statuses").press("add savings")
    found.store(**{"savings_declared": "", "savings-0-status": "Green"})
    shown = SettingsPage(lead, "").read("audit")
    assert "Unit: £m, with three decimals → to £000" in shown.words
    assert "Statuses that officers give: Red; Green; Blue → to" in shown.words
    assert "Rules: No rules (default) → to Green always." in shown.words
    assert 'href="/settings/2019-20/"' in shown.html
    csv = b"".join(lead.get(reverse("audit-download"))).decode()
    assert "Table: How figures print; Unit: £m, with three decimals → £000" in csv
