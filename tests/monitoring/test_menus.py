"""The menus: no item leads to a missing page, and each page marks where one is."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from council_finance.accounts.models import Role
from council_finance.registry import Menu, menu_items
from monitoring.models import FinancialYear
from tests.councils.month import MONTH_2, SERVICES, small_council, tie
from tests.councils.packs import bring, position

PUBLISHED, DRAFT, EMPTY = 1, 2, 3
_NAV = re.compile(r'<nav [^>]*aria-label="([^"]*)"[^>]*>(.*?)</nav>', re.DOTALL)
_LINK = re.compile(r'<a [^>]*href="(/[^"#]*)"')
_OF_THE_SITE = (Menu.SITE, Menu.SETTINGS)
_ROLES = [role for role in Role.values if role != "no_role"]


@pytest.fixture
def year(db, tmp_path) -> FinancialYear:
    return small_council(tmp_path / "pack")


def log_in(person, role: str) -> tuple:
    user = person(role, username=f"menus-{role}")
    if role in (Role.DIRECTOR, Role.BUDGET_MANAGER):
        tie(user, "CARE")
    client = Client()
    client.force_login(user)
    return user, client


def check_menus(user, client, year, number: int) -> set[str]:
    """Open every item of the menus of a period; return the links of all menus on those pages."""
    links = set()
    for menu in (Menu.PERIOD, Menu.BALANCES):
        for item in menu_items(menu, user):
            address = reverse(item.name, args=[year.start, number])
            answer = client.get(address)
            assert answer.status_code == 200, address
            navs = dict(_NAV.findall(answer.content.decode()))
            marked = [label for label, nav in navs.items() if nav.count("aria-current") == 1]
            assert {"Main", "This period"} <= set(marked), address
            if menu == Menu.BALANCES:
                assert "Reserves and debt" in marked, address
            links |= {
                link.replace("&amp;", "&") for nav in navs.values() for link in _LINK.findall(nav)
            }
    return links


def test_a_director_reads_a_plain_page_where_no_report_is_published(year, person):
    user, client = log_in(person, Role.DIRECTOR)
    check_menus(user, client, year, EMPTY)
    page = client.get(f"/{year.slug}/{DRAFT}/").content.decode()
    assert "No report for month 2 yet" in page
    assert reverse("month", args=[year.start, DRAFT]) in page
    # The page does not tell a draft from a month without figures.
    empty = client.get(f"/{year.slug}/{EMPTY}/").content.decode()
    assert "No report for month 3 yet" in empty


def test_who_uploads_is_told_what_is_missing_and_where_to_bring_it(year, person, settings):
    user, client = log_in(person, Role.FINANCE_OFFICER)
    check_menus(user, client, year, EMPTY)
    upload = reverse("upload-for-period", args=[year.start, EMPTY])
    for name in ("overview", "report", "reserves", "contingency", "commentary"):
        page = client.get(reverse(name, args=[year.start, EMPTY])).content.decode()
        assert "No figures for month 3 yet" in page
        assert f"{upload}?kind=position" in page
    year.archived_at = timezone.now()
    year.save()
    page = client.get(f"/{year.slug}/{EMPTY}/").content.decode()
    assert "No figures for month 3 yet" in page and upload not in page
    # Strangers, versions and files answer as before.
    settings.PUBLIC_REPORTS = True
    assert Client().get(f"/reports/{year.slug}/{EMPTY}/").status_code == 404
    assert client.get(f"/{year.slug}/{EMPTY}/?version=1").status_code == 404
    assert client.get(f"/reports/{year.slug}/{EMPTY}/annex-a.csv").status_code == 404


def test_a_service_is_offered_in_the_periods_that_have_a_row_of_it(year, person):
    """Month 2 has a service that month 1 lacks: no link leads to where it is missing."""
    bring(year, "services", f"{SERVICES}NEW,New care,CARE,3,\n")
    bring(year, "position", position(f"{MONTH_2}NEW N1 10 10 10\n"), DRAFT)
    _, client = log_in(person, Role.FINANCE_OFFICER)
    for code, offered in (("NEW", []), ("HOME", [f"/{year.slug}/1/services/HOME/"])):
        page = client.get(f"/{year.slug}/{DRAFT}/services/{code}/").content.decode()
        assert _LINK.findall(dict(_NAV.findall(page)).get("Period", "")) == offered
        assert [client.get(link).status_code for link in offered] == [200] * len(offered)


@pytest.mark.slow
@pytest.mark.parametrize("role", _ROLES)
def test_every_item_of_every_menu_opens_in_every_state_of_a_month(role, year, person):
    user, client = log_in(person, role)
    links = {reverse(each.name) for menu in _OF_THE_SITE for each in menu_items(menu, user)}
    for number in (PUBLISHED, DRAFT, EMPTY):
        links |= check_menus(user, client, year, number)
    year.archived_at = timezone.now()
    year.save()
    links |= check_menus(user, client, year, EMPTY)
    assert [link for link in sorted(links) if client.get(link).status_code != 200] == []
