"""Reserves, capital receipts projects and their forecasts, entered in the browser from nothing."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.reports.selectors.statements import statement
from reserves.models import CapitalReceiptsForecast, CapitalReceiptsProject, Reserve
from reserves.register_services import enter_receipts_forecasts
from tests.councils.month import small_council
from tests.councils.packs import facts_of, period_of

pytestmark = pytest.mark.slow

EMPTY = 3
RESERVE = {
    "name": "Winter maintenance",
    "code": "WINTER",
    "kind": "earmarked",
    "opening": "£0.5m",
    "service": "ROADS",
}
PROJECT = {"project": "Digital records", "reference": "CR1", "service": "HOME", "planned": "300k"}


@pytest.fixture
def year(db, tmp_path):
    return small_council(tmp_path)


@pytest.fixture
def officer(client, person) -> Client:
    client.force_login(person(Role.FINANCE_OFFICER))
    return client


def send(client, name: str, data: dict, *args):
    return client.post(reverse(name, args=args), data)


def test_a_reserve_and_its_movement_are_entered_in_a_month_without_figures(year, officer):
    empty = officer.get(reverse("reserves", args=[2021, EMPTY])).content.decode()
    assert "No reserves yet" in empty and reverse("reserve-new", args=[2021]) in empty
    answer = send(officer, "reserve-new", RESERVE, 2021)
    assert answer.url == reverse("reserve", args=[2021, "WINTER"])
    stored = Reserve.objects.get(year=year)
    assert (stored.opening_balance_pence, stored.service.code) == (50_000_000, "ROADS")
    act = AuditEntry.objects.get(action="added a reserve")
    assert (act.record, act.by_name) == ("reserve 2021/22 WINTER", "finance_officer")
    movement = {
        **{"action": "move", "way": "out", "amount": "20,000", "kind": "anticipated"},
        **{"period": EMPTY, "description": "Salt", "approved_by": "Cabinet, 1 June 2021"},
    }
    assert send(officer, "reserve", movement, 2021, "WINTER").status_code == 302
    page = officer.get(reverse("reserve", args=[2021, "WINTER"])).content.decode()
    assert "Planned for later reports" in page and "(20,000)" in page
    listed = officer.get(reverse("reserves", args=[2021, EMPTY])).content.decode()
    assert "Winter maintenance" in listed and "£500,000" in listed
    schedule = statement(facts_of(year, 2), "reserves-schedule")
    assert schedule.row("WINTER").cells["opening"].pence == 50_000_000


@pytest.mark.parametrize(
    ("name", "data", "status", "words"),
    [
        ("reserve-new", RESERVE | {"code": ""}, 422, "Give the reserve a code."),
        ("reserve-new", RESERVE | {"opening": "some"}, 422, "cannot be read"),
        ("reserve-new", RESERVE | {"kind": "golden"}, 422, "golden"),
        ("reserve-new", RESERVE | {"code": "group:x"}, 409, "Statements call a row"),
        ("reserve-new", RESERVE, 409, "WINTER is the code of Winter maintenance already."),
        ("receipts-new", PROJECT | {"planned": "-1"}, 422, "as a positive amount"),
        ("receipts-new", PROJECT | {"service": ""}, 422, "Choose the service"),
        ("receipts-new", PROJECT, 409, "CR1 is the reference of Digital records already."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(year, officer, name, data, status, words):
    assert send(officer, "reserve-new", RESERVE, 2021).status_code == 302
    assert send(officer, "receipts-new", PROJECT, 2021).status_code == 302
    answer = send(officer, name, data, 2021)
    assert answer.status_code == status and words in answer.content.decode()
    assert (Reserve.objects.filter(year=year).count(), _projects(year)) == (1, ["CR1"])


def _projects(year) -> list[str]:
    found = CapitalReceiptsProject.objects.filter(year=year)
    return list(found.values_list("reference", flat=True))


def test_a_project_and_its_forecasts_are_entered_and_reach_the_statement(year, officer):
    assert send(officer, "receipts-new", PROJECT, 2021).url == (
        reverse("capital-receipts", args=[2021, 2])
    )
    name = f"forecast-{CapitalReceiptsProject.objects.get(year=year).pk}"
    for number in (2, EMPTY):
        page = officer.get(reverse("capital-receipts", args=[2021, number])).content.decode()
        assert f'name="{name}"' in page
        sent = {name: "280,000", f"seen-{name}": ""}
        assert send(officer, "receipts-forecasts", sent, 2021, number).status_code == 302
    receipts = statement(facts_of(year, 2), "capital-receipts")
    cells = receipts.row("CR1").cells
    assert cells["forecast"].pence == 28_000_000 and cells["original_planned"].pence == 30_000_000
    # Who typed over a colleague's figure is told, and nothing is stored.
    clash = send(officer, "receipts-forecasts", {name: "1", f"seen-{name}": ""}, 2021, 2)
    assert clash.status_code == 409 and "changed Digital records to £280,000" in (
        clash.content.decode()
    )
    bad = send(officer, "receipts-forecasts", {name: "x", f"seen-{name}": "280000"}, 2021, 2)
    assert bad.status_code == 422
    blank = {name: "", f"seen-{name}": "280000.00"}
    assert send(officer, "receipts-forecasts", blank, 2021, EMPTY).status_code == 302
    kept = CapitalReceiptsForecast.objects.values_list("period__number", "forecast_pence")
    assert list(kept.filter(project__year=year)) == [(2, 28_000_000)]
    assert AuditEntry.objects.filter(action="entered a forecast").count() == 3
    with pytest.raises(Refused, match="published"):
        enter_receipts_forecasts(
            period=period_of(year, 1), forecasts={"CR1": 1}, seen={"CR1": None}, by=None
        )


def test_who_may_not_enter_them_cannot(year, person, client):
    for role in (Role.ADMINISTRATOR, Role.DIRECTOR, Role.SCRUTINY_MEMBER):
        client.force_login(person(role))
        page = client.get(reverse("reserves", args=[2021, EMPTY])).content.decode()
        assert reverse("reserve-new", args=[2021]) not in page
        assert send(client, "reserve-new", RESERVE, 2021).status_code == 403
        assert send(client, "receipts-new", PROJECT, 2021).status_code == 403
        assert send(client, "receipts-forecasts", {}, 2021, 2).status_code == 403
    year.archived_at = timezone.now()
    year.save()
    client.force_login(person(Role.FINANCE_LEAD))
    assert send(client, "reserve-new", RESERVE, 2021).status_code == 409
    assert send(client, "receipts-new", PROJECT, 2021).status_code == 409
    assert not Reserve.objects.filter(year=year).exists()
    bring_nothing = reverse("reserves", args=[2021, EMPTY])
    assert reverse("reserve-new", args=[2021]) not in client.get(bring_nothing).content.decode()
