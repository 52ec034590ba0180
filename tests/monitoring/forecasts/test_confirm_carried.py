"""Confirming the carried forecasts of many services at once."""

import re

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from monitoring.models import BudgetLine, ForecastEntry
from tests.councils.month import service, small_council, tie

PAGE = reverse("forecasts-confirm", args=[2021, 2])


@pytest.fixture
def year(db, tmp_path):
    return small_council(tmp_path)


def form(page: str) -> dict:
    """What the page sends, with every service that is ticked."""
    data = dict(re.findall(r'name="(seen-\d+)" value="(\w+)"', page))
    return data | {"service": re.findall(r'name="service" value="(\d+)"[^>]*checked', page)}


def typed() -> dict[str, int]:
    return {
        entry.line.cost_centre: entry.forecast_pence
        for entry in ForecastEntry.objects.select_related("line")
    }


def test_what_is_carried_is_listed_with_its_amounts_and_confirmed_together(client, year, person):
    client.force_login(manager := tie(person(Role.BUDGET_MANAGER), "CARE", "ROADS"))
    page = client.get(PAGE).content.decode()
    data = form(page)
    listed = {service(year, code).pk for code in ("HOME",)}
    assert {int(pk) for pk in data["service"]} == listed, "only Home care has carried lines"
    assert "£1,100" in page
    answer = client.post(PAGE, data, follow=True)
    assert "1 figure confirmed." in answer.content.decode()
    assert typed() == {"H1": 110_000}
    entry = AuditEntry.objects.get(action="entered forecasts", by=manager)
    assert entry.record == "forecasts 2021/22 period 2 HOME"
    assert "Nothing is carried forward" in client.get(PAGE).content.decode()
    assert client.post(PAGE, data).status_code == 409, "confirmed once"


def test_what_changed_meanwhile_or_is_not_ones_own_is_not_confirmed(client, year, person):
    client.force_login(tie(person(Role.BUDGET_MANAGER), "CARE"))
    data = form(client.get(PAGE).content.decode())
    home = service(year, "HOME").pk
    other = data | {f"seen-{home}": "other"}
    answer = client.post(PAGE, other)
    assert answer.status_code == 409
    assert "figures changed after you opened the page, of Home care" in answer.content.decode()
    assert "Tick the services" in client.post(PAGE, data | {"service": []}).content.decode()
    roads = service(year, "ROADS").pk
    assert client.post(PAGE, data | {"service": [roads]}).status_code == 403
    for role in (Role.DIRECTOR, Role.SCRUTINY_MEMBER, Role.ADMINISTRATOR):
        client.force_login(tie(person(role), "TOP"))
        assert client.get(PAGE).status_code == 403
        assert client.post(PAGE, data).status_code == 403
    assert typed() == {}


def test_an_exempt_line_stays_carried_for_those_who_may_not_see_it(client, year, person):
    BudgetLine.objects.filter(year=year, cost_centre="H1").update(exempt=True)
    client.force_login(tie(person(Role.BUDGET_MANAGER), "CARE"))
    assert "Nothing is carried forward" in client.get(PAGE).content.decode()
