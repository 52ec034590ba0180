"""Layouts in a real browser: columns matched, a file that changed, a trial; by the keyboard too."""

import pytest

from tests.browser.conftest import SITES

pytestmark = [
    pytest.mark.browser,
    pytest.mark.worker,
    # Once is enough: on the servers of the environment where there are any.
    pytest.mark.parametrize("site", SITES[-1:], indirect=True, scope="session"),
]
EXPORT = (
    "Ledger of the council,,,,,\nYear,Centre,Natural,Net Budget,Actuals YTD P04,Fcst\n"
    "2019/20,ZZ10,4000,10,2,12\n2019/20,ZZ10,9000,-1,0,-1\n2018/19,ZZ10,4000,9,9,9\n"
)


def send(visitor, content: str, kind: str = "position") -> None:
    """Send a file for month 5 and wait until its check has ended."""
    visitor.go(f"2019-20/5/upload/?kind={kind}")
    file = {"name": "ledger.csv", "mimeType": "text/csv", "buffer": content.encode()}
    visitor.page.set_input_files("#id_file", file)
    visitor.page.get_by_role("button", name="Check file").click()
    visitor.page.wait_for_selector(".status:has-text('Columns to match')")


def press_until(page, selector: str, words: str = "", most: int = 200) -> None:
    """Press Tab until an element has the focus that begins with these words."""
    for _ in range(most):
        page.keyboard.press("Tab")
        found = page.evaluate(
            "([selector, words]) => document.activeElement.matches(selector)"
            " && document.activeElement.textContent.trim().startsWith(words)",
            [selector, words],
        )
        if found:
            return
    raise AssertionError(f"{selector} is not reached by the keyboard")


def choose(page, selector: str, letters: str) -> None:
    """Go to a list by the keyboard and choose what begins with these letters."""
    press_until(page, selector)
    page.keyboard.type(letters, delay=20)


def test_columns_are_matched_and_a_changed_file_asks_only_what_differs(visitor):
    page = visitor.page
    visitor.log_in("lead")
    send(visitor, EXPORT)
    page.get_by_role("link", name="Match columns").click()
    visitor.check_page()
    # By the keyboard alone: the lists, a question that is folded away, and the button.
    page.keyboard.press("Home")
    choose(page, "#id_column_account", "Natural")
    page.keyboard.press("Tab")
    choose(page, "#id_fixed_service_code", "ADULT")
    press_until(page, "summary", "Only some rows apply")
    page.keyboard.press("Enter")
    choose(page, "#id_shape-rows_column", "Year")
    choose(page, "#id_shape-rows_act", "Keep")
    choose(page, "#id_shape-rows_values", "2019/20")
    press_until(page, "#id_name")
    page.keyboard.press("Control+A")
    page.keyboard.type("Browser ledger")
    press_until(page, "main form button.govuk-button")
    page.keyboard.press("Enter")
    page.wait_for_selector(".status:has-text('Ready to confirm')")
    visitor.check_page()
    assert "read through the layout Browser ledger (version 1)" in page.inner_text("main")
    page.get_by_role("button", name="Withdraw file").click()

    send(visitor, EXPORT.replace("Fcst", "Outlook").replace("P04", "P05"))
    page.get_by_role("link", name="Match columns").click()
    visitor.check_page()
    said = page.inner_text("main")
    assert "1 heading of your layout is not in this file" in said
    assert "“Fcst” – Forecast" in said
    page.select_option("#id_column_forecast", label="Outlook")
    page.get_by_role("button", name="Save layout and check file").click()
    page.wait_for_selector(".status:has-text('Ready to confirm')")
    assert "read through the layout Browser ledger (version 2)" in page.inner_text("main")
    page.get_by_role("button", name="Withdraw file").click()

    visitor.go("settings/layouts/")
    visitor.check_page()
    page.get_by_role("link", name="Browser ledger").click()
    visitor.check_page()
    page.get_by_role("link", name="Try on a file").click()
    file = {"name": "next.csv", "mimeType": "text/csv", "buffer": EXPORT.encode()}
    page.set_input_files("#id_file", file)
    page.get_by_role("button", name="Try", exact=True).click()
    assert "The heading “Outlook” of the layout is missing." in page.inner_text("main")
    visitor.check_page()


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_of_layouts_fit_every_width(visitor, width):
    visitor.page.set_viewport_size({"width": width, "height": 800})
    visitor.log_in("lead")
    for path in ("settings/layouts/", "settings/layouts/import/"):
        visitor.go(path)
        visitor.check_page()
