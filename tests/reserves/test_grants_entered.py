"""Grants on pages and entered in the browser: who may, what is refused, and the next year."""

import datetime

import pytest
from django.urls import reverse

from council_finance import registry
from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.models import TreeRight
from monitoring.restructuring.services.years import roll_year_forward
from reserves.grants.overview import GrantsOverview, position_rows, summary_sentence
from reserves.grants.panels import grants_of_service
from reserves.grants.selectors import conditions_digest, position_digest, position_of
from reserves.grants.services import (
    GrantConditions,
    PositionDetails,
    carry_grants_forward,
    change_conditions,
    enter_position,
)
from reserves.models import Grant, GrantPosition
from tests.councils.grants import COLUMNS, MONTH_1, load_council
from tests.councils.packs import bring, facts_of, period_of, publish

ENTERED = {
    "received": "60",
    "applied": "£70",
    "repaid": "",
    "other_movements": "-1",
    "expected": "",
}


@pytest.fixture
def council(db, tmp_path):
    return load_council(tmp_path)


@pytest.fixture
def manager(person):
    """Someone who looks after the roads alone."""
    user = person(Role.BUDGET_MANAGER)
    TreeRight.objects.create(user=user, service_code="ROAD")
    return user


def address(council, name: str, *more) -> str:
    return reverse(name, args=[council.start, *more])


def seen(council, reference="A") -> str:
    grant = Grant.objects.get(year=council, reference=reference)
    return position_digest(position_of(grant, period_of(council, 1)))


def test_a_manager_enters_the_grants_of_their_own_services_alone(client, council, manager):
    client.force_login(manager)
    page = client.get(address(council, "grants-entry", 1)).content.decode()
    assert "Roads grant" in page and "Land receipts" in page
    assert "Shared grant" not in page and "Whole council" not in page
    for reference in ("B", "C", "E"):
        assert client.get(address(council, "grant-position", 1, reference)).status_code == 403
    place = address(council, "grant-position", 1, "A")
    assert 'value="75.00"' in client.get(place).content.decode()
    sent = ENTERED | {"commentary": "Claimed", "seen": seen(council)}
    assert client.post(place, sent).url == address(council, "grants-entry", 1)
    stored = GrantPosition.objects.get(grant__reference="A")
    assert (stored.received_pence, stored.applied_pence, stored.repaid_pence) == (6000, 7000, None)
    assert (stored.other_movements_pence, stored.commentary) == (-100, "Claimed")
    entry = AuditEntry.objects.order_by("pk").last()
    assert (entry.by, entry.record) == (manager, "grant 2021/22 A")
    assert entry.detail["applied_pence"] == {"from": 7500, "to": 7000}


@pytest.mark.parametrize(
    ("role", "reads", "enters", "conditions"),
    [
        (Role.FINANCE_OFFICER, 200, 302, 302),
        (Role.FINANCE_LEAD, 200, 302, 302),
        (Role.ADMINISTRATOR, 200, 403, 403),
        (Role.BUDGET_MANAGER, 404, 403, 404),
        (Role.DIRECTOR, 404, 403, 404),
        (Role.SCRUTINY_MEMBER, 404, 403, 404),
    ],
)
def test_each_role_reads_and_writes_what_it_may(
    client, council, person, role, reads, enters, conditions
):
    client.force_login(person(role))
    assert client.get(address(council, "grant", "A")).status_code == reads
    before = list(GrantPosition.objects.values())
    answer = client.post(
        address(council, "grant-position", 1, "A"), ENTERED | {"seen": seen(council)}
    )
    assert answer.status_code == enters
    assert (before == list(GrantPosition.objects.values())) == (enters != 302)
    grant = Grant.objects.get(reference="A")
    sent = {"ring_fenced": "no", "end_date": "2022-03-31", "repay_unspent": "yes"}
    sent["seen"] = conditions_digest(grant)
    assert client.post(address(council, "grant", "A"), sent).status_code == conditions
    grant.refresh_from_db()
    assert (grant.end_date == datetime.date(2022, 3, 31)) == (conditions == 302)


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"received": "-5"}, "Give a positive amount."),
        ({"applied": "much"}, "“much” cannot be read"),
        ({"commentary": "x" * 10_001}, "Shorten the text to 10,000 characters"),
    ],
)
def test_a_wrong_position_is_refused_with_what_to_do(client, council, person, sent, sentence):
    client.force_login(person(Role.FINANCE_OFFICER))
    before = list(GrantPosition.objects.values())
    place = address(council, "grant-position", 1, "A")
    answer = client.post(place, ENTERED | {"seen": seen(council)} | sent)
    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert list(GrantPosition.objects.values()) == before


def test_what_a_colleague_stored_meanwhile_is_shown_and_kept(client, council, person):
    client.force_login(person(Role.FINANCE_OFFICER))
    place, was = address(council, "grant-position", 1, "A"), seen(council)
    bring(council, "grants", "reference,received,applied\nA,61,62\n", 1)
    answer = client.post(place, ENTERED | {"seen": was})
    page = answer.content.decode()
    assert answer.status_code == 409 and "Received 61.00; applied 62.00" in page
    assert 'value="£70"' in page and f'value="{seen(council)}"' in page
    assert GrantPosition.objects.get(grant__reference="A").applied_pence == 6200
    assert client.post(place, ENTERED | {"seen": seen(council)}).status_code == 302
    # A second time nothing changes, and nothing is written to the trail.
    entries = AuditEntry.objects.count()
    assert client.post(place, ENTERED | {"seen": "stale"}).status_code == 302
    assert AuditEntry.objects.count() == entries


def test_a_blank_position_is_taken_back_and_a_published_one_stays(council, client, person):
    grant, by = Grant.objects.get(reference="A"), person(Role.FINANCE_OFFICER)
    blank = PositionDetails(None, None, None, None, None, "")
    period = period_of(council, 1)
    enter_position(period=period, grant=grant, details=blank, seen=seen(council), by=by)
    assert not GrantPosition.objects.filter(grant=grant).exists()
    publish(council, 1)
    with pytest.raises(Refused, match="published"):
        enter_position(period=period, grant=grant, details=blank, seen=seen(council), by=by)
    client.force_login(by)
    assert client.get(address(council, "grant-position", 1, "A")).url == address(
        council, "grants", 1
    )


def test_conditions_changed_by_two_people_are_not_lost(council, person):
    grant, by = Grant.objects.get(reference="A"), person(Role.FINANCE_OFFICER)
    was = conditions_digest(grant)
    given = GrantConditions("Potholes", True, datetime.date(2022, 3, 31), True)
    assert change_conditions(grant=grant, conditions=given, seen=was, by=by)
    assert not change_conditions(grant=grant, conditions=given, seen=was, by=by)
    other = GrantConditions("Bridges", True, None, None)
    with pytest.raises(Refused, match="Somebody else"):
        change_conditions(grant=grant, conditions=other, seen=was, by=by)
    entry = AuditEntry.objects.order_by("pk").last()
    assert entry.detail["end_date"] == {"from": None, "to": "2022-03-31"}


CONDITIONS = (
    COLUMNS.replace("ring_fenced,", "ring_fenced,end_date,repay_unspent,")
    + "A,Roads grant,DfT,Main,ROAD,60,,yes,2022-03-31,yes,10\n"
    + "B,Shared grant,DfE,Main,PARK,10,,no,2022-04-01,no,5\n"
    + "B,Shared grant,,,CARE,20,,,,,\n"
)


def test_the_page_says_what_ends_and_what_has_to_be_given_back(client, council, person):
    bring(council, "grants", CONDITIONS)
    found = GrantsOverview(facts_of(council, 1))
    assert summary_sentence(found) == (
        "Revenue grants of £151 are expected in 2021/22; £60 of them ends by 31 March 2022; "
        "£7 more has been applied than grants hold."
    )
    net = found.facts.top.net_variance
    assert found.without_one_off_money == net + 6000
    assert [text for _, text in position_rows(found)] == ["110", "60", "170"]
    bring(council, "grants", "reference,received,applied\nA,60,40\nB,30,30\n", 1)
    found = GrantsOverview(facts_of(council, 1))
    assert "£30 is to be given back" in summary_sentence(found)
    client.force_login(person(Role.FINANCE_OFFICER))
    page = " ".join(client.get(address(council, "grants", 1)).content.decode().split())
    assert '<th scope="row">To be given back</th><td class="numeric figure">1</td>' in page
    assert '<th scope="row">Free to be spent</th><td class="numeric figure">1</td>' in page
    assert "50.0%" in page, "of the roads grant's 60, 30 are carried forward"
    assert "1 April 2022" in page


def test_panels_search_document_and_month_show_grants(client, council, person, manager):
    facts = facts_of(council, 1)
    node = next(each for each in facts.nodes if each.key == "PLACE")
    rows = {grant.reference: texts for grant, texts in grants_of_service(facts, node)["rows"]}
    assert rows["B"] == ["£10.33", "£3.34", "£8.66"]
    assert grants_of_service(facts, facts.top) is None
    found = dict(registry.find(facts, ["roads"]))["Grants"]
    assert [each.label for each in found] == ["Roads grant"]
    blocks = registry.document_panels()["grants"].make(facts)
    assert blocks[0].text == summary_sentence(GrantsOverview(facts))
    GrantPosition.objects.filter(grant__reference="A").delete()
    client.force_login(manager)
    month = client.get(address(council, "month", 1)).content.decode()
    assert "1 of 2 grants reported." in month


def test_the_next_year_opens_with_the_balances_of_the_close(council, client, person):
    lead = person(Role.FINANCE_LEAD)
    ended = COLUMNS.replace("expected", "end_date,expected") + "Z,Ended,,,,2022-03-31,1,,,\n"
    bring(council, "grants", ended)
    bring(council, "position", MONTH_1, 13)
    bring(council, "grants", "reference,received,applied\nA,60,75\nB,31,10.01\n", 13)
    following = roll_year_forward(year=council, by=lead)
    with pytest.raises(Refused, match="has not been published with grants"):
        carry_grants_forward(year=council, by=lead)
    publish(council, 13)
    bring(following, "grants", COLUMNS + "B,Shared grant,DfE,Main,PARK,40,,,1\n")
    client.force_login(lead)
    page = client.get(address(following, "grants-forward")).content.decode()
    assert "Roads grant" in page and "£25.99" in page
    assert client.post(address(following, "grants-forward")).status_code == 302
    stored = {each.reference: each for each in Grant.objects.filter(year=following)}
    opened = {reference: each.opening_balance_pence for reference, each in stored.items()}
    assert opened == {"A": -500, "B": 2599, "C": None, "D": None, "E": None, "K": None}
    assert (stored["A"].ring_fenced, stored["A"].group) == (True, "Main")
    share = stored["A"].shares.get()
    assert (share.service.code, share.service.year, share.expected_pence) == (
        *("ROAD", following),
        None,
    )
    assert carry_grants_forward(year=council, by=lead) == 0
