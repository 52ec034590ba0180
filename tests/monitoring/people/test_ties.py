"""Many people and services tied at once; and services that no director looks after."""

import re

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role, User
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.models import TreeRight
from monitoring.people.selectors.service_ties import (
    latest_year,
    services_without_director,
    tied_services,
)
from monitoring.people.selectors.tie_plan import plan_ties
from monitoring.people.services.list_changed import ListChanged
from monitoring.people.services.people import make_person
from monitoring.people.services.ties import store_ties
from monitoring.people.tie_rows import read_ties, write_ties
from tests.monitoring.test_pages import draft

__all__ = ["draft"]

ADDRESS = "/settings/people/services/"


@pytest.fixture
def admin(client, person, somerset):
    user = person(Role.ADMINISTRATOR, username="boss")
    client.force_login(user)
    return user


@pytest.fixture
def jo(admin):
    return make(admin, "jo", Role.DIRECTOR, "ADULT")


@pytest.fixture
def sam(admin):
    return make(admin, "sam", Role.BUDGET_MANAGER, "CHILD-OPS")


def make(admin, username, role, *parts) -> User:
    return make_person(
        username=username,
        name=f"{username.title()} Example",
        email=f"{username}@council.example",
        role=role,
        parts=parts,
        by=admin,
    )


def parts(user) -> list[str]:
    return sorted(user.tree_rights.values_list("service_code", flat=True))


def as_text(*rows: str) -> str:
    return "\n".join(["code\tuser\tact", *(row.replace(" ", "\t") for row in rows)])


def confirm(client, page):
    text = page.content.decode()
    fields = dict(re.findall(r'name="(content|revision)" value="([^"]*)"', text))
    return client.post(ADDRESS, fields | {"confirm": "yes"})


def faults(*rows: str):
    return [
        (fault.row, fault.column, fault.found, fault.message)
        for fault in plan_ties(read_ties(as_text(*rows).encode())).problems
    ]


# By a list


def test_a_list_ties_many_people_to_many_services(client, admin, jo, sam):
    sent = as_text("PUBHEALTH jo", "CHILD-OPS jo@council.example", "PUBHEALTH SAM add", "ADULT jo")
    page = client.post(ADDRESS, {"pasted": sent})
    assert page.status_code == 200
    assert "2 people change" in page.content.decode()
    assert (parts(jo), parts(sam)) == (["ADULT"], ["CHILD-OPS"])
    assert confirm(client, page).url == ADDRESS
    assert parts(jo) == ["ADULT", "CHILD-OPS", "PUBHEALTH"]
    assert parts(sam) == ["CHILD-OPS", "PUBHEALTH"]
    entries = AuditEntry.objects.filter(action="changed a person").order_by("record")
    assert [(entry.record, entry.by, entry.detail) for entry in entries] == [
        (
            "person jo",
            admin,
            {"parts": {"from": ["ADULT"], "to": ["ADULT", "CHILD-OPS", "PUBHEALTH"]}},
        ),
        ("person sam", admin, {"parts": {"from": ["CHILD-OPS"], "to": ["CHILD-OPS", "PUBHEALTH"]}}),
    ]
    again = client.post(ADDRESS, {"pasted": sent})
    assert "Nothing to do" in again.content.decode()
    assert 'name="confirm"' not in again.content.decode()


def test_a_tie_is_moved_from_one_to_the_other_in_one_list(client, admin, jo, sam):
    kim = make(admin, "kim", Role.DIRECTOR, "PUBHEALTH")
    page = client.post(ADDRESS, {"pasted": as_text("ADULT kim add", "PUBHEALTH kim remove")})
    confirm(client, page)
    assert parts(kim) == ["ADULT"]


@pytest.mark.parametrize(
    ("row", "column", "found", "said"),
    [
        ("NOWHERE jo", "code", "NOWHERE", "there is no service with this code"),
        ("ADULT nobody", "user", "nobody", "nobody has this user name or e-mail address"),
        ("ADULT boss", "user", "boss", "is administrator, and is tied to no service"),
        ("ADULT gone", "user", "gone", "this account is closed"),
        ("ADULT two@council.example", "user", "two@council.example", "the address of one and two"),
        ("ADULT jo remove", "user", "jo", "Directors look after a part of the tree"),
        ("ADULT jo perhaps", "act", "perhaps", "add"),
    ],
)
def test_a_row_is_refused_and_nothing_stored(client, admin, jo, person, row, column, found, said):
    person(Role.DIRECTOR, username="gone", is_active=False)
    for username in ("one", "two"):
        person(Role.DIRECTOR, username=username, email="two@council.example")
    [fault] = faults("PUBHEALTH jo" if "remove" not in row else "ADULT jo remove", row)[:1]
    assert fault[1:3] == (column, found)
    assert said in fault[3]
    page = client.post(ADDRESS, {"pasted": as_text("PUBHEALTH one", row)})
    assert page.status_code == 422
    assert 'name="confirm"' not in page.content.decode()
    with pytest.raises(Refused):
        listed = read_ties(as_text("PUBHEALTH one", row).encode())
        store_ties(listed=listed, revision="", by=admin)
    assert TreeRight.objects.count() == 1


def test_two_rows_that_say_the_opposite_are_refused(admin, jo):
    assert faults("PUBHEALTH jo add", "PUBHEALTH jo remove")[0][3].startswith("another row says")


def test_ties_that_changed_meanwhile_are_shown_again(client, admin, jo):
    page = client.post(ADDRESS, {"pasted": as_text("PUBHEALTH jo")})
    TreeRight.objects.create(user=jo, service_code="CHILD-OPS")
    again = confirm(client, page)
    assert again.status_code == 409
    assert "Somebody changed people since" in again.content.decode()
    assert "ADULT, CHILD-OPS" in again.content.decode()
    assert confirm(client, again).status_code == 302
    assert parts(jo) == ["ADULT", "CHILD-OPS", "PUBHEALTH"]
    with pytest.raises(ListChanged):
        store_ties(
            listed=read_ties(as_text("PUBHEALTH jo remove").encode()), revision="x", by=admin
        )


@pytest.mark.parametrize("sent", [{"pasted": ""}, {"pasted": "ADULT\tjo"}, {"confirm": "yes"}])
def test_what_is_no_list_is_refused(client, admin, sent):
    page = client.post(ADDRESS, sent)
    assert page.status_code == 422
    assert "Nothing was changed" in page.content.decode()


# By ticks


def test_services_are_ticked_for_one_person(client, admin, jo):
    ticked = {"from": "ticks", "person": "jo", "act": "add", "services": ["PUBHEALTH", "ADULT"]}
    page = client.post(ADDRESS, ticked)
    assert "1 person changes" in page.content.decode()
    confirm(client, page)
    assert parts(jo) == ["ADULT", "PUBHEALTH"]
    confirm(client, client.post(ADDRESS, ticked | {"act": "remove", "services": ["ADULT"]}))
    assert parts(jo) == ["PUBHEALTH"]
    for wrong in ({"services": []}, {"services": ["NOWHERE"]}, {"person": "boss"}, {"act": ""}):
        assert client.post(ADDRESS, ticked | wrong).status_code == 422


@pytest.mark.parametrize("code", ["00123", "1E5", "2019-01-01", 'A"B', "TRUE"])
def test_every_code_survives_the_way_through_the_preview(code):
    [tie] = read_ties(write_ties([code], "jo", "add")).rows
    assert (tie.code, tie.user, tie.is_added) == (code, "jo", True)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_administrators_tie(client, person, somerset, role):
    client.force_login(person(role))
    assert client.get(ADDRESS).status_code == 403
    assert client.post(ADDRESS, {"pasted": as_text("ADULT jo")}).status_code == 403


# Services without a director


def without(year) -> set[str]:
    return {row.code for row in services_without_director(year)}


def test_a_service_has_a_director_at_it_or_above_it(client, admin, somerset):
    services = {row.code for row in tied_services(somerset) if row.lacks_director}
    assert {"ADULT", "CHILD-OPS", "PUBHEALTH"} <= services
    assert "KEY" not in services, "a group has no commentary of its own"
    make(admin, "jo", Role.DIRECTOR, "ADULT")
    make(admin, "sam", Role.BUDGET_MANAGER, "PUBHEALTH")
    assert without(somerset) == services - {"ADULT"}
    above = make(admin, "kim", Role.DIRECTOR, "KEY")
    key = {"ADULT", "CHILD-OPS", "CHILD-COM", "PUBHEALTH", "ECI"}
    assert without(somerset) == services - key
    [public_health] = [row for row in tied_services(somerset) if row.code == "PUBHEALTH"]
    assert public_health.from_above == ("Kim Example",)
    assert public_health.managers == ("Sam Example",)
    User.objects.filter(pk=above.pk).update(is_active=False)
    assert without(somerset) == services - {"ADULT"}


def test_the_administrator_is_told_on_people_and_on_the_first_page(client, admin, person):
    year = latest_year()
    for address in (reverse("people"), reverse("home")):
        page = client.get(address).content.decode()
        assert f"{len(without(year))} services without a director" in page
        assert reverse("people-services") in page
    make(admin, "kim", Role.DIRECTOR, *(row.code for row in tied_services(year) if not row.level))
    for address in (reverse("people"), reverse("home")):
        assert "without a director" not in client.get(address).content.decode()
    TreeRight.objects.all().delete()
    client.force_login(person(Role.FINANCE_LEAD))
    assert "without a director" not in client.get(reverse("home")).content.decode()


def test_the_month_says_which_commentary_nobody_can_sign_off(client, admin, person, draft):
    address = reverse("month", args=[2019, 4])
    page = client.get(address).content.decode()
    [count] = re.findall(r"Commentary of (\d+) services? cannot be signed off", page)
    assert int(count) > 1
    assert reverse("people-services") in page
    client.force_login(person(Role.FINANCE_LEAD))
    page = client.get(address).content.decode()
    assert "Ask your administrator of Budget monitor to tie one to each" in page
    make(admin, "kim", Role.DIRECTOR, "SCC")
    assert "cannot be signed off" not in client.get(address).content.decode()
