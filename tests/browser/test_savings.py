"""Savings in a real browser: the sheet by keyboard, wrong input, an override, who reads what."""

import pytest

from tests.browser.conftest import SITES, Visitor
from tests.browser.test_month import both_widths, people
from tests.councils.packs import csv_of, position, table, write_pack
from tests.councils.savings import AGREED_COLUMNS, RULES, reported

__all__ = ["people"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.worker,
    # Once is enough: on the servers of the environment where there are any.
    pytest.mark.parametrize("site", SITES[-1:], indirect=True, scope="session"),
]
YEAR = "2016-17/"
PUBLISHED, DRAFT = f"{YEAR}1/savings/", f"{YEAR}2/savings/"
# The demo's director and manager look after Operations, as they do in Somerset's year.
TREE = """code,name,parent_code,order,total_label,successor_code
TOP,Small Council,,1,Total,
CHILD-OPS,Operations,TOP,1,,
ROADS,Roads,TOP,2,,
"""
LINES = "CHILD-OPS A 100 130 140\nROADS B 200 165 160"
AGREED = """
S-1 Lamps CHILD-OPS Feb  1000 50
S-2 Fewer CHILD-OPS Sept  600 .
S-3 Fees  ROADS     Feb   400 0
"""


@pytest.fixture(scope="module")
def council(site, tmp_path_factory):
    """A year with statuses by rules: month 1 published, month 2 a draft."""
    files = {
        "services.csv": TREE,
        "savings.csv": csv_of(AGREED_COLUMNS, table(AGREED)),
        "periods/01/position.csv": position(LINES),
        "periods/01/savings.csv": reported("S-1 . 900 100\nS-2 . 600\nS-3 . 400"),
        "periods/02/position.csv": position(LINES),
    }
    folder = tmp_path_factory.mktemp("savings")
    settings = '[display]\nunit = "pounds"\n' + RULES
    pack = write_pack(folder, files, year="2016/17", publish=(1,), settings=settings)
    site.command("load_pack", str(pack))


def forecast(visitor: Visitor, reference: str):
    return visitor.page.get_by_label(f"Forecast of {reference}", exact=True)


def save(visitor: Visitor, said: str, *, refused: int = 0) -> None:
    visitor.page.get_by_role("button", name="Save").click()
    visitor.page.wait_for_selector(f"text={said}")
    if refused:  # the browser itself tells of the status of the answer, and nothing else
        assert [f" {refused} (" in text for text in visitor.said] == [True], visitor.said
        visitor.said.clear()


def drawn(visitor: Visitor, path: str) -> None:
    """A page with its charts, at both widths."""
    visitor.go(path)
    page = visitor.page
    count = page.locator("figure[data-chart]").count()
    assert (
        count
        and page.locator("figure.chart table").count() + page.locator(".chart__tools a").count()
        == count
    ), "every chart has its table"
    assert page.locator("figure.chart svg:visible").count() == count
    both_widths(visitor)


def test_the_sheet_from_a_wrong_entry_to_an_override(people, council):
    officer = people("officer")
    page = officer.page
    officer.go(f"{DRAFT}entry/")
    both_widths(officer)
    type_down_the_column(officer)
    save(officer, "some entries cannot be right", refused=422)
    both_widths(officer)
    error = page.locator("a", has_text="S-2:")
    error.click()
    assert forecast(officer, "S-2").evaluate("cell => cell === document.activeElement")
    assert forecast(officer, "S-2").input_value() == "6OO", "what was typed stays"
    assert forecast(officer, "S-1").input_value() == "700"
    forecast(officer, "S-2").fill("600")
    page.get_by_label("Another status of S-1", exact=True).select_option("Amber")
    save(officer, "Say why the status is Amber", refused=409)
    page.get_by_label("Why another status of S-1", exact=True).fill("The grant is confirmed")
    save(officer, "3 savings are saved")
    both_widths(officer)
    both_statuses_are_shown(officer)


def type_down_the_column(visitor: Visitor) -> None:
    """By keyboard alone: Enter and the arrows lead from saving to saving, and never send."""
    page = visitor.page
    forecast(visitor, "S-1").focus()
    page.keyboard.type("700")
    page.keyboard.press("Enter")
    page.keyboard.type("6OO")
    page.keyboard.press("ArrowDown")
    page.keyboard.type("400")
    assert forecast(visitor, "S-3").input_value() == "400"
    assert page.locator("#entry-state").inner_text() == "3 savings changed, not saved yet."
    page.keyboard.press("Tab")  # the quarters stand below the forecast
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name").startswith("delivered-")


def both_statuses_are_shown(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go(f"{DRAFT}tracker/")
    row = page.get_by_role("row", name="S-1").inner_text()
    assert "▲" not in row and "◆" in row and "Amber" in row and "in place of Red" in row
    both_widths(visitor)
    page.get_by_role("link", name="S-1").click()
    page.wait_for_selector("h1:has-text('S-1')")
    text = page.locator("main").inner_text()
    assert "The grant is confirmed" in text and "in place of Red" in text
    both_widths(visitor)


def test_officers_and_the_lead_read_the_draft_and_its_flag(people, council):
    lead = people("lead")
    drawn(lead, DRAFT)
    assert lead.page.get_by_role("link", name="Update savings").count() == 1
    drawn(lead, f"{YEAR}2/services/CHILD-OPS/")
    assert "Savings agreed for Operations" in lead.page.locator("main").inner_text()


@pytest.mark.parametrize("name", ["director", "manager"])
def test_those_who_look_after_a_part_read_its_draft_alone(people, council, name):
    reader = people(name)
    reader.go(DRAFT)
    reader.check_page()
    text = reader.page.locator("main").inner_text()
    assert "This is the draft for your services" in text
    assert "Operations" in text and "Roads" not in text
    status = reader.page.request.get(f"{reader.site.address}{DRAFT}entry/").status
    assert status == 403, "finance officers enter savings"


def test_a_member_reads_what_is_published(people, council):
    member = people("member")
    drawn(member, PUBLISHED)
    assert "Draft" not in member.page.content()
    member.go(f"{YEAR}savings/S-1/")
    both_widths(member)
    assert "Month 2" not in member.page.locator("main").inner_text()
    assert member.page.request.get(f"{member.site.address}{DRAFT}entry/").status == 403
    for path in (DRAFT, f"{DRAFT}tracker/"):
        member.go(path)
        both_widths(member)
        assert "No report for month 2 yet" in member.page.content()
