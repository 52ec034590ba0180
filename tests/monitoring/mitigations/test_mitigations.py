"""Variances before and after mitigations: the arithmetic, the entry, the file and the statements.

In month 2 Home care is forecast to overspend by £100 (H1's forecast of 1,100 is carried, and H3
has none), Buses by £90, Roads by £80 and Day care by £10.
"""

import html

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from council_finance.statements.casting import DIFFERS, cast_statement
from monitoring.mitigations.calculations import (
    StatedPart,
    excess_of,
    split_variance,
    with_rest,
)
from monitoring.mitigations.models import VariancePart
from monitoring.mitigations.selectors import (
    as_stated,
    parts_version,
    previous_parts,
    stored_parts,
)
from monitoring.mitigations.services import state_parts
from monitoring.reports.selectors.statements import statement
from tests.councils.month import small_council, tie
from tests.councils.packs import bring, facts_of, period_of, publish

ONE_OFF, RECURRING, NONE = "one_off", "recurring", StatedPart("mitigation", 0)
FILE = (
    "service_code,part,amount,description,lasting\n"
    "BUSES,one_off,30,Strike,\nBUSES,recurring,60,Fuel,\n"
    "BUSES,mitigation,-25,Routes merged,recurring\nBUSES,mitigation,-5,Old buses sold,one_off\n"
    "ROADS,one_off,50,Storm,\nROADS,mitigation,-20,Works put off,\nDAY,mitigation,0,,\n"
)
COLUMNS = (
    *("before_mitigations", "mitigations", "net_variance"),
    *("one_off", "recurring", "not_stated"),
)
SPLIT = {
    "HOME": "100 not stated 100 not stated not stated 100",
    "DAY": "10 0 10 not stated not stated 10",
    "SCHOOL": "0 – 0 – – 0",
    "BUSES": "120 (30) 90 30 60 0",
    "ROADS": "100 (20) 80 50 not stated 30",
    "CARE": "110 0 110 not stated not stated 110",
    "TOP": "330 (50) 280 80 60 140",
}


@pytest.fixture
def year(db, tmp_path):
    return small_council(tmp_path / "pack")


def cells(facts, name: str, columns: tuple[str, ...]) -> dict[str, str]:
    """The printed cells of a statement's rows, in one text each."""
    rows = [row for row in statement(facts, name).rows if row.cells]
    return {row.key: " ".join(row.cells[key].text for key in columns) for row in rows}


def mitigation(amount: int, words: str = "Agency staff", lasting: str = "") -> StatedPart:
    return StatedPart("mitigation", amount, words, lasting)


@pytest.mark.parametrize(
    ("gross", "net", "stated", "expected"),
    [
        # before, mitigations, one-off, recurring, not stated
        (500, 500, [], (500, None, None, None, 500)),
        (500, 500, [NONE], (500, 0, None, None, 500)),
        (500, 300, [mitigation(-200)], (700, -200, None, None, 300)),
        (500, 500, [StatedPart(ONE_OFF, 500)], (500, None, 500, None, 0)),
        (
            500,
            500,
            [StatedPart(ONE_OFF, 600), StatedPart(RECURRING, -100)],
            (500, None, 600, -100, 0),
        ),
        (-50, -50, [StatedPart(RECURRING, -20)], (-50, None, None, -20, -30)),
        (None, None, [StatedPart(ONE_OFF, 5)], (None, None, None, None, None)),
        (None, -7, [mitigation(-9)], (None, None, None, None, -7)),
    ],
)
def test_the_parts_add_up_to_the_variance_and_what_is_missing_is_not_stated(
    gross, net, stated, expected
):
    row = split_variance(
        gross=gross, net=net, use_of_reserves=0, use_of_capital_receipts=0, stated=stated
    )
    found = (row.before, row.mitigations, row.one_off, row.recurring, row.not_stated)
    assert found == expected


@pytest.mark.parametrize(
    ("net", "amounts", "excess"),
    [
        (500, [300], 0),
        (500, [300, 200], 0),
        (500, [800], 300),
        (500, [800, -300], 0),
        (500, [-100], 0),
        (-500, [-600], -100),
        (-500, [100], 0),
        (0, [], 0),
        (0, [1], 1),
        (0, [5, -5], 0),
    ],
)
def test_parts_beyond_the_variance_are_known_as_such(net, amounts, excess):
    parts = [
        StatedPart(name, each) for name, each in zip((ONE_OFF, RECURRING), amounts, strict=False)
    ]
    assert excess_of([*parts, mitigation(-77)], net) == excess
    assert sum(each.amount for each in with_rest(parts[:1], net, RECURRING)) == net or not parts


def test_statements_of_a_file_add_up_and_are_frozen_with_the_report(year):
    bring(year, "mitigations", FILE, 2)
    draft = facts_of(year, 2)
    assert cells(draft, "underlying-position", COLUMNS) == SPLIT
    assert cells(draft, "mitigations", ("amount", ONE_OFF, RECURRING, "not_stated")) == {
        "BUSES:1": "(25)  (25) ",
        "BUSES:2": "(5) (5)  ",
        "ROADS:1": "(20)   (20)",
        "total": "(50) (5) (25) (20)",
    }
    for name in ("underlying-position", "mitigations"):
        assert DIFFERS not in {check.status for check in cast_statement(statement(draft, name))}
    notes = " ".join(note.text for note in statement(draft, "underlying-position").footnotes)
    assert "Home care says nothing about mitigations; its net variance is £100." in notes
    assert "Day care states that there are no mitigations." in notes
    annex = {row.key: row.cells["net_variance"].pence for row in statement(draft, "annex-a").rows}
    for row in statement(draft, "underlying-position").rows:
        assert row.cells["net_variance"].pence == annex[row.key]
    publish(year, 2)
    VariancePart.objects.all().delete()
    assert cells(facts_of(year, 2), "underlying-position", COLUMNS) == SPLIT
    assert not statement(facts_of(year, 1), "underlying-position").rows


def test_a_file_names_every_fault_and_stores_nothing(year):
    faulty = (
        "service_code,part,amount,description,lasting\n"
        "CARE,one_off,1,,\nROADS,oneoff,1,,\nROADS,one_off,,,\nROADS,mitigation,5,Up,\n"
        "ROADS,mitigation,-5,,\nROADS,recurring,5,,one_off\nROADS,recurring,6,,\n"
    )
    with pytest.raises(Refused) as refused:
        bring(year, "mitigations", faulty, 2)
    places = ["service_code", "part", "amount", "amount", "description", "lasting", "part"]
    for number, (column, message) in enumerate(
        zip(places, refused.value.messages, strict=False), start=2
    ):
        assert message.startswith(f"Row {number}, column {column}: ")
    assert refused.value.messages[7:] == ["Mitigations: nothing was stored."]
    assert not VariancePart.objects.exists()


def test_a_file_beyond_the_variance_is_warned_of_and_replaces_the_month(year):
    bring(year, "mitigations", FILE, 2)
    upload = bring(
        year, "mitigations", "service_code,part,amount\nROADS,one_off,100\nROADS,recurring,1\n", 2
    )
    assert "come to £101, and the net variance is £80" in upload.warnings[0]["message"]
    assert [row.service.code for row in stored_parts(period_of(year, 2))] == ["ROADS", "ROADS"]
    assert cells(facts_of(year, 2), "underlying-position", COLUMNS)["ROADS"].endswith("(21)")


def state(year, code: str, parts, by, **more) -> bool:
    """State parts of a service in month 2, having seen it as it is now."""
    period, service = period_of(year, 2), year.services.get(code=code)
    node = next(each for each in facts_of(year, 2).nodes if each.key == code)
    seen = parts_version(as_stated(stored_parts(period, {service.pk})), node.net_variance)
    given = {"seen": seen} | more
    return state_parts(period=period, service=service, parts=parts, by=by, **given)


def test_entry_is_audited_refused_when_stale_or_too_much_and_never_by_halves(year, person):
    lead = person(Role.FINANCE_LEAD)
    parts = [StatedPart(ONE_OFF, 3000, "Storm"), mitigation(-1000)]
    assert state(year, "ROADS", parts, lead, rest=RECURRING)
    assert not state(year, "ROADS", [*parts, StatedPart(RECURRING, 5000)], lead)
    entry = AuditEntry.objects.filter(action="stated mitigations").get()
    assert entry.record == "mitigations 2021/22 period 2 ROADS"
    assert [each["amount_pence"] for each in entry.detail["to"]] == [-1000, 3000, 5000]
    before = as_stated(stored_parts(period_of(year, 2)))
    for code, given, more, words in (
        ("ROADS", [StatedPart(ONE_OFF, 9000)], {}, "come to £90, and the net variance is £80"),
        ("ROADS", [NONE], {"seen": "old"}, "changed after you opened the page"),
        ("CARE", [NONE], {"seen": ""}, "has no lines of its own"),
    ):
        with pytest.raises(Refused, match=words):
            state(year, code, given, lead, **more)
    assert as_stated(stored_parts(period_of(year, 2))) == before
    assert state(year, "ROADS", [], lead)
    assert not VariancePart.objects.exists()
    publish(year, 2)
    with pytest.raises(Refused, match="is published"):
        state(year, "ROADS", [NONE], lead, seen="")


def test_who_may_forecast_states_it_on_the_page_and_starts_with_the_last_report(
    year, person, client
):
    bring(year, "mitigations", FILE, 2)
    publish(year, 2)
    bring(
        year,
        "position",
        "service_code,cost_centre,account,current_budget,forecast\nROADS,R1,NET,700,790\n",
        3,
    )
    facts = facts_of(year, 3)
    node = next(each for each in facts.nodes if each.key == "ROADS")
    assert [each.amount for each in previous_parts(facts, node)[1]] == [-2000, 5000]
    manager, other = person(Role.BUDGET_MANAGER), person(Role.BUDGET_MANAGER, username="other")
    tie(manager, "ROADS")
    tie(other, "HOME")
    page = reverse("mitigations-edit", args=[2021, 3, "ROADS"])
    sent = {
        "one_off": "30",
        "one_off_reason": "Storm",
        "rest": "recurring",
        "mitigation-0-description": "Salt",
        "mitigation-0-amount": "5",
    }
    client.force_login(manager)
    shown = client.get(f"{page}?from=previous").content.decode()
    assert "Works put off" in shown and "-20.00" in shown
    assert not VariancePart.objects.filter(period__number=3).exists()
    seen = shown.split('name="seen" value="')[1].split('"')[0]
    refused = client.post(page, sent | {"seen": seen})
    assert (
        refused.status_code == 422 and "write the amount with a minus" in refused.content.decode()
    )
    sent |= {"seen": seen, "mitigation-0-amount": "-5", "mitigation-0-lasting": "one_off"}
    assert client.post(page, sent).status_code == 302
    assert as_stated(stored_parts(period_of(year, 3))) == [
        StatedPart("mitigation", -500, "Salt", "one_off"),
        StatedPart(ONE_OFF, 3000, "Storm"),
        StatedPart(RECURRING, 6000),
    ]
    assert client.post(page, sent | {"one_off": "1"}).status_code == 409
    listed = html.unescape(client.get(reverse("mitigations", args=[2021, 3])).content.decode())
    assert "Roads" in listed and "School" not in listed
    client.force_login(other)
    assert client.post(page, sent).status_code in (403, 404)
    client.force_login(person(Role.DIRECTOR))
    assert client.post(page, sent).status_code in (403, 404)
    assert len(stored_parts(period_of(year, 3))) == 3


def test_annex_a_and_a_services_page_show_it_and_the_annex_stays_the_same(year, person, client):
    same = statement(facts_of(year, 2), "annex-a").to_json()
    bring(year, "mitigations", FILE, 2)
    assert statement(facts_of(year, 2), "annex-a").to_json() == same
    client.force_login(person(Role.FINANCE_OFFICER))
    sentence = (
        "The forecast shows an overspend of £330 before stated mitigations of £50: the net "
        "variance is an overspend of £280. Of the net variance £80 is one-off and £60 is "
        "recurring; £140 is not stated."
    )
    assert sentence in client.get(reverse("statement", args=[2021, 2, "annex-a"])).content.decode()
    page = client.get(reverse("service", args=[2021, 2, "BUSES"])).content.decode()
    assert "Old buses sold: -£5, one-off" in page


def test_the_database_refuses_what_no_part_can_be(year):
    period, service = period_of(year, 2), year.services.get(code="ROADS")
    shared = {"period": period, "service": service, "stated_at": "2021-06-01T00:00Z"}
    for wrong in (
        {"part": "other", "amount_pence": 1},
        {"part": "mitigation", "amount_pence": 1, "description": "x"},
        {"part": "mitigation", "amount_pence": -1},
        {"part": "one_off", "amount_pence": 1, "lasting": "one_off"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            VariancePart.objects.create(**shared, **wrong)
