"""Activity and indicators in a real browser: a month of each, and people or price?"""

import pytest

from tests.browser.conftest import SITES
from tests.browser.test_grid import paste
from tests.browser.test_month import both_widths, people
from tests.councils.packs import position, write_pack

__all__ = ["people"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.worker,
    # Once is enough: on the servers of the environment where there are any.
    pytest.mark.parametrize("site", SITES[-1:], indirect=True, scope="session"),
]
YEAR = "2015-16/"
# The demo's director and manager look after Operations, as they do in Somerset's year.
TREE = """code,name,parent_code,order,total_label,successor_code
TOP,Small Council,,1,Total,
CHILD-OPS,Operations,TOP,1,,
ROADS,Roads,TOP,2,,
"""
LINES = "CHILD-OPS A 100000 100000 120000\nROADS B 200 165 160"
GROUPS = (
    "code,name,total_label,service_code,volume_name,volume_basis\n"
    "HOMES,Children’s homes,TOTAL,CHILD-OPS,placements,average\n"
)
ACTIVITY = (
    "reference,group_code,name,kind,unit,units_per_year,unit_cost_decimals,budgeted_volume,"
    "budgeted_unit_cost,annual_budget\n"
    "H1,HOMES,Residential,volume,week,52,2,10,150.00,80000\nH2,HOMES,Growth,adjustment,,,,,,20000\n"
)
MONTH = "reference,volume,average_volume,unit_cost,forecast\nH1,14,13,160.00,110000\nH2,,,,10000\n"
INDICATORS = (
    "reference,measure,service_code,order,polarity,unit,target\n"
    "P1,Reviewed in time,CHILD-OPS,1,higher,percent,80\nP2,Visits,ROADS,2,higher,number,100\n"
)
SETTINGS = """[display]
unit = "pounds"
[[status_scheme.performance]]
status = "Amber"
shortfall_above = 0
[[status_scheme.performance]]
status = "Green"
"""


@pytest.fixture(scope="module")
def council(site, tmp_path_factory):
    """A year of which month 1 is published, and month 2 a draft without activity."""
    files = {
        "services.csv": TREE,
        "activity_groups.csv": GROUPS,
        "activity.csv": ACTIVITY,
        "indicators.csv": INDICATORS,
        "periods/01/position.csv": position(LINES),
        "periods/01/activity.csv": MONTH,
        "periods/02/position.csv": position(LINES),
    }
    folder = tmp_path_factory.mktemp("activity")
    pack = write_pack(folder, files, year="2015/16", publish=(1,), settings=SETTINGS)
    site.command("load_pack", str(pack))


def state(page) -> str:
    return page.locator("#sheet-state").inner_text()


def focused(page) -> str:
    return page.evaluate("document.activeElement.getAttribute('aria-label')")


def test_a_manager_enters_a_month_and_a_director_finds_the_cause(people, council):
    manager = people("manager")
    page = manager.page
    manager.go(f"{YEAR}2/activity/entry/")
    both_widths(manager)
    page.get_by_label("Volume of Residential", exact=True).fill("15 or so")
    page.get_by_role("button", name="Save activity").click()
    page.wait_for_selector("text=is not a volume")
    assert any(" 422 (" in text for text in manager.said), manager.said
    manager.said.clear()
    both_widths(manager)
    page.get_by_label("Volume of Residential", exact=True).focus()
    paste(page, "15\t14\t155.50\t118k\n-\t\t\t10000\n")
    assert state(page) == "2 rows pasted. 2 rows changed, not saved yet"
    # Growth has no volume, so nothing is below; Enter leads to its forecast.
    page.get_by_label("Volume of Residential", exact=True).press("ArrowDown")
    assert focused(page) == "Volume of Residential"
    page.get_by_label("Forecast of Residential", exact=True).press("Enter")
    assert focused(page) == "Forecast of Growth"
    page.get_by_label("Forecast of Growth", exact=True).fill("0")
    page.get_by_role("button", name="Save activity").click()
    page.wait_for_selector("text=2 lines are saved")
    # 14 × £155.50 × 52 beside £118,000
    row = page.get_by_role("row", name="Residential")
    assert row.locator("td").all_inner_texts()[-2:] == ["£113,204", "£4,796"]

    director = people("director")
    page = director.page
    director.go(f"{YEAR}1/")
    page.get_by_role("link", name="Children’s homes", exact=True).click()
    page.wait_for_selector("text=More placements add £24,000")
    assert "cheaper care" not in page.locator("main").inner_text().lower()
    assert page.locator("figure.chart svg:visible").count() == 2
    both_widths(director)
    page.get_by_role("link", name="What would it take?").click()
    page.get_by_label("Another volume of Residential", exact=True).fill("12")
    page.get_by_role("button", name="Work it out").click()
    page.wait_for_selector("text=These numbers save £15,253.33 this year")
    both_widths(director)


def test_an_officer_enters_indicators_and_declares_a_status_beside_the_one_worked_out(
    people, council
):
    officer = people("officer")
    page = officer.page
    officer.go(f"{YEAR}2/indicators/entry/")
    page.get_by_label("Value of P1", exact=True).focus()
    paste(page, "\t63\t80\n95\n")
    assert state(page) == "2 rows pasted. 2 rows changed, not saved yet"
    page.get_by_label("Declared status of P1", exact=True).select_option("Green")
    page.get_by_label("Why this status of P1 is declared", exact=True).fill("Late returns")
    page.get_by_role("button", name="Save values").click()
    page.wait_for_selector("text=2 indicators are saved")
    # 63 of 80 is 78.75% for 80%; what was declared stays chosen beside it.
    row = page.get_by_role("row", name="Reviewed in time")
    assert "Worked out: Amber" in row.inner_text()
    assert page.get_by_label("Declared status of P1", exact=True).input_value() == "Green"
    assert state(page) == ""
    both_widths(officer)
    officer.go(f"{YEAR}2/indicators/")
    text = page.locator("main").inner_text()
    assert "78.75%" in text and "declared; the figures give Amber" in text
