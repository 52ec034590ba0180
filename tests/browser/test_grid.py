"""The forecast grid in a real browser: paste, keys, undo, clashes, a session that ended."""

import csv
import io

import pytest

from tests.browser.conftest import ROOT, SITES, Visitor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.worker,
    # Once is enough: on the servers of the environment where there are any.
    pytest.mark.parametrize("site", SITES[-1:], indirect=True, scope="session"),
]
POSITION = ROOT / "fixtures" / "somerset-2019-20" / "periods" / "03" / "position.csv"
GRID = "2019-20/6/forecasts/CHILD-COM/"
LINES = 200


@pytest.fixture(scope="module")
def sheet(site, tmp_path_factory):
    """Month 6 with 200 lines of taxis under Children & Learning - Commissioning."""
    rows = list(csv.DictReader(io.StringIO(POSITION.read_text(encoding="utf-8-sig"))))
    columns = [*rows[0], *({"actual_to_date", "profiled_budget_to_date"} - set(rows[0]))]
    rows += [
        {
            "service_code": "CHILD-COM",
            "cost_centre": f"T{number:03}",
            "account": "4000",
            "description": f"Taxis {number}",
            "current_budget": 1000,
            "actual_to_date": 600,
            "profiled_budget_to_date": 500,
            "forecast": 1000,
        }
        for number in range(LINES)
    ]
    file = tmp_path_factory.mktemp("grid") / "month-6.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, columns)
        writer.writeheader()
        writer.writerows(rows)
    site.command("upload", "position", str(file), "--year", "2019/20", "--period", "6")
    return site


@pytest.fixture
def grid(visitor, sheet) -> Visitor:
    """The finance officer at the grid."""
    visitor.log_in("officer")
    visitor.go(GRID)
    return visitor


def cell(page, centre: str, column: str = "Forecast of"):
    return page.get_by_label(f"{column} {centre}/4000", exact=True)


def paste(page, text: str) -> None:
    """As the keyboard would, into the cell that has the focus."""
    page.evaluate(
        """text => {
            const data = new DataTransfer()
            data.setData('text/plain', text)
            const options = { clipboardData: data, bubbles: true, cancelable: true }
            document.activeElement.dispatchEvent(new ClipboardEvent('paste', options))
        }""",
        text,
    )


def total(page, name: str = "variance") -> str:
    return page.locator(f".strip [data-total={name}]").inner_text()


def state(page) -> str:
    return page.locator("#grid-state").inner_text()


def test_two_hundred_pasted_rows_are_saved(grid):
    page = grid.page
    grid.check_page()
    before = total(page, "forecast")
    cell(page, "T000").focus()
    paste(page, "\n".join(f"{1000 + n}\tReview {n}" for n in range(LINES)) + "\n")
    assert state(page).startswith("200 rows pasted. 200 lines changed, not saved yet")
    added = sum(range(LINES))
    shown = int(total(page, "forecast").replace(",", ""))
    assert shown == int(before.replace(",", "")) + added
    assert cell(page, "T199").input_value() == "1199"
    assert cell(page, "T199", "Reason for").input_value() == "Review 199"
    page.get_by_role("button", name="Save forecasts").click()
    page.wait_for_selector("text=200 forecasts are saved")
    grid.check_page()
    assert int(total(page, "forecast").replace(",", "")) == shown
    assert "Review 199" in page.get_by_role("row", name="T199/4000").inner_text()
    page.get_by_role("link", name="T199/4000").click()
    page.wait_for_selector("text=Forecasts and planned use entered by hand")
    assert page.get_by_role("cell", name="Review 199").count() == 1
    grid.check_page()


def test_keys_move_and_take_back(grid):
    page = grid.page
    first, second = cell(page, "T010"), cell(page, "T011")
    held = first.input_value()
    first.focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("5000")
    page.keyboard.press("Enter")
    assert second.evaluate("cell => cell === document.activeElement")
    page.keyboard.press("ArrowUp")
    assert first.evaluate("cell => cell === document.activeElement")
    page.keyboard.press("ArrowRight")
    reason = cell(page, "T010", "Reason for")
    assert reason.evaluate("cell => cell === document.activeElement")
    page.keyboard.press("ControlOrMeta+z")
    assert first.input_value() == held
    assert state(page) == "One cell is as before."
    first.focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("7")
    page.keyboard.press("Escape")
    assert first.input_value() == held
    assert not page.get_by_text("not saved yet").count()


def test_a_block_that_does_not_fit_is_told(grid):
    page = grid.page
    cell(page, "T000").focus()
    paste(page, "1\t2\t3\n4\t5\t6\n")
    assert state(page).startswith("The block is 3 columns wide and nothing was pasted.")
    last = cell(page, "T199")
    last.focus()
    paste(page, "1200\n1300\n1400\n")
    assert "1 row pasted. 2 did not fit below and were left out." in state(page)
    page.get_by_role("button", name="Undo").click()
    assert not page.get_by_text("not saved yet").count()


def test_five_thousand_pasted_cells_answer(grid):
    """More than the page holds: what fits is taken, the rest is counted."""
    page = grid.page
    cell(page, "T000").focus()
    paste(page, "\n".join(f"{n}\tBlock" for n in range(2500)) + "\n")
    assert "200 rows pasted. 2300 did not fit below and were left out." in state(page)
    page.keyboard.press("ControlOrMeta+z")
    assert "400 cells are as before." in state(page)


def test_what_cannot_be_an_amount_is_marked_and_refused(grid):
    page = grid.page
    cell(page, "T020").fill("12o0")
    assert "1 cannot be read as an amount" in state(page)
    page.get_by_role("button", name="Save forecasts").click()
    page.wait_for_selector("text=“12o0” cannot be read")
    assert cell(page, "T020").input_value() == "12o0"
    grid.said.clear()  # the browser itself notes the 409
    grid.check_page()
    page.get_by_role("link", name="T020/4000: “12o0”").click()
    assert cell(page, "T020").evaluate("cell => cell === document.activeElement")


def test_a_colleagues_figure_and_mine_stand_side_by_side(grid, browser):
    page = grid.page
    other = Visitor(browser.new_context().new_page(), grid.site)
    other.log_in("lead")
    other.go(GRID)
    cell(other.page, "T030").fill("3000")
    other.page.get_by_role("button", name="Save forecasts").click()
    other.page.wait_for_selector("text=1 forecast is saved")
    other.page.context.close()
    cell(page, "T030").fill("4000")
    page.get_by_role("button", name="Save forecasts").click()
    page.wait_for_selector("text=lead saved 3,000 meanwhile; you typed 4,000.")
    grid.said.clear()
    page.get_by_role("button", name="Save forecasts").click()
    page.wait_for_selector("text=1 forecast is saved")
    assert cell(page, "T030").input_value() == "4,000"


def test_figures_survive_a_session_that_ended(grid):
    page = grid.page
    cell(page, "T040").fill("4321")
    cell(page, "T040", "Reason for").fill("Long story")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Save forecasts").click()
    page.wait_for_selector("#id_username")
    page.fill("#id_username", "officer")
    page.fill("#id_password", grid.site.password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_selector("text=Figures that you had not saved are back in the table.")
    assert cell(page, "T040").input_value() == "4321"
    assert cell(page, "T040", "Reason for").input_value() == "Long story"
    page.get_by_role("button", name="Save forecasts").click()
    page.wait_for_selector("text=1 forecast is saved")
    assert cell(page, "T040").input_value() == "4,321"


def test_without_javascript_the_grid_is_a_plain_form(browser, sheet):
    context = browser.new_context(java_script_enabled=False)
    visitor = Visitor(context.new_page(), sheet)
    visitor.log_in("officer")
    visitor.go(GRID)
    page = visitor.page
    cell(page, "T050").fill("5,555.50")
    page.get_by_label("Reason for these changes").fill("By post")
    page.get_by_role("button", name="Save forecasts").click()
    page.wait_for_selector("text=1 forecast is saved")
    row = page.get_by_role("row", name="T050/4000").inner_text()
    assert "typed by officer" in row and "By post" in row
    context.close()


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_behind_a_figure_hold_at_every_width(visitor, sheet, width):
    visitor.page.set_viewport_size({"width": width, "height": 800})
    visitor.log_in("officer")
    for path in (GRID, "2019-20/6/services/CHILD-COM/", "2019-20/3/services/KEY/"):
        visitor.go(path)
        visitor.check_page()
    visitor.page.locator("table:has(#under-caption) a", has_text="Families").click()
    visitor.check_page()
    visitor.page.locator("#lines ~ .table-region a").first.click()
    visitor.page.wait_for_selector("#source")
    visitor.check_page()
