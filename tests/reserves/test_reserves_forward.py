"""Carrying balances into a new year on its page: what is shown first, by whom, and only once."""

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from monitoring.models import FinancialYear
from monitoring.restructuring.services.years import roll_year_forward
from reserves.models import Reserve
from tests.councils.packs import bring
from tests.councils.reserves import FILES, load_closed, load_council, move

FORWARD = "Carry reserves forward"


@pytest.fixture
def closed(db, tmp_path):
    """2021/22 with a published close; its next year is set up."""
    return load_closed(tmp_path)[0]


@pytest.fixture
def lead(client, person):
    """The finance lead, logged in."""
    lead = person(Role.FINANCE_LEAD)
    client.force_login(lead)
    return lead


def address(start: int = 2022) -> str:
    return reverse("reserves-forward", args=[start])


def opened() -> dict[str, int]:
    found = Reserve.objects.filter(year__start=2022)
    return {each.code: each.opening_balance_pence for each in found}


def test_the_lead_sees_what_will_be_opened_and_opens_it_once(closed, client, lead):
    page = " ".join(client.get(address()).content.decode().split())
    for words in ("Roads reserve", "£40", "Old deficit", "-£50", "New", "<button"):
        assert words in page
    assert opened() == {}
    for said in ("Carried into 2022/23: 5 reserves opened.", "nothing has changed"):
        page = client.post(address(), follow=True).content.decode()
        assert said in page
    assert opened() == {"GF": 99_525, "ROADS": 4000, "FIRE": 4000, "DEBT": -5000, "LAND": 2000}
    entries = AuditEntry.objects.filter(action="carried forward")
    assert entries.count() == 5
    assert {entry.by for entry in entries} == {lead}
    page = client.get(address()).content.decode()
    assert "already opens with its balance in the published close of 2021/22" in " ".join(
        page.split()
    )
    assert "<button" not in page[page.index("<h1") :]


def test_what_opens_otherwise_is_shown_beside_the_close(closed, client, lead):
    client.post(address())
    Reserve.objects.filter(year__start=2022, code="ROADS").update(opening_balance_pence=4100)
    page = client.get(address()).content.decode()
    row = page[page.index("Roads reserve") :].split("</tr>")[0]
    assert all(words in row for words in ("£41", "£40", "Changes"))
    page = client.post(address(), follow=True).content.decode()
    assert "Carried into 2022/23: 1 reserve changed." in page
    assert opened()["ROADS"] == 4000


def test_a_reserve_that_would_be_overdrawn_is_named_on_the_page(closed, client, lead):
    client.post(address())
    following = FinancialYear.objects.get(start=2022)
    Reserve.objects.filter(year=following, code="ROADS").update(opening_balance_pence=4100)
    move(following, "ROADS", "-41")
    response = client.post(address())
    assert (response.status_code, opened()["ROADS"]) == (409, 4100)
    page = response.content.decode()
    assert "<title>Error: " in page and "Roads reserve would be overdrawn" in page
    assert "Changes" in page and "<button" in page[page.index("<h1") :]


@pytest.mark.slow
def test_without_a_published_close_it_is_refused_in_plain_words(db, tmp_path, client, lead):
    """Not of the year itself, and not of a year that there is not."""
    load_council(tmp_path)
    roll_year_forward(year=FinancialYear.objects.get(start=2021), by=None)
    for start, before in ((2022, "2021/22"), (2021, "2020/21")):
        words = f"The close of {before} has not been published with reserves. Publish it first"
        assert words in client.get(address(start)).content.decode()
        response = client.post(address(start))
        assert (response.status_code, opened()) == (409, {})
        assert words in response.content.decode()
        assert "<title>Error: " in response.content.decode()
    assert client.get(address(2030)).status_code == 404
    assert client.put(address()).status_code == 405


@pytest.mark.slow
def test_nobody_else_carries_forward(closed, client, person):
    for role in sorted(set(Role.values) - {Role.FINANCE_LEAD}):
        client.force_login(person(role))
        assert client.get(address()).status_code == 403
        assert client.post(address()).status_code == 403
        page = client.get(reverse("reserves", args=[2021, 13])).content.decode()
        assert FORWARD not in page
    assert opened() == {}


@pytest.mark.slow
def test_the_way_there_is_on_the_close_and_on_the_new_years_draft(closed, client, lead):
    assert address() in client.get(reverse("reserves", args=[2021, 13])).content.decode()
    assert FORWARD not in client.get(reverse("reserves", args=[2021, 1])).content.decode()
    bring(FinancialYear.objects.get(start=2022), "position", FILES["periods/01/position.csv"], 1)
    draft = reverse("reserves", args=[2022, 1])
    assert address() in client.get(draft).content.decode()
    assert client.post(address()).url == draft
    for page in (draft, reverse("reserves", args=[2021, 13])):
        assert FORWARD not in client.get(page).content.decode()
