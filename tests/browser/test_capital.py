"""A month of the capital programme in a real browser, from a manager's forecast to a member."""

import pytest

from tests.browser.conftest import SITES, Visitor
from tests.browser.test_month import both_widths, people
from tests.browser.test_reserves import expect_failed
from tests.councils.packs import position, write_pack

__all__ = ["people"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.worker,
    # Once is enough: on the servers of the environment where there are any.
    pytest.mark.parametrize("site", SITES[-1:], indirect=True, scope="session"),
]
MONTH = "2013-14/1/"
# The demo's manager looks after Operations, as in Somerset's year.
TREE = (
    "code,name,parent_code,order,total_label\nTOP,Small Council,,1,Total\n"
    "CHILD-OPS,Operations,TOP,1,\nROADS,Roads,TOP,2,\n"
)
SCHEMES = (
    "reference,scheme,service_code,original_budget,total_budget,completion\n"
    "BR,Bridge,CHILD-OPS,100,400,March 2015\nRO,Road,ROADS,200,200,\n"
)
FILES = {
    "services.csv": TREE,
    "capital.csv": SCHEMES,
    "capital_funding.csv": "reference,source,kind,original\nGR,Grant,grant,120\n"
    "LO,Loans,borrowing,180\n",
    "periods/01/position.csv": position("CHILD-OPS A 500 500 500\nROADS B 300 300 300"),
    "periods/01/capital.csv": "reference,budget,forecast,total_forecast\nRO,200,200,200\n",
    "periods/01/capital_funding.csv": "reference,budget,forecast\nGR,120,120\nLO,180,180\n",
}


@pytest.fixture(scope="module")
def council(site, tmp_path_factory):
    """A draft of month 1 in which the bridge has no forecast yet."""
    settings = '[display]\nunit = "pounds"\n'
    folder = tmp_path_factory.mktemp("capital")
    site.command("load_pack", str(write_pack(folder, FILES, year="2013/14", settings=settings)))


def test_a_month_of_the_capital_programme(people, council):
    manager, lead = people("manager"), people("lead")
    forecast(manager)
    propose(manager)
    approve(lead)
    balance_and_publish(lead)
    read(people("member"))


def forecast(manager: Visitor) -> None:
    """The manager forecasts the bridge, with a reason of each kind, after a mistake."""
    page = manager.page
    manager.go(f"{MONTH}capital/entry/")
    both_widths(manager)
    assert "Road" not in page.locator("main").inner_text()
    page.get_by_role("link", name="Bridge").click()
    page.get_by_label("Forecast for this year").fill("80")
    page.get_by_label("Forecast of the whole scheme").fill("410")
    for place, kind, pounds, why in ((0, "", "-30", "Late steel"), (1, "cost", "10", "Deck")):
        page.locator(f"#id_form-{place}-kind").select_option(kind)
        page.locator(f"#id_form-{place}-amount").fill(pounds)
        page.locator(f"#id_form-{place}-reason").fill(why)
    page.get_by_role("button", name="Save scheme").click()
    page.wait_for_selector("text=Choose whether it is rephasing or cost")
    expect_failed(manager, 422)
    both_widths(manager)
    page.locator("#id_form-0-kind").select_option("rephasing")
    page.locator("#id_form-0-reason").press("Tab")
    page.get_by_role("button", name="Save scheme").press("Enter")
    page.wait_for_selector("text=Bridge is saved")


def propose(manager: Visitor) -> None:
    """The manager proposes more budget, and sees first what it would do."""
    page = manager.page
    manager.go(f"{MONTH}capital/new-change/")
    page.get_by_label("Reference", exact=True).fill("CC-1")
    page.get_by_label("Kind", exact=True).select_option("variation")
    page.get_by_label("Scheme (empty for a new scheme)").select_option("BR")
    page.get_by_label("Amount this year").fill("15")
    page.get_by_label("Reason", exact=True).fill("New lighting")
    page.get_by_role("button", name="Show the effect").click()
    effect = page.get_by_role("row", name="Bridge")
    assert effect.locator("td").all_inner_texts() == ["£100", "£115", "£400", "£415"]
    both_widths(manager)
    page.get_by_role("button", name="Send for approval").click()
    page.wait_for_selector("text=CC-1 waits for approval")
    page.get_by_role("link", name="CC-1").click()
    assert page.get_by_role("button", name="Approve change").count() == 0


def approve(lead: Visitor) -> None:
    """Another person approves it, and the report cannot be published as it is."""
    page = lead.page
    lead.go(f"{MONTH}capital/changes/")
    both_widths(lead)
    page.get_by_role("link", name="CC-1").click()
    page.wait_for_selector("text=Funding would differ from expenditure by £15")
    page.get_by_role("button", name="Approve change").click()
    page.wait_for_selector("text=CC-1 is approved")
    lead.go(f"{MONTH}review/")
    words = page.locator("main").inner_text()
    assert "Capital funding and expenditure differ in the revised budget" in words
    assert page.get_by_role("button", name="Publish month 1").count() == 0


def balance_and_publish(lead: Visitor) -> None:
    page = lead.page
    lead.go(f"{MONTH}capital/entry/")
    page.get_by_role("button", name="Set borrowing to balance").click()
    page.wait_for_selector("text=Borrowing has changed: revised budget by £15, forecast by -£20.")
    lead.go(f"{MONTH}capital/")
    page.wait_for_selector("#chart-capital-way svg:visible")
    both_widths(lead)
    lead.go(f"{MONTH}review/")
    outstanding = page.get_by_label("I have read what is outstanding, and publish without it")
    if outstanding.count():
        outstanding.check()
    page.get_by_role("button", name="Publish month 1").click()
    page.wait_for_selector(".status:has-text('Published')")


def read(member: Visitor) -> None:
    """The member reads the published programme, the scheme and its statement."""
    page = member.page
    member.go(f"{MONTH}capital/")
    words = page.locator("main").inner_text()
    assert "forecast to spend £280 of a revised budget of £315, £35 less." in words
    assert (
        "£30 slips into other years, they cost £10 more and nobody has explained £15 less." in words
    )
    assert page.get_by_role("link", name="Forecast schemes").count() == 0
    both_widths(member)
    page.get_by_role("link", name="Bridge", exact=True).click()
    both_widths(member)
    member.go(f"reports/{MONTH}capital-funding/")
    total = page.get_by_role("row", name="Total funding")
    assert total.locator("td").all_inner_texts()[:3] == ["300", "315", "280"]
    for path in ("entry/", "changes/"):
        answer = page.request.get(f"{member.site.address}{MONTH}capital/{path}")
        assert answer.status == 403
