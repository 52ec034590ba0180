"""The set-up: its steps for each role, left and taken up again, and what is wrong in each."""

import datetime

import pytest
from django.test import Client
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from monitoring.identity.services import save_council
from monitoring.models import Council, FinancialYear, Period, SetUpMark
from monitoring.set_up.forms import YearForm
from tests.councils.packs import bring, position, publish
from tests.monitoring.set_up.conftest import (
    COUNCIL,
    LIST,
    NAMED,
    PREVIEW,
    SERVICES,
    YEAR,
    act,
    log_in,
    next_of,
    states,
    text_of,
    this_year,
)

OTHERS = sorted(set(Role) - {Role.ADMINISTRATOR, Role.FINANCE_LEAD, Role.NO_ROLE})
FIGURES = position("CARE C1 100 100 110\nHOMES H1 50 50 50\nROADS R1 70 70 60")


# The steps


def test_the_first_page_of_an_empty_site_is_the_set_up(client, admin):
    assert client.get("/").url == "/set-up/"
    page = client.get("/set-up/")
    assert next_of(page) == [COUNCIL]
    assert "0 of 7 steps done" in text_of(page)
    assert "manage.py" not in page.content.decode()
    assert states(admin) == "twwwtww"
    assert "1 administrator. To be added: a finance lead and a finance officer." in text_of(page)


@pytest.mark.parametrize("role", OTHERS)
def test_others_are_told_that_the_council_is_being_set_up(person, empty, role):
    client = log_in(person, role)
    page = text_of(client.get("/"))
    assert "The council is being set up" in page and "manage.py" not in page
    for address in (COUNCIL, YEAR, SERVICES, PREVIEW, "/set-up/settings/"):
        assert client.get(address).status_code == 403
        assert client.post(address, NAMED).status_code == 403
    reads = role == Role.FINANCE_OFFICER
    assert client.get("/set-up/").status_code == (200 if reads else 403)
    assert client.post("/set-up/dismiss/").status_code == 403
    assert not Council.objects.exists() and not SetUpMark.objects.exists()


@pytest.mark.slow
def test_every_step_is_left_and_taken_up_again(client, admin, person):
    """After each step a new browser shows what is done, and goes on with the next."""
    for address, fields, state, following in (
        (COUNCIL, NAMED, "dtwwtww", YEAR),
        (YEAR, {"start": this_year()}, "ddtttww", SERVICES),
        (SERVICES, {"act": "paste", "text": LIST}, "dduttww", SERVICES),
        (PREVIEW, {"act": "store", "revision": "1"}, "dddtttt", "/set-up/settings/"),
        ("/set-up/settings/", {}, "ddddttt", "/settings/people/"),
    ):
        assert client.post(address, fields).status_code == 302, address
        client = Client()
        client.force_login(admin)
        assert client.get("/").url == "/set-up/"
        assert (states(admin), next_of(client.get("/set-up/"))) == (state, [following])
    lead, officer = (person(role) for role in (Role.FINANCE_LEAD, Role.FINANCE_OFFICER))
    assert states(admin) == "dddddtt"
    page = text_of(client.get("/set-up/"))
    assert "Next: approved budget" in page and "A finance officer or lead does this" in page
    year = FinancialYear.objects.get()
    for user in (lead, officer):
        client.force_login(user)
        home = client.get("/").content.decode()
        assert f'href="/{year.slug}/0/upload/?kind=position"' in home
        assert "5 of 7 steps done" in home
    bring(year, "position", FIGURES, 0)
    assert next_of(client.get("/set-up/")) == ["/set-up/first-month/"]
    assert f"/{year.slug}/4/upload/" in client.get("/set-up/first-month/").content.decode()
    bring(year, "position", FIGURES, 4)
    assert states(admin) == "ddddddd"
    client.force_login(admin)
    assert client.get("/").status_code == 200
    assert "Everything is set up" in text_of(client.get("/set-up/"))
    publish(year, 4)
    assert client.get("/").status_code == 200


def test_people_without_a_role_are_counted_apart_and_take_no_part(client, admin, person):
    other = log_in(person, Role.NO_ROLE)
    assert "1 administrator, 1 without a role. To be added" in text_of(client.get("/set-up/"))
    for address in ("/set-up/", COUNCIL, YEAR, SERVICES, "/settings/council/"):
        assert other.get(address).status_code == 403


def test_a_lead_sets_years_up_and_adds_nobody(person, empty):
    client = log_in(person, Role.FINANCE_LEAD)
    assert client.get("/").url == "/set-up/"
    client.post(COUNCIL, NAMED)
    client.post(YEAR, {"start": this_year()})
    assert client.get("/").url == "/set-up/"
    client.post(SERVICES, {"act": "paste", "text": LIST})
    act(client, "store")
    client.post("/set-up/settings/")
    page = client.get("/set-up/")
    assert "/settings/people/" not in page.content.decode()
    assert "To be added: a finance officer. An administrator does this." in text_of(page)
    assert client.get("/").status_code == 200


def test_the_set_up_can_be_dismissed_and_shown_again(client, stored, admin):
    assert client.post("/set-up/dismiss/").url == "/"
    assert client.get("/").status_code == 200
    assert "The set-up is not shown first" in text_of(client.get("/set-up/"))
    client.post("/set-up/dismiss/", {"show": "again"})
    assert client.get("/").url == "/set-up/"
    entries = AuditEntry.objects.filter(record="set-up").order_by("pk")
    assert [(each.action, each.by) for each in entries] == [
        ("dismissed the set-up", admin),
        ("took the set-up up again", admin),
    ]


def test_a_council_that_publishes_is_set_up(client, person, somerset):
    client.force_login(person(Role.ADMINISTRATOR))
    assert client.get("/").status_code == 200


# The first year


def test_the_first_year_bears_the_councils_name(client, year):
    assert (year.council, year.settings) == ("Wharfedale Council", {})
    assert Period.objects.filter(year=year).count() == 14
    entry = AuditEntry.objects.filter(record=f"year {year.label}").latest("pk")
    assert (entry.action, entry.by.username) == ("set up", "alex")


@pytest.mark.parametrize(
    ("today", "current"), [((2026, 3, 31), 2025), ((2026, 4, 1), 2026), ((2026, 12, 1), 2026)]
)
def test_the_year_under_way_is_chosen_already(today, current):
    form = YearForm(today=datetime.date(*today))
    assert form.initial["start"] == current
    assert form.fields["start"].choices[0] == (
        str(current + 1),
        f"{current + 1}/{current % 100 + 2}",
    )


def test_there_is_one_first_year_and_none_before_the_name(client, admin):
    assert client.post(YEAR, {"start": this_year()}).status_code == 409
    client.post(COUNCIL, NAMED)
    for wrong in ("", "1066", "x", this_year() + 2):
        assert client.post(YEAR, {"start": wrong}).status_code == 422
    assert not FinancialYear.objects.exists()
    client.post(YEAR, {"start": this_year()})
    response = client.post(YEAR, {"start": this_year() - 1})
    assert response.status_code == 409
    assert "has been set up already" in text_of(response)
    assert FinancialYear.objects.count() == 1


def test_steps_that_need_a_year_are_not_there_before(client, named):
    for address in (SERVICES, PREVIEW, "/set-up/settings/"):
        assert client.get(address).status_code == 404


def test_nothing_of_the_set_up_is_seen_in_a_years_report_settings(client, stored, admin):
    client.post("/set-up/settings/")
    assert SetUpMark.objects.get().by == admin
    client.post("/set-up/settings/")
    assert AuditEntry.objects.filter(record="set-up").count() == 1


def test_the_next_year_has_the_name_of_today(client, stored, admin):
    save_council(name="New Name", short_name="", accent="", logo=None, revision=1, by=admin)
    stored.refresh_from_db()
    assert stored.council == "New Name"
    client.post(reverse("year-roll-forward", args=[stored.start]))
    assert FinancialYear.objects.get(start=stored.start + 1).council == "New Name"
