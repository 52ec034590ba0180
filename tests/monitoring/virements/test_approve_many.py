"""Approving many virements at once: all or none, each by the rules for one."""

import re

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from monitoring.models import FinancialYear, TreeRight, Virement
from tests.councils.packs import facts_of
from tests.councils.virements import (
    CONTINGENCY,
    PAY,
    PLACEMENTS,
    TRANSPORT,
    enter,
    leg,
    load_council,
)

pytestmark = pytest.mark.slow

PAGE = reverse("virements-approve", args=[2021, 3])


@pytest.fixture
def council(db, tmp_path) -> FinancialYear:
    return load_council(tmp_path)


@pytest.fixture
def officer(person):
    return person(Role.FINANCE_OFFICER, first_name="Olive", last_name="Officer")


@pytest.fixture
def three(council, officer):
    """V001 (Somerset's transfer), V002 and V003, each of £30,000 between the same lines."""
    enter(council, officer, leg(council, CONTINGENCY, TRANSPORT, "498000"))
    for reference in ("V002", "V003"):
        enter(council, officer, leg(council, PAY, PLACEMENTS, "30000"), reference=reference)


def form(page: str, *ticked: str) -> dict:
    """What the page sends with these virements ticked."""
    data = dict(re.findall(r'name="(seen-\d+)" value="(\w+)"', page))
    boxes = {
        name: pk
        for pk, name in re.findall(
            r'value="(\d+)" id="approve-[^>]*>\s*<label[^>]*>Approve (\w+)', page
        )
    }
    return data | {"approve": [boxes[each] for each in ticked], "approved_by": "Cabinet"}


def approved() -> list[str]:
    found = Virement.objects.filter(year__start=2021, approved_on__isnull=False).order_by(
        "reference"
    )
    return list(found.values_list("reference", flat=True))


def test_a_lead_approves_many_with_legs_amounts_and_effects_shown(client, council, three, person):
    client.force_login(lead := person(Role.FINANCE_LEAD))
    page = client.get(PAGE).content.decode()
    assert "3 virements up to month 3 await approval." in page
    assert "from 0.557 to 0.059" in page, "the effect of Somerset's transfer"
    assert "checked" not in page
    assert client.get(f"{PAGE}?tick=all").content.decode().count(" checked") == 3
    revision = FinancialYear.objects.get(pk=council.pk).revision
    sent = form(page, "V001", "V003")
    assert client.post(PAGE, sent).url == reverse("virements", args=[2021, 3])
    assert approved() == ["V001", "V003"]
    assert FinancialYear.objects.get(pk=council.pk).revision == revision + 1
    entries = AuditEntry.objects.filter(action="approved", by=lead).order_by("record")
    assert [each.detail["approved_by"] for each in entries] == ["Cabinet", "Cabinet"]
    assert {each.key: each for each in facts_of(council, 3).nodes}[
        "CHILD-COM"
    ].previous_net_variance == 5_900_000
    assert client.post(PAGE, sent).status_code == 302, "a double click approves once"
    assert entries.count() == 2


def test_one_fault_approves_none_and_is_named(client, council, three, person):
    client.force_login(person(Role.FINANCE_LEAD))
    page = client.get(PAGE).content.decode()
    Virement.objects.filter(year__start=2021, reference="V002").update(amount_pence=1)
    answer = client.post(PAGE, form(page, "V001", "V002"))
    assert answer.status_code == 409
    assert "V002: It changed while you were reading." in answer.content.decode()
    assert "Tick the virements" in client.post(PAGE, form(page)).content.decode()
    blank = client.post(PAGE, form(page, "V001") | {"approved_by": ""})
    assert blank.status_code == 422
    assert approved() == []


def test_limits_hold_for_each_and_for_all_between_the_same_lines(client, council, three, person):
    client.force_login(person(Role.FINANCE_OFFICER, username="another"))
    page = client.get(PAGE).content.decode()
    assert "your role approves virements up to £50,000" in page
    with pytest.raises(KeyError):
        form(page, "V001")
    answer = client.post(PAGE, form(page, "V002", "V003"))
    assert "V002 and V003 move budget between the same lines." in answer.content.decode()
    assert approved() == []
    first = Virement.objects.get(year__start=2021, reference="V001").pk
    forced = form(page, "V002") | {"approve": [first]}
    assert "V001" in client.post(PAGE, forced).content.decode()
    assert approved() == []
    client.post(PAGE, form(page, "V002"))
    assert approved() == ["V002"]


def test_nobody_approves_their_own_or_outside_their_part(client, council, three, officer, person):
    client.force_login(officer)
    page = client.get(PAGE).content.decode()
    assert page.count("You entered this virement, so somebody else approves it.") >= 1
    assert 'name="approve"' not in page
    own = {
        "approve": [Virement.objects.get(year__start=2021, reference="V002").pk],
        "approved_by": "Me",
    }
    assert client.post(PAGE, own).status_code == 409
    director = person(Role.DIRECTOR)
    TreeRight.objects.create(user=director, service_code="CHILD-COM")
    client.force_login(director)
    assert client.post(PAGE, own).status_code in (403, 409)
    for role in (Role.ADMINISTRATOR, Role.BUDGET_MANAGER, Role.SCRUTINY_MEMBER):
        client.force_login(person(role))
        assert client.get(PAGE).status_code == 403
        assert client.post(PAGE, own).status_code == 403
    assert approved() == []
