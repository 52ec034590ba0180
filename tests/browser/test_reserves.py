"""Reserves in a real browser: what officers enter, what is refused, what the lead approves."""

import csv
import io

import pytest

from tests.browser.conftest import ROOT, SITES, Visitor
from tests.browser.test_month import both_widths, people

__all__ = ["people"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.worker,
    # Once is enough: on the servers of the environment where there are any.
    pytest.mark.parametrize("site", SITES[-1:], indirect=True, scope="session"),
]
POSITION = ROOT / "fixtures" / "somerset-2019-20" / "periods" / "03" / "position.csv"
OVERVIEW = "2019-20/9/reserves/"
FUND = "2019-20/reserves/PREV/"
OVERSPEND = 5_000_000


@pytest.fixture(scope="module")
def month_9(site, tmp_path_factory):
    """A draft of month 9, in which Adult Services spends five million more than budgeted."""
    rows = list(csv.DictReader(io.StringIO(POSITION.read_text(encoding="utf-8-sig"))))
    rows[0]["forecast"] = int(rows[0]["forecast"]) + OVERSPEND
    file = tmp_path_factory.mktemp("reserves") / "month-9.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    site.command("upload", "position", str(file), "--year", "2019/20", "--period", "9")


def position(visitor: Visitor) -> str:
    return visitor.page.locator(".position").inner_text()


def draw(visitor: Visitor, amount: str, what_for: str) -> None:
    """A drawing typed into the form of the page."""
    form = visitor.page.locator("section[aria-labelledby=move-title]")
    form.get_by_label("Drawn from the reserve").check()
    form.get_by_label("Amount").fill(amount)
    form.get_by_label("What it is for").fill(what_for)
    form.get_by_label("Who approved it").fill("Cabinet, 12 June 2019")
    form.get_by_role("button", name="Add movement").click()


def test_reserves_from_an_entry_to_an_approved_deficit(people, month_9):
    officer, lead = people("officer"), people("lead")
    look_at_the_overview(officer)
    enter(officer)
    are_refused(officer)
    approve(lead)
    overdraw(officer)
    find_in_the_audit_trail(lead)


def look_at_the_overview(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go(OVERVIEW)
    page.wait_for_selector("#chart-general-fund svg:visible")
    page.wait_for_selector("#chart-earmarked svg:visible")
    both_widths(visitor)
    assert "after the forecast overspend of" in position(visitor)
    words = page.locator("main").inner_text()
    assert "every year, this year’s included, the General Fund would last 3." in words


def enter(visitor: Visitor) -> None:
    """A movement, and a transfer with its two sides."""
    page = visitor.page
    page.get_by_role("link", name="Prevention Fund").first.click()
    assert position(visitor) == "It is expected to hold £1,000,000 at the end of the year."
    both_widths(visitor)
    draw(visitor, "£0.25m", "Early help")
    page.wait_for_selector("text=The movement of Prevention Fund is entered.")
    assert "£750,000" in position(visitor)
    form = page.locator("section[aria-labelledby=transfer-title]")
    form.get_by_label("To which reserve").select_option(label="Insurance Fund")
    form.get_by_label("Amount").fill("100,000")
    form.get_by_label("What it is for").fill("Claims")
    form.get_by_label("Who approved it").fill("Cabinet, 12 June 2019")
    form.get_by_role("button", name="Add transfer").dblclick()
    page.wait_for_selector("text=The transfer from Prevention Fund is entered.")
    assert "£650,000" in position(visitor)
    visitor.go("2019-20/reserves/INS/")
    assert "£641,000" in position(visitor)


def are_refused(visitor: Visitor) -> None:
    """What overdraws, what says nothing, and what would change a published month."""
    page = visitor.page
    visitor.go(FUND)
    draw(visitor, "700,000", "More early help")
    page.wait_for_selector("text=Prevention Fund would be overdrawn")
    assert page.locator("#move_amount").input_value() == "700,000"
    expect_failed(visitor, 409)
    visitor.go(FUND)
    page.get_by_role("button", name="Add movement").click()
    page.wait_for_selector(".govuk-error-summary")
    expect_failed(visitor, 422)
    visitor.go(FUND)
    # The page was opened while the month was still a draft.
    page.locator("#move_period option").first.evaluate("option => { option.value = 3 }")
    page.locator("#move_period").select_option("3")
    draw(visitor, "1", "Too late")
    page.wait_for_selector("text=Choose a month whose report is still to be published")
    expect_failed(visitor, 422)
    visitor.go(FUND)
    assert "£650,000" in position(visitor)


def expect_failed(visitor: Visitor, status: int) -> None:
    """The page says why, without a fault in it; Chromium notes the status in its console."""
    noted = [text for text in visitor.said if f"status of {status}" in text]
    assert len(noted) == 1
    visitor.said.remove(noted[0])
    visitor.check_page()


def approve(visitor: Visitor) -> None:
    """The lead lets the reserve be overdrawn."""
    page = visitor.page
    visitor.go(FUND)
    form = page.locator("section[aria-labelledby=deficit-title]")
    form.get_by_label("Largest deficit").fill("100,000")
    form.get_by_label("Reason").fill("Spending now saves later")
    both_widths(visitor)
    form.get_by_role("button", name="Approve deficit").click()
    page.wait_for_selector("text=A deficit of Prevention Fund is approved, up to £100,000.")


def overdraw(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go(FUND)
    assert page.locator("section[aria-labelledby=deficit-title]").count() == 0
    draw(visitor, "700,000", "More early help")
    page.wait_for_selector(".status:has-text('In deficit')")
    assert "-£50,000" in position(visitor)
    both_widths(visitor)
    visitor.go(OVERVIEW)
    assert "Prevention Fund closes in deficit: £0.050m" in page.locator("main").inner_text()
    visitor.check_page()


def find_in_the_audit_trail(visitor: Visitor) -> None:
    """From what was done to the reserve's page."""
    visitor.go("audit/?record=reserve+2019/20+PREV")
    visitor.page.locator("main").get_by_role("link", name="reserve 2019/20 PREV").first.click()
    visitor.page.wait_for_selector("h1:has-text('Prevention Fund')")


@pytest.mark.parametrize("name", ["director", "manager", "member"])
def test_those_who_only_read_have_the_published_report_and_no_form(people, month_9, name):
    visitor = people(name)
    page = visitor.page
    visitor.go("reports/2019-20/3/")
    page.locator("main").get_by_role("link", name="Reserves", exact=True).last.click()
    page.wait_for_selector(".status:has-text('Published')")
    if name == "member":
        for path in ("capital-receipts", "contingency", "debt"):
            visitor.go(f"2019-20/3/{path}/")
            both_widths(visitor)
        visitor.go("2019-20/3/reserves/")
        both_widths(visitor)
    page.locator("a", has_text="Prevention Fund").first.click()
    visitor.check_page()
    assert page.locator("main form").count() == 0
    assert "Early help" not in page.content()
    for path in (OVERVIEW, "2019-20/9/debt/", "2019-20/9/capital-receipts/"):
        visitor.go(path)
        assert "No report for month 9 yet" in page.content()
    assert page.request.get(f"{visitor.site.address}2019-20/reserves-forward/").status == 403
