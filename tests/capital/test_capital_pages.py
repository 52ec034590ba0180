"""The pages of the capital programme: the finding, a scheme's history, panels, rights."""

import re

import pytest
from django.urls import reverse

from capital.panels import find_schemes
from council_finance.accounts.models import Role
from tests.capital.test_capital_shapes import FILES
from tests.councils.loaded import load_pack
from tests.councils.packs import bring, facts_of, write_pack


def words(response) -> str:
    text = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", text)


@pytest.fixture
def lead(client, person):
    client.force_login(person(Role.FINANCE_LEAD))
    return client


def test_the_programme_says_what_slipped_what_cost_more_and_what_nobody_explained(
    client, person, cambridgeshire, django_assert_max_num_queries
):
    client.force_login(person(Role.SCRUTINY_MEMBER))
    with django_assert_max_num_queries(12):
        page = client.get("/2018-19/13/capital/")
    text = words(page)
    assert (
        "The capital programme spent £81,891k of a revised budget of £79,718k, £2,173k more."
        in text
    )
    assert (
        "The schemes are £8,296k below their budgets: £9,099k slips into other years, they cost "
        "£3,766k more and nobody has explained £2,963k less." in text
    )
    assert "Variations budget used 79% £8,296k of £10,469k" in text
    assert "Contribution pays £4,985k more than budgeted" in text
    steps = re.findall(
        r'<th scope="row">([^<]+)</th><td class="numeric figure">([^<]+)</td></tr>',
        page.content.decode(),
    )
    assert [step for step in steps if step[0] in ("Slippage", "Cost", "Not explained")] == [
        ("Slippage", "-9,099"),
        ("Cost", "3,766"),
        ("Not explained", "-2,963"),
    ]
    directorates = re.findall(r"Education Directorate ([\d,]+) ([\d,]+)", text)
    assert ("82,530", "74,837") in directorates


def test_a_scheme_has_its_history_over_reports(lead, cambridgeshire):
    text = words(lead.get("/2018-19/capital/CAP-05/"))
    assert (
        "This year it spent £255,520, £230,480 under budget; the whole scheme is £6,870,000 over"
        in text
    )
    assert "Highfields Special School: new scheme Cost 250,000 6,870,000" in text
    assert "7% 33,501,000" in text, "what was spent of the original budget"
    assert lead.get("/2018-19/capital/NOPE/").status_code == 404


def test_panels_show_the_schemes(lead, cambridgeshire):
    assert "The capital programme spent £81,891k" in words(lead.get("/2018-19/13/"))
    assert "Capital schemes of Education Capital" in words(
        lead.get(reverse("service", args=[2018, 13, "EDU-17"]))
    )


POUNDS = '[display]\nunit = "pounds"\n'


@pytest.fixture
def council(db, tmp_path):
    """Month 2 published, month 4 a draft in which the library moves to the other directorate."""
    year = load_pack(folder=write_pack(tmp_path, FILES, publish=(2,), settings=POUNDS)).year
    bring(year, "capital", "reference,scheme,service_code,original_budget\nS1,Library,PLACE,1000\n")
    return year


def test_a_scheme_that_moves_takes_its_history(lead, council):
    text = words(lead.get("/2021-22/4/capital/"))
    table = text.partition("Variance of this year by service")[2].partition(" Funding ")[0]
    assert " Place 1,870 1,750 F -120 favourable 0 F -120 favourable " in table
    assert "People" not in table
    (found,) = find_schemes(facts_of(council, 4), ["library", "s1"])
    assert found.url == "/2021-22/capital/S1/"
    text = words(lead.get("/2021-22/capital/S1/"))
    assert "May 2023" in text and "June 2023" in text
    assert re.search(r"month 4 draft .* June 2023 1 ", text), "its completion moved once"


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        (Role.FINANCE_LEAD, True),
        (Role.FINANCE_OFFICER, True),
        (Role.BUDGET_MANAGER, False),
        (Role.SCRUTINY_MEMBER, False),
    ],
)
def test_a_draft_is_for_those_who_read_drafts(client, person, council, role, sees):
    client.force_login(person(role))
    assert client.get("/2021-22/2/capital/").status_code == 200
    assert ("Bridge" in words(client.get("/2021-22/4/capital/"))) == sees
    assert ("month 4" in words(client.get("/2021-22/capital/S1/"))) == sees


def test_a_published_scheme_keeps_the_name_of_its_service(client, person, council):
    renamed = FILES["services.csv"].replace(",People,", ",Draft name,")
    assert renamed != FILES["services.csv"]
    bring(council, "services", renamed)
    client.force_login(person(Role.SCRUTINY_MEMBER))
    page = words(client.get("/2021-22/capital/S1/"))
    assert " People " in page and "Draft name" not in page


def test_a_council_without_a_programme_is_told_what_to_do(lead, somerset):
    assert "No capital programme yet" in words(lead.get("/2019-20/3/capital/"))
