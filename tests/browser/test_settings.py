"""A finance lead changes settings in the browser: by keyboard, without a mouse, and safely."""

import tomllib

import pytest

from tests.browser.conftest import ROOT, SITES, Visitor
from tests.browser.test_month import both_widths, people

__all__ = ["people"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.worker,
    pytest.mark.parametrize("site", SITES[-1:], indirect=True, scope="session"),
]
SCHEME = "settings/2019-20/variance-statuses/"


def press(visitor: Visitor, name: str) -> None:
    """Reach a button by the keyboard, and press it."""
    button = visitor.page.get_by_role("button", name=name, exact=True)
    button.focus()
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")


def focused(visitor: Visitor) -> str:
    """Where the keyboard goes on from."""
    return visitor.page.evaluate("document.activeElement.id || document.activeElement.name || ''")


def test_a_scheme_is_written_by_keyboard_and_its_fault_is_beside_the_rule(people):
    lead = people("lead")
    lead.go("settings/2019-20/")
    both_widths(lead)
    lead.go(SCHEME)
    press(lead, "Add a rule")
    assert focused(lead) == "variance-0"
    lead.page.keyboard.press("Tab")
    lead.page.keyboard.type("Green")
    press(lead, "Add a rule")
    lead.page.fill("[name=variance-1-status]", "Red")
    press(lead, "Add a condition to rule 2")
    lead.page.select_option("[name=variance-1-when-0-measure]", "variance_percent")
    lead.page.fill("[name=variance-1-when-0-limit]", "1.5%")
    both_widths(lead)
    with lead.page.expect_navigation():
        lead.page.locator("[name=variance-1-when-0-limit]").press("Enter")
    summary = lead.page.get_by_role("alert").get_by_role("link")
    assert "Rule 2: it is never reached" in summary.inner_text()
    lead.said.clear()  # the browser tells of the 422
    both_widths(lead)
    summary.press("Enter")
    assert focused(lead) == "variance-1"
    press(lead, "Move up rule 2")
    assert focused(lead) == "variance-0"
    press(lead, "Preview the change")
    assert "Red when the variance is above 1.5%." in lead.page.inner_text("main")
    both_widths(lead)
    press(lead, "Store the change")
    assert "“Statuses of variances” has been changed for 2019/20." in lead.page.inner_text("main")
    both_widths(lead)
    take_back(lead)


def take_back(lead: Visitor) -> None:
    """Import the pack's own settings again, as other tests of this site read them."""
    with lead.page.expect_download() as download:
        lead.go("settings/2019-20/")
        lead.page.get_by_role("link", name="Download as pack.toml").click()
    written = tomllib.loads(download.value.path().read_text(encoding="utf-8"))
    assert written["status_scheme"]["variance"] == [
        {"status": "Red", "variance_percent_above": 1.5},
        {"status": "Green"},
    ]
    lead.page.get_by_role("link", name="Import a pack.toml").click()
    both_widths(lead)
    pack = ROOT / "fixtures" / "somerset-2019-20" / "pack.toml"
    lead.page.set_input_files("[name=file]", pack)
    press(lead, "Check file")
    assert "Its key “publish” is for loading a pack" in lead.page.inner_text("main")
    both_widths(lead)
    press(lead, "Store all of it")
    assert "No statuses (default)" in lead.page.inner_text("main")


def test_who_comes_second_sees_both_values(people):
    lead, administrator = people("lead"), people("admin")
    for each in (lead, administrator):
        each.go("settings/2019-20/reserves/")
    for each, amount in ((administrator, "£10m"), (lead, "£12m")):
        each.page.fill("[name=minimum_general_fund]", amount)
        press(each, "Preview the change")
    press(administrator, "Store the change")
    press(lead, "Store the change")
    text = lead.page.inner_text("main")
    assert "£12,000,000" in text and "£10,000,000" in text
    lead.said.clear()  # the browser tells of the 409
    both_widths(lead)
    lead.page.fill("[name=minimum_general_fund]", "")
    press(lead, "Preview the change")
    press(lead, "Store the change")
    assert "No minimum (default)" in lead.page.inner_text("main")
