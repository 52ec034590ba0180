"""A plan in a real browser: adopted, compared, closed, what it lacks brought forward."""

from pathlib import Path

import pytest

from tests.browser.conftest import SITES, Site, Visitor
from tests.browser.test_month import both_widths, people
from tests.councils.packs import position, write_pack

__all__ = ["people"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.worker,
    # Once is enough: on the servers of the environment where there are any.
    pytest.mark.parametrize("site", SITES[-1:], indirect=True, scope="session"),
]
YEAR, NEXT = "2011-12", "2012-13"
NEXT_LABEL = "2012/13 (optional)"
SERVICES = (
    "code,name,parent_code,order,total_label\nTOP,Small Council,,1,Total\n"
    "CARE,Care,TOP,1,\nROADS,Roads,TOP,2,\n"
)
PLAN = (
    "reference,title,type,service_code,kind,recurrence,2011/12,2012/13,2013/14\n"
    "G1,More homes,growth,CARE,,recurring,100,150,150\n"
    "S1,Fewer agencies,saving,CARE,Eff,recurring,-30,-60,-60\n"
    "S2,Street lights,saving,ROADS,SR,recurring,-20,-20,-20\n"
)
SUBJECTIVES = (
    "code,name,group,kind\nEMP,Employees,employees,expenditure\nEXT,Income,income,external_income\n"
)
SETTINGS = (
    '[display]\nunit = "pounds"\n[plan]\nname = "Medium-term plan"\n'
    'years = ["2011/12", "2012/13", "2013/14"]\namounts = "cumulative"\nbase = 1000\n'
)
LINES = "CARE A 670 670 690\nROADS B 375 375 375"
DELIVERED = "reference,forecast_saving\nS1,10\nS2,20\n"


CLOSE = {"periods/13/position.csv": position(LINES), "periods/13/savings.csv": DELIVERED}
NEXT_PLAN = (
    "reference,title,type,service_code,kind,recurrence,2012/13,2013/14\n"
    "S1,Fewer agencies,saving,CARE,Eff,recurring,-30,-30\n"
)
NEXT_SETTINGS = (
    '[display]\nunit = "pounds"\n[plan]\nname = "Next medium-term plan"\n'
    'years = ["2012/13", "2013/14"]\namounts = "cumulative"\n'
)


def write(folder: Path, files: dict[str, str], year: str, settings: str) -> str:
    content = {"services.csv": SERVICES, **files}
    return str(write_pack(folder, content, year=year, settings=settings))


def load(site: Site, *packs: str) -> None:
    """Load packs one after the other in a single process, which starts slowly."""
    loads = "; ".join(f"call_command('load_pack', {pack!r})" for pack in packs)
    site.command("shell", "-c", f"from django.core.management import call_command; {loads}")


def press(visitor: Visitor, name: str) -> None:
    visitor.page.get_by_role("button", name=name).click()


def follow(visitor: Visitor, name: str) -> None:
    """Follow a link, and wait for its page, as the one before may be looked at otherwise."""
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("link", name=name, exact=True).first.click()


def test_a_plan_becomes_a_year_and_what_it_lacks_comes_back(people, site, tmp_path):
    files = {"subjectives.csv": SUBJECTIVES, "plan.csv": PLAN}
    load(site, write(tmp_path / "plan", files, "2011/12", SETTINGS))
    lead = people("lead")
    change_an_item(lead)
    enter_estimates(lead)
    adopt(lead)
    load(
        site,
        write(tmp_path / "year", CLOSE, "2011/12", SETTINGS),
        write(tmp_path / "next", {"plan.csv": NEXT_PLAN}, "2012/13", NEXT_SETTINGS),
    )
    compare_with_the_ledger(lead)
    publish_the_close(lead)
    bring_forward(lead)
    write_the_next_plan(lead)


def change_an_item(lead: Visitor) -> None:
    """A wrong amount is refused as in a file; then its effect is seen, and it is saved."""
    page = lead.page
    lead.go(f"{YEAR}/plan/")
    follow(lead, "Enter and change the plan")
    both_widths(lead)
    follow(lead, "S2")
    page.get_by_label(NEXT_LABEL).fill("25")
    press(lead, "Show the effect")
    page.wait_for_selector("text=a saving is negative")
    assert any(" 422 (" in text for text in lead.said), lead.said
    lead.said.clear()
    both_widths(lead)
    page.get_by_label(NEXT_LABEL).fill("-25")
    page.get_by_label(NEXT_LABEL).press("Enter")
    page.wait_for_selector("text=What it would do")
    both_widths(lead)
    assert "£1,065" in page.locator("#effect-caption").locator("xpath=..").inner_text()
    press(lead, "Save")
    page.wait_for_selector("text=The item is saved")


def enter_estimates(lead: Visitor) -> None:
    """Totals across and down follow what is typed, and are seen before they are stored."""
    page = lead.page
    lead.go(f"{YEAR}/plan/entry/plan/")
    follow(lead, "Estimates")
    page.get_by_label("Employees of Care").fill("900.50")
    page.get_by_label("Employees of Care").press("ArrowRight")
    page.keyboard.type("-40")
    page.keyboard.press("Enter")
    page.keyboard.type("-5")
    assert page.locator("tfoot").inner_text().split("\t")[1:] == ["900.50", "-45", "855.50"]
    press(lead, "Show the effect")
    page.wait_for_selector("text=What it would do")
    assert "£855.50" in page.locator("#effect-caption").locator("xpath=..").inner_text()
    both_widths(lead)
    press(lead, "Save estimates")
    page.wait_for_selector("text=3 estimates are saved")
    assert page.locator("tfoot").inner_text().split("\t")[1:] == ["900.50", "-45", "855.50"]


def adopt(lead: Visitor) -> None:
    page = lead.page
    lead.go(f"{YEAR}/plan/")
    follow(lead, "Adopt the plan")
    both_widths(lead)
    assert "writes 2 savings, £50 in all" in page.inner_text("main")
    page.get_by_label("Day of the council’s resolution").fill("2011-02-20")
    press(lead, "Adopt the plan")
    page.wait_for_selector("text=2 savings, £50 in all, are in the register of 2011/12")
    lead.go(f"{YEAR}/plan/entry/plan/")
    page.wait_for_selector("text=is frozen")
    lead.go(f"{YEAR}/savings/S1/")
    page.wait_for_selector("text=Fewer agencies")


def compare_with_the_ledger(lead: Visitor) -> None:
    lead.go(f"{YEAR}/plan/")
    follow(lead, "Adopted plan and first ledger figures")
    row = lead.page.get_by_role("row", name="Small Council")
    assert row.inner_text().split("\t")[1:] == ["1,050", "1,045", "-5"]


def publish_the_close(lead: Visitor) -> None:
    lead.go(f"{YEAR}/13/review/")
    press(lead, "Publish close")
    lead.page.wait_for_selector(".status:has-text('Published')")


def bring_forward(lead: Visitor) -> None:
    """What recurs and was not delivered is the next year's to find."""
    page = lead.page
    lead.go(f"{NEXT}/plan/")
    follow(lead, "Savings not delivered in 2011/12")
    both_widths(lead)
    press(lead, "Bring £20 forward into 2012/13")
    page.wait_for_selector("text=1 saving, £20 in all, brought forward into 2012/13")
    lead.go(f"{NEXT}/savings/S1/")
    page.wait_for_selector("text=brought forward from 2011/12")


def write_the_next_plan(lead: Visitor) -> None:
    """The overspend that no row of the next plan covers is named, and then covered."""
    page = lead.page
    lead.go(f"{NEXT}/plan/")
    page.wait_for_selector("text=so £20 is covered by no row of the plan")
    lead.go(f"{NEXT}/plan/entry/plan/")
    follow(lead, "Add an item")
    page.get_by_label("Reference", exact=True).fill("G1")
    page.get_by_label("Title", exact=True).fill("More homes")
    page.get_by_label("Type", exact=True).select_option("growth")
    page.get_by_label("Service (optional)").select_option("CARE")
    page.get_by_label(NEXT_LABEL).fill("20")
    press(lead, "Show the effect")
    page.wait_for_selector("text=What it would do")
    press(lead, "Save")
    page.wait_for_selector("text=The item is saved")
    lead.go(f"{NEXT}/plan/")
    assert "is covered by no row" not in page.inner_text("main")
    both_widths(lead)
