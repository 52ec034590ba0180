"""A month's figures on their road, as people walk it: real browser, web server and worker."""

import json

import pytest

from tests.browser.conftest import ROOT, SITES, Visitor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.worker,
    # Once is enough: on the servers of the environment where there are any.
    pytest.mark.parametrize("site", SITES[-1:], indirect=True, scope="session"),
]
POSITION = ROOT / "fixtures" / "somerset-2019-20" / "periods" / "03" / "position.csv"
PAGES = (
    "",
    "2019-20/",
    "reports/",
    "reports/2019-20/3/",
    "reports/2019-20/3/annex-a/",
    "reports/2019-20/3/budgetary-control/",
    "reports/2019-20/3/section-headlines/",
    "reports/2019-20/3/virements/",
    "reports/2019-20/3/budget-reconciliation/",
    "reports/2019-20/3/contingency/",
)
OFFICER_PAGES = ("2019-20/upload/", "2019-20/4/upload/", "uploads/1/", "nothing-here/")


def bring_in(visitor: Visitor, content: bytes, state: str) -> None:
    """Choose a file on month 4's page and wait for what the worker says of it."""
    visitor.go("2019-20/4/upload/")
    visitor.check_page()
    file = {"name": "month-4.csv", "mimeType": "text/csv", "buffer": content}
    visitor.page.set_input_files("#id_file", file)
    visitor.page.get_by_role("button", name="Check file").click()
    visitor.page.wait_for_selector(f".status:has-text('{state}')")
    visitor.check_page()


def test_from_log_in_to_the_downloaded_annex(visitor):
    page = visitor.page
    visitor.go("reports/2019-20/3/annex-a/")
    assert "/login/" in page.url
    visitor.check_page()
    visitor.log_in("officer")

    bring_in(visitor, POSITION.read_bytes().replace(b"73869000", b"7386x"), "Refused")
    assert page.get_by_role("row", name="2 forecast 7386x").count() == 1
    good = POSITION.read_bytes().replace(b"73869000", b"74869000")
    bring_in(visitor, good, "Ready to confirm")
    page.get_by_role("button", name="Store figures").click()
    page.get_by_role("link", name="Read Annex A").click()
    visitor.check_page()

    row = page.get_by_role("row", name="Total SCC Spending").inner_text()
    assert "1.000" in row
    assert page.locator(".position").inner_text() == (
        "Forecast overspend of £1.000m on a net budget of £327.967m, £1.000m worse than the "
        "previous report."
    )
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON").click()
    data = json.loads(download.value.path().read_text(encoding="utf-8"))
    total = next(row for row in data["rows"] if row["kind"] == "total")
    assert total["cells"]["movement"] == {"value": 1000000.0, "text": "1.000"}
    assert (data["status"], data["period"]) == ("draft", 4)
    printed = visitor.site.command(
        *("statement", "annex-a", "--year", "2019/20", "--period", "4", "--format", "json")
    )
    assert json.loads(printed.stdout) == data


@pytest.mark.parametrize("width", [1280, 360])
def test_every_page_is_accessible_at_every_width(visitor, width):
    visitor.page.set_viewport_size({"width": width, "height": 800})
    visitor.log_in("officer")
    for path in PAGES + OFFICER_PAGES:
        visitor.go(path)
        if path == "nothing-here/":
            assert visitor.page.get_by_role("heading", level=1).count() == 1
            visitor.said.clear()  # the browser itself notes the 404
        visitor.check_page()


@pytest.mark.parametrize("name", ["manager", "director", "member"])
def test_readers_see_published_reports_and_no_draft(visitor, name):
    visitor.log_in(name)
    for path in PAGES:
        visitor.go(path)
        visitor.check_page()
        assert visitor.page.get_by_text("Draft", exact=True).count() == 0
        # What leads to uploading, not the word: an open year may say that nothing is uploaded yet.
        assert visitor.page.locator("[href*='upload'], [action*='upload']").count() == 0, path


def test_the_keyboard_is_enough(visitor):
    page = visitor.page
    visitor.go("login/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    page.locator("#id_username").focus()
    page.keyboard.type("officer")
    page.keyboard.press("Tab")
    page.keyboard.type(visitor.site.password)
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Log out")
    visitor.go("reports/2019-20/3/annex-a/")
    region = page.locator(".table-region")
    region.focus()
    assert page.evaluate("document.activeElement.className") == "table-region"


def test_without_javascript_reading_and_uploading_still_work(browser, site):
    context = browser.new_context(java_script_enabled=False)
    visitor = Visitor(context.new_page(), site)
    page = visitor.page
    visitor.log_in("officer")
    visitor.go("reports/2019-20/3/annex-a/")
    assert page.get_by_role("row", name="Total SCC Spending").count() == 1
    visitor.go("2019-20/5/upload/")
    page.set_input_files("#id_file", POSITION)
    page.get_by_role("button", name="Check file").click()
    page.wait_for_selector(".status:has-text('Ready to confirm')")
    page.get_by_role("button", name="Withdraw file").click()
    page.wait_for_selector("text=None of it was stored.")
    context.close()
