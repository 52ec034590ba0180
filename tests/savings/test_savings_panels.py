"""Savings on pages of other apps: a service's, the overview, the audit trail; variance statuses."""

from dataclasses import replace

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from monitoring.models import TreeRight
from monitoring.published.selectors.published_data import FrozenReport
from monitoring.reports.selectors.breakdown import node_of
from savings.calculations import uncovered_shortfall
from savings.panels import (
    find_savings,
    savings_in_brief,
    savings_of_mover,
    savings_of_service,
)
from savings.selectors.charts import earlier_savings
from savings.selectors.report_savings import limit_to_services
from savings.selectors.service_savings import shortfall_flags
from savings.selectors.tracker import TrackerFilter, filter_fields, filter_savings
from tests.councils.month import only_open_year
from tests.councils.packs import bring, facts_of, position
from tests.councils.savings import DECLARED, RULES, reported, small_council
from tests.savings.test_savings_pages import text_of

YEAR = 2021
IN_POUNDS = '[display]\nunit = "pounds"\n'
SCHEME = """
[[status_scheme.variance]]
status = "Red"
variance_above = 5
level = "service"

[[status_scheme.variance]]
status = "Watch"
level = "service"

[[status_scheme.variance]]
status = "Green"
level = "total"
"""


@pytest.fixture
def council(db, tmp_path):
    """ONE is £10 over and TWO £5 under; month 1 published without forecasts of savings."""
    return small_council(tmp_path, IN_POUNDS + RULES, more={"periods/02/savings.csv": MONTH_2})


MONTH_2 = reported("S-1 . 985\nS-2 . 600\nS-3 . 400")


@pytest.fixture
def log_in(client, person):
    def enter(role, *codes):
        user = person(role, username=f"{role}{'-'.join(codes)}")
        for code in codes:
            TreeRight.objects.create(user=user, service_code=code)
        client.force_login(user)
        return user

    return enter


def of(council, key: str, number: int = 2):
    facts = facts_of(council, number)
    return savings_of_service(facts, node_of(facts, key))


@pytest.mark.parametrize(
    ("shortfall", "variance", "left"),
    [
        (100, 100, 0),
        (100, 99, 1),
        (100, 101, 0),
        (100, 0, 100),
        (100, -1, 100),
        (100, -500, 100),
        (0, 0, 0),
        (0, -5, 0),
        (-50, -100, 0),
        (-50, 20, 0),
        (100, None, None),
    ],
)
def test_what_a_forecast_overspend_cannot_hold_of_a_shortfall(shortfall, variance, left):
    assert uncovered_shortfall(shortfall, variance) == left


def test_a_service_shows_its_savings_the_shortest_first_and_their_sums(council):
    found = of(council, "ONE")["savings"]
    assert [row.saving.reference for row in found.rows] == ["S-1", "S-2"]
    assert (found.totals.agreed, found.totals.forecast, found.totals.shortfall) == (
        "1,600",
        "1,585",
        "15",
    )
    assert [row.saving.reference for row in of(council, "DIR")["savings"].rows] == [
        "S-1",
        "S-2",
        "S-3",
    ]


def test_a_service_without_savings_shows_nothing_of_them(council):
    facts = facts_of(council, 2).with_report_section("savings", {"savings": [], "left": []})
    assert savings_of_service(facts, node_of(facts, "ONE")) is None
    assert savings_in_brief(facts, facts.top) is None


def test_without_a_forecast_nothing_can_hold_a_shortfall(council):
    facts = facts_of(council, 2)
    unknown = {"forecast": None, "gross_variance": None, "net_variance": None}
    nodes = [row | unknown if row["key"] == "ONE" else row for row in facts.frozen["nodes"]]
    silent = replace(facts, frozen=FrozenReport({**facts.frozen, "nodes": nodes}))
    (flag,) = shortfall_flags(silent)
    assert flag.text == (
        "the savings fall short by £15, and the service has no forecast yet to hold it."
    )


def test_a_shortfall_beyond_the_forecast_overspend_is_flagged(council):
    (flag,) = of(council, "ONE")["savings"].flags
    assert (flag.key, flag.label) == ("ONE", "One")
    assert flag.text == (
        "the savings fall short by £15, but the service is forecast to overspend by £10. £5 of "
        "the shortfall may be missing from the forecast."
    )
    assert of(council, "TWO")["savings"].flags == []


def test_a_group_tells_of_itself_and_of_each_service_below(council):
    found = of(council, "DIR")["savings"].flags
    assert [flag.key for flag in found] == ["DIR", "ONE"]
    assert "overspend by £5. £10 of the shortfall" in found[0].text
    assert [flag.key for flag in shortfall_flags(facts_of(council, 2))] == ["ONE"]


CASES = {
    "just held": ("S-1 . 990", "", "The savings fall short by £10, and the service is forecast to"),
    "a penny more prints as nil": ("S-1 . 989.99", "", "The savings fall short by £10"),
    "made up by another saving": ("S-1 . 985\nS-2 . 605", "", "enough to hold that"),
    "as agreed": ("S-1 . 1000\nS-2 . 600", "", ""),
    "more than agreed": ("S-1 . 1200", "", ""),
    "nothing reported": ("S-3 . 400", "", ""),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_held_is_not_flagged(council, case):
    text, flagged, held = case
    bring(council, "savings", reported(text), 2)
    found = of(council, "ONE")["savings"]
    assert "".join(flag.text for flag in found.flags) == flagged
    assert held in found.held and bool(held) == bool(found.held)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("ONE A 100 130 130\nTWO B 200 165 160", "is forecast on budget. The whole shortfall"),
        ("ONE A 100 130 120\nTWO B 200 165 160", "to underspend by £10. The whole shortfall"),
        (
            "ONE A 100 130 135 -50\nTWO B 200 165 160",
            "overspend by £5 before planned use of reserves and capital receipts. £10 of the",
        ),
    ],
)
def test_reserves_that_pay_for_a_shortfall_do_not_hide_it(council, lines, words):
    bring(council, "position", position(lines), 2)
    (flag,) = of(council, "ONE")["savings"].flags
    assert words in flag.text


def test_the_overview_tells_how_savings_stand(council, client, log_in):
    facts = facts_of(council, 2)
    found = savings_in_brief(facts, facts.top)
    assert found["overview"].sentence == "Of £2,000 agreed, £1,985 is forecast: £15 (0.8%) short."
    assert [flag.key for flag in found["flags"]] == ["ONE"]
    assert found["version"] is None
    published = facts_of(council, 1)
    assert savings_in_brief(published, published.top)["version"] == 1
    log_in(Role.FINANCE_LEAD)
    page = text_of(client.get(reverse("overview", args=[YEAR, 2])))
    assert "A shortfall may be missing from the forecast" in page
    assert "Agreed savings by status" in page


def test_a_members_pages_show_what_is_published_alone(council, client, log_in):
    log_in(Role.SCRUTINY_MEMBER)
    page = text_of(client.get(reverse("service", args=[YEAR, 1, "ONE"])))
    assert "Savings agreed for One" in page and "Not reported" in page
    assert "985" not in page and "missing from the forecast" not in page
    assert client.get(reverse("service", args=[YEAR, 2, "ONE"])).status_code == 404


def test_a_director_reads_the_savings_of_their_own_draft(council, client, log_in):
    log_in(Role.DIRECTOR, "ONE")
    response = client.get(reverse("service", args=[YEAR, 2, "ONE"]))
    page = text_of(response)
    assert "985" in page and "£5 of the shortfall may be missing from the forecast" in page
    body = response.content.decode()
    for address in (
        reverse("saving", args=[YEAR, "S-1"]),
        reverse("savings-lines", args=[YEAR, 2]) + "?service=ONE",
    ):
        assert address in body
        assert client.get(address).status_code == 200
    overview = text_of(client.get(reverse("savings", args=[YEAR, 2])))
    assert "£5 of the shortfall" in overview and "Two" not in overview


def test_a_group_in_the_address_shows_all_that_stands_below_it(council):
    facts = facts_of(council, 2)
    rows, _ = filter_savings(facts, TrackerFilter(service="DIR"))
    assert [row.saving.reference for row in rows] == ["S-1", "S-2", "S-3"]
    (_, _, chosen, options), *_ = filter_fields(facts, TrackerFilter(service="DIR"))
    assert (chosen, dict(options)["DIR"]) == ("DIR", "Directorate")
    assert filter_savings(facts, TrackerFilter(service="OLD"))[0] == []
    assert filter_savings(facts, TrackerFilter(service="NOPE"))[0] == []


def test_earlier_reports_are_of_the_services_that_a_person_reads(council):
    facts = facts_of(council, 2)
    two = {node_of(facts, "TWO").service}
    assert [row.reference for row in earlier_savings(facts, two)["Month 1"]] == ["S-3"]
    assert earlier_savings(limit_to_services(facts, set()), set()) == {}
    assert earlier_savings(facts_of(council, 1), two) == {}


def test_the_savings_page_draws_its_charts_with_their_tables(council, client, log_in):
    log_in(Role.FINANCE_OFFICER)
    body = client.get(reverse("savings", args=[YEAR, 2])).content.decode()
    for name in ("services", "shortfall", "reports"):
        assert f'id="chart-savings-{name}"' in body
    assert 'href="#savings-summary-caption"' in body and 'id="savings-summary-caption"' in body
    log_in(Role.SCRUTINY_MEMBER)
    body = client.get(reverse("savings", args=[YEAR, 1])).content.decode()
    assert 'id="chart-savings-services"' in body
    assert "chart-savings-shortfall" not in body and "chart-savings-reports" not in body


def test_the_audit_trail_leads_to_the_saving(council, client, log_in):
    log_in(Role.ADMINISTRATOR)
    body = client.get(reverse("audit")).content.decode()
    assert f'href="{reverse("saving", args=[YEAR, "S-1"])}"' in body


@pytest.fixture
def judged(db, tmp_path):
    return small_council(tmp_path, IN_POUNDS + SCHEME)


@pytest.mark.parametrize("name", ["annex-a", "budgetary-control"])
def test_statements_show_the_status_of_a_variance_in_word_and_shape(judged, client, log_in, name):
    log_in(Role.SCRUTINY_MEMBER)
    response = client.get(reverse("statement", args=[YEAR, 1, name]))
    page = response.context["statement"]
    assert page.columns[-1].label == "Status"
    shown = {row.key: (row.cells[-1].text, row.cells[-1].status) for row in page.rows if row.cells}
    assert shown == {
        "ONE": ("Red", "red"),
        "TWO": ("Watch", "grey"),
        "DIR": ("", ""),
        "TOP": ("Green", "green"),
    }
    body = response.content.decode()
    assert 'status--red status--rag"><span class="status__shape" aria-hidden="true">▲' in body
    assert 'status--grey">Watch' in body


def test_annex_as_contract_has_no_status_and_a_service_page_has(judged, client, log_in):
    log_in(Role.SCRUTINY_MEMBER)
    data = client.get(reverse("download", args=[YEAR, 1, "annex-a", "json"])).json()
    assert "status" not in [column["key"] for column in data["columns"]]
    data = client.get(reverse("download", args=[YEAR, 1, "budgetary-control", "json"])).json()
    assert data["rows"][-1]["cells"]["status"]["text"] == "Green"
    assert "Red" in text_of(client.get(reverse("service", args=[YEAR, 1, "ONE"])))[:200]


def test_without_a_scheme_annex_a_has_no_statuses(council, client, log_in):
    log_in(Role.SCRUTINY_MEMBER)
    page = client.get(reverse("statement", args=[YEAR, 1, "annex-a"])).context["statement"]
    assert "Status" not in [column.label for column in page.columns]


@pytest.mark.slow
def test_a_declared_scheme_of_own_words_is_drawn(db, tmp_path, client, log_in):
    scheme = DECLARED.replace('"Red", "Green", "Blue"', '"Slipping", "Going well"')
    small_council(tmp_path, scheme, month_1="S-1 Slipping\nS-2 Slipping\nS-3 slipping")
    log_in(Role.SCRUTINY_MEMBER)
    body = client.get(reverse("savings", args=[YEAR, 1])).content.decode()
    assert "\\u25bc Slipping" in body or "▼ Slipping" in body
    assert '"#28A197"' in body


@pytest.mark.slow
@pytest.mark.parametrize(
    ("month_2", "key", "text"),
    [
        (
            "S-1 . 985",
            "ONE",
            "Its savings fall short by £15 of the £1,000 agreed. A further £600 agreed has no "
            "forecast.",
        ),
        (
            "S-1 . 1000",
            "ONE",
            "Its savings are forecast as agreed (£1,000). A further £600 agreed has no forecast.",
        ),
        (
            "S-2 . 610",
            "ONE",
            "Its savings come to £10 more than the £600 agreed. A further £1,000 agreed has no "
            "forecast.",
        ),
        ("S-1 . 985\nS-2 . 600", "ONE", "Its savings fall short by £15 of the £1,600 agreed."),
        ("S-1 . 1000\nS-2 . 600", "ONE", "Its savings are forecast as agreed (£1,600)."),
        ("S-1 . 1010\nS-2 . 600", "ONE", "Its savings come to £10 more than the £1,600 agreed."),
        ("S-3 . 400", "ONE", "None of its savings (£1,600 agreed) has a forecast yet."),
        (
            "S-3 . 390",
            "DIR",
            "Its savings fall short by £10 of the £400 agreed. A further £1,600 agreed has no "
            "forecast.",
        ),
    ],
)
def test_beside_what_moved_most_stands_whether_it_is_the_savings(db, tmp_path, month_2, key, text):
    more = {"periods/02/savings.csv": reported(month_2)}
    facts = facts_of(small_council(tmp_path, IN_POUNDS + RULES, more=more), 2)
    assert savings_of_mover(facts, node_of(facts, key)) == {"text": text}


def test_a_council_without_savings_says_nothing_of_them(council):
    facts = facts_of(council, 2).with_report_section("savings", {"savings": [], "left": []})
    assert savings_of_mover(facts, node_of(facts, "ONE")) is None


@pytest.mark.parametrize(
    ("words", "references"),
    [(["lamps"], ["S-1"]), (["s-"], ["S-1", "S-2", "S-3"]), (["s-2", "lamps"], [])],
)
def test_savings_are_found_by_reference_and_title(council, words, references):
    found = find_savings(facts_of(council, 2), words)
    assert [each.label for each in found] == references


@pytest.mark.slow
def test_the_search_finds_savings_that_lead_to_their_pages(council, client, log_in):
    only_open_year(council)
    for role in set(Role) - {Role.NO_ROLE}:
        log_in(role, "ONE")
        page = client.get(reverse("search"), {"q": "lamps"}).content.decode()
        address = reverse("saving", args=[YEAR, "S-1"])
        assert f'href="{address}"' in page, role
        assert client.get(address).status_code == 200
