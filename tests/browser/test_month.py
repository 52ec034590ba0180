"""A whole month in the browser, each step by the person whose it is, without the command line."""

import csv
import io

import pytest

from tests.browser.conftest import ROOT, SITES, Visitor
from tests.browser.test_grid import cell, paste, state

pytestmark = [
    pytest.mark.browser,
    pytest.mark.worker,
    # Once is enough: on the servers of the environment where there are any.
    pytest.mark.parametrize("site", SITES[-1:], indirect=True, scope="session"),
]
POSITION = ROOT / "fixtures" / "somerset-2019-20" / "periods" / "03" / "position.csv"
MONTH = "2019-20/7/"
LINES = 200


def ledger(**spoilt: str) -> bytes:
    """Month 7 with 200 lines more; `spoilt` puts something wrong into a column of a cost centre."""
    rows = list(csv.DictReader(io.StringIO(POSITION.read_text(encoding="utf-8-sig"))))
    columns = list(rows[0])
    for number in range(LINES):
        rows.append(
            {
                "service_code": "CHILD-COM",
                "cost_centre": f"M{number:03}",
                "account": "4000",
                "description": f"Minibus {number}",
                "current_budget": 1000,
                "forecast": 1000,
            }
        )
    for row in rows:
        for column, value in spoilt.items():
            if row["cost_centre"] == column:
                row["current_budget"] = value
    out = io.StringIO()
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


@pytest.fixture
def people(browser, site):
    """Someone of each role, each in a browser window of their own."""
    contexts = []

    def enter(name: str) -> Visitor:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        contexts.append(context)
        visitor = Visitor(context.new_page(), site)
        visitor.log_in(name)
        return visitor

    yield enter
    for context in contexts:
        context.close()


def both_widths(visitor: Visitor) -> None:
    """The page as it is, at a desk and on a telephone."""
    for width in (360, 1280):
        visitor.page.set_viewport_size({"width": width, "height": 900})
        visitor.check_page()


def test_a_month_from_the_ledgers_file_to_the_members_report(people):
    officer, lead, director, member = map(people, ("officer", "lead", "director", "member"))
    bring_figures_in(officer)
    enter_forecasts(officer)
    write_commentary(officer)
    move_budget(officer, lead)
    sign_off(director)
    publish(lead)
    read(member)


def bring_figures_in(visitor: Visitor) -> None:
    """Two errors first, told with their rows; then the file put right."""
    page = visitor.page
    for content, said in ((ledger(M003="1,00O", M150="1.005"), "Refused"), (ledger(), "Ready")):
        visitor.go(f"{MONTH}upload/")
        both_widths(visitor)
        file = {"name": "month-7.csv", "mimeType": "text/csv", "buffer": content}
        page.set_input_files("#id_file", file)
        page.get_by_role("button", name="Check file").click()
        page.wait_for_selector(f".status:has-text('{said}')")
        both_widths(visitor)
        if said == "Refused":
            text = page.locator("#errors-caption").locator("xpath=..").inner_text()
            assert "1,00O" in text and "1.005" in text
    page.get_by_role("button", name="Store figures").click()
    page.wait_for_selector(".status:has-text('Stored')")
    both_widths(visitor)


def enter_forecasts(visitor: Visitor) -> None:
    """200 rows from Excel."""
    page = visitor.page
    visitor.go(f"{MONTH}month/")
    both_widths(visitor)
    visitor.go(f"{MONTH}forecasts/CHILD-COM/")
    page.get_by_label("Forecast of M000/4000", exact=True).focus()
    paste(page, "\n".join(f"{1000 + number}" for number in range(1, LINES + 1)) + "\n")
    assert state(page).startswith("200 rows pasted.")
    page.get_by_label("Reason for these changes").fill("More routes")
    page.get_by_role("button", name="Save forecasts").click()
    page.wait_for_selector("text=200 forecasts are saved")
    both_widths(visitor)
    assert cell(page, "M199").input_value() == "1,200"


def write_commentary(visitor: Visitor) -> None:
    """The service that passes the threshold."""
    page = visitor.page
    visitor.go(f"{MONTH}commentary/")
    both_widths(visitor)
    visitor.go(f"{MONTH}commentary/CHILD-OPS/")
    page.get_by_label("Commentary").fill("More children are in external placements.")
    page.get_by_role("button", name="Save").first.click()
    page.wait_for_selector("text=More children are in external placements.")
    visitor.go(f"{MONTH}commentary/CHILD-OPS/")
    both_widths(visitor)


def move_budget(officer: Visitor, lead: Visitor) -> None:
    """Entered by the one, approved by the other, who sees the effect before."""
    page = officer.page
    officer.go(f"{MONTH}virements/new/")
    both_widths(officer)
    page.get_by_label("Funding").check()
    page.get_by_label("From", exact=True).fill("N110/NET")
    page.get_by_label("To", exact=True).fill("C210/NET")
    page.get_by_label("Amount").first.fill("100,000")
    page.get_by_label("Reason").fill("School transport")
    page.get_by_role("button", name="Enter virement").click()
    page.wait_for_selector("h1:has-text('Virement')")
    both_widths(officer)
    assert page.get_by_role("button", name="Approve").count() == 0
    lead.page.goto(page.url)
    both_widths(lead)
    text = lead.page.locator("main").inner_text()
    assert "Children & Learning - Commissioning" in text
    lead.page.get_by_label("Approved by").fill("Director of Finance")
    lead.page.get_by_role("button", name="Approve").click()
    lead.page.wait_for_selector(".status:has-text('Approved')")
    both_widths(lead)


def sign_off(visitor: Visitor) -> None:
    """The director of the part, for exactly what is shown."""
    page = visitor.page
    visitor.go("")
    both_widths(visitor)
    visitor.go(f"{MONTH}commentary/CHILD-OPS/")
    both_widths(visitor)
    page.get_by_role("button", name="Sign off commentary").click()
    page.wait_for_selector("text=Signed off")
    both_widths(visitor)
    visitor.go(f"{MONTH}month/")
    both_widths(visitor)


def publish(visitor: Visitor) -> None:
    """A double click publishes once."""
    page = visitor.page
    visitor.go(f"{MONTH}review/")
    both_widths(visitor)
    page.get_by_label("I have read what is outstanding, and publish without it").check()
    page.get_by_role("button", name="Publish month 7").dblclick()
    page.wait_for_selector(".status:has-text('Published')")
    both_widths(visitor)
    visitor.go("reports/2019-20/7/")
    page.wait_for_selector(".status:has-text('Published')")
    assert page.locator(".status:has-text('Version 2')").count() == 0


def read(visitor: Visitor) -> None:
    """The member has the published report and no draft."""
    page = visitor.page
    visitor.go("")
    both_widths(visitor)
    visitor.go("reports/2019-20/7/annex-a/")
    both_widths(visitor)
    row = page.get_by_role("row", name="Children & Learning - Commissioning").inner_text()
    assert "*" in row, "restated by the virement"
    assert "Draft" not in page.content()
    for path in ("2019-20/7/month/", "2019-20/7/review/", "2019-20/7/forecasts/CHILD-COM/"):
        assert page.request.get(f"{visitor.site.address}{path}").status == 403
    for path in ("2019-20/6/services/CHILD-COM/", "reports/2019-20/6/annex-a.json"):
        assert page.request.get(f"{visitor.site.address}{path}").status == 404
