"""Budget, committed, actual and available: by hand for a made-up council, as statement and page."""

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from monitoring.reports.checks import check_report
from tests.councils.loaded import load_pack
from tests.councils.packs import bring, facts_of, publish, statement_data, write_pack

SERVICES = """code,name,parent_code,order,total_label
TOP,Made-up Council,,1,Total council
PEOPLE,People,TOP,1,People total
CARE,Care,PEOPLE,1,
YOUTH,Youth,PEOPLE,2,
ROADS,Roads,TOP,2,
"""
POSITION = """service_code,cost_centre,account,current_budget,actual_to_date,commitments,forecast
CARE,C1,PAY,1000.00,400.50,,1000
CARE,C1,FEES,500.00,200.00,350.25,600
CARE,C1,INCOME,-300.00,-100.00,,-300
YOUTH,C2,PAY,80.00,,,80
ROADS,C3,WORKS,250.00,90.00,200.00,250
"""
EXPECTED = {
    # budget, committed, actual, available, in pounds
    "CARE": (1200.00, 350.25, 500.50, 349.25),
    "YOUTH": (80.00, None, None, 80.00),
    "PEOPLE": (1280.00, 350.25, 500.50, 429.25),
    "ROADS": (250.00, 200.00, 90.00, -40.00),
    "TOP": (1530.00, 550.25, 590.50, 389.25),
}


@pytest.fixture
def year(db, tmp_path):
    files = {"services.csv": SERVICES, "periods/01/position.csv": POSITION}
    pack = write_pack(tmp_path, files, settings='[display]\nunit = "pounds"\n')
    return load_pack(folder=pack).year


def amounts(data):
    """The amounts of a statement's rows, and the percentages as printed."""
    keys = ("budget", "committed", "actual", "available")
    rows = {row["key"]: row["cells"] for row in data["rows"]}
    values = {key: tuple(cells[name]["value"] for name in keys) for key, cells in rows.items()}
    return values, {key: cells["available_percent"]["text"] for key, cells in rows.items()}


def test_what_is_available_is_budget_less_committed_and_actual(year):
    draft = statement_data(year, 1, "budget-available")
    values, percent = amounts(draft)
    assert values == EXPECTED
    assert (percent["CARE"], percent["ROADS"], percent["TOP"]) == ("29.1%", "-16.0%", "25.4%")
    assert [note["text"] for note in draft["footnotes"]] == [
        "The ledger gives no commitments for 3 of 5 lines and no actual for 1 of 5 lines; nothing "
        "is taken off for them."
    ]
    checks = [
        each for each in check_report(facts_of(year, 1)) if each.statement == draft["statement"]
    ]
    assert len(checks) > 8
    assert {each.status for each in checks} == {"agrees"}
    publish(year, 1)
    assert statement_data(year, 1, "budget-available")["rows"] == draft["rows"]


def test_without_any_commitments_nothing_is_said_to_be_available(year):
    bring(year, "position", POSITION.replace("350.25", "").replace("200.00,250", ",250"), 1)
    data = statement_data(year, 1, "budget-available")
    assert data["rows"] == []
    assert "no commitments" in data["footnotes"][0]["text"]


def test_a_services_page_says_what_is_available_by_line(year, client, person):
    client.force_login(person(Role.FINANCE_OFFICER))
    page = client.get(reverse("service", args=[year.start, 1, "CARE"])).content.decode()
    words = "£501 is spent and £350 committed of the budget of £1,200: £349 is available."
    assert words in page
    cells = [cell.split("</td>")[0] for cell in page.split('<td class="numeric figure">')]
    fees = cells.index("£350.25")
    assert cells[fees - 2 : fees + 3] == ["£500", "£200", "£350.25", "-£50.25", "£600"]
    assert reverse("statement", args=[year.start, 1, "budget-available"]) in page
