"""Decisions and contracts entered in the browser, their own pages, renewals and the next year."""

import datetime
import html
import re

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role, User
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.models import TreeRight
from monitoring.restructuring.services.years import roll_year_forward
from monitoring.virements.rules import NewLeg
from monitoring.virements.services import enter_virement
from planning.contracts.models import Contract
from planning.contracts.renewals import cost_after
from planning.decisions.models import Decision, DecisionEffect
from tests.councils.decided import OF_KINDS
from tests.councils.packs import bring
from tests.planning.test_decision_rules import small_council

pytestmark = pytest.mark.slow


@pytest.fixture
def year(db, tmp_path):
    found = small_council(tmp_path)
    for kind, text in OF_KINDS.items():
        bring(found, kind, text)
    return found


@pytest.fixture
def officer(client, person):
    client.force_login(person(Role.FINANCE_OFFICER))
    return client


def words_of(response) -> str:
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", html.unescape(text))


def fields_of(response, **changed: str) -> dict[str, str]:
    """What a browser sends for the forms as they stand, with some fields typed over."""
    found: dict[str, object] = {}
    for form in (response.context["form"], *(f for _, f in response.context["parts"])):
        bound = [form] if hasattr(form, "fields") else [form.management_form, *form.forms]
        for each in bound:
            found |= {field.html_name: field.value() for field in each}
    given = found | changed
    return {name: "" if value is None else str(value) for name, value in given.items()}


def test_a_decision_is_entered_by_the_rules_of_its_files(year, officer):
    address = reverse("decision-new", args=[year.start])
    typed = {
        "reference": "D3",
        "title": "Share the depot",
        "decision_maker": "Cabinet",
        "decision_on": "7 September 2021",
        "status": "planned",
        "impact": "6",
        "decision_effects-0-line": "1",
        "decision_effects-0-kind": "saving",
        "decision_effects-0-service_code": "ROADS",
        "decision_effects-0-amount": "-12",
    }
    page = fields_of(officer.get(address), **typed)
    wrong = officer.post(address, page)
    assert wrong.status_code == 422
    assert "The impact is a whole number from 1 to 5." in words_of(wrong)
    wrong = officer.post(address, page | {"impact": ""})
    assert "The amount is below nil; give it without a sign." in words_of(wrong)
    assert not Decision.objects.filter(reference="D3").exists()
    good = page | {"impact": "", "decision_effects-0-amount": "12,000.50"}
    saved = officer.post(address, good, follow=True)
    assert saved.status_code == 200
    stored = Decision.objects.get(year=year, reference="D3")
    assert (str(stored.decision_on), stored.order, stored.effects.get().amount_pence) == (
        "2021-09-07",
        3,
        1_200_050,
    )
    assert "£12,000.50" in words_of(saved)
    again = officer.post(address, good)
    assert "There is a decision D3 already; open it to change it." in words_of(again)
    entry = AuditEntry.objects.get(record=f"decision {year.label} D3")
    assert entry.action == "enter a decision"
    assert entry.detail["title"] == {"from": "", "to": "Share the depot"}


def test_a_change_keeps_what_it_does_not_name_and_refuses_a_stale_page(year, officer):
    address = reverse("decision-change", args=[year.start, "D1"])
    page = fields_of(officer.get(address))
    assert officer.post(address, page).status_code == 302
    assert not AuditEntry.objects.filter(record=f"decision {year.label} D1").exists()
    removed = {name: "" for name in page if name.startswith("decision_effects-0-")}
    changed = page | removed | {"note": "Appendix 1 is exempt", "sign_offs-1-outcome": "signed"}
    saved = officer.post(address, changed, follow=True)
    assert "Local Member signed D1; no day is given." in words_of(saved)
    stored = Decision.objects.get(year=year, reference="D1")
    assert (stored.note, stored.likelihood, stored.order) == ("Appendix 1 is exempt", 2, 1)
    assert [each.outcome for each in stored.sign_offs.all()] == ["signed", "signed"]
    assert not stored.effects.exists()
    assert DecisionEffect.objects.filter(decision__reference="D2").exists()
    stale = officer.post(address, page | {"note": "Another"})
    assert stale.status_code == 409
    assert "Somebody else has changed this while you were typing." in words_of(stale)
    assert Decision.objects.get(year=year, reference="D1").note == "Appendix 1 is exempt"


def test_a_contract_is_changed_with_its_shares_and_prices(year, officer):
    address = reverse("contract-change", args=[year.start, "C1"])
    page = fields_of(officer.get(address))
    wrong = officer.post(address, page | {"contract_shares-1-percent": "18"})
    assert wrong.status_code == 422
    assert "The shares of C1 add up to 99%, not to 100%." in words_of(wrong)
    texts = {
        "description": "Care at home",
        "indexation": "CPI each April",
        "note": "A note",
        "payment": "monthly",
        "procurement": "tender",
        "supplier_registration": "00938400",
        "vat": "excluding",
    }
    saved = words_of(officer.post(address, page | texts, follow=True))
    for text in (*texts.values(), "81%", "an hour", "high", "£0.19", "Standby", "Careful Ltd"):
        assert text in saved, text
    stored = Contract.objects.get(year=year, reference="C1")
    assert (stored.supplier_registration, stored.extension_months) == ("00938400", [12, 12])
    assert "D1" in saved and "Notice" not in saved


def test_only_finance_people_who_look_after_all_of_it_enter(year, client, person):
    addresses = [
        reverse("decision-new", args=[year.start]),
        reverse("decision-change", args=[year.start, "D1"]),
        reverse("contract-new", args=[year.start]),
        reverse("contract-change", args=[year.start, "C1"]),
    ]
    part = person(Role.FINANCE_OFFICER, username="part")
    TreeRight.objects.create(user=part, service_code="CARE")
    for user in (part, *(person(role, username=role) for role in Role.values if role not in OPEN)):
        client.force_login(user)
        for address in addresses:
            assert client.get(address).status_code == 403, (user, address)
            assert client.post(address, {"title": "x"}).status_code == 403, (user, address)
    client.force_login(person(Role.FINANCE_LEAD, username="lead"))
    assert [client.get(address).status_code for address in addresses] == [200] * 4


OPEN = (Role.FINANCE_OFFICER, Role.FINANCE_LEAD)


def test_a_decision_lists_the_virements_that_it_allowed(year, officer):
    typed = {
        "year": year,
        "reference": "V9",
        "period": 2,
        "kind": "funding",
        "reason": "Resurfacing",
        "legs": [NewLeg(year.lines.first().pk, None, 49_800_000, 0)],
        "by": User.objects.get(role=Role.FINANCE_OFFICER),
    }
    with pytest.raises(Refused, match="There is no decision D9 in 2021/22"):
        enter_virement(**typed, decision_reference="D9")
    enter_virement(**typed, decision_reference="D2")
    Decision.objects.filter(reference="D2").update(key_reason="Above £1m", note="Minute 217")
    page = words_of(officer.get(reverse("decision", args=[year.start, "D2"])))
    assert "Virement V9 Resurfacing Pending £498,000" in page
    assert "Not stated: Above £1m" in page and "Minute 217" in page
    virement = officer.get(reverse("virement", args=[year.start, "V9"])).content.decode()
    assert f'href="{reverse("decision", args=[year.start, "D2"])}"' in virement


@pytest.mark.parametrize(
    ("end", "start", "pence"),
    [
        ((2019, 3, 31), 2019, 36_600),
        ((2019, 9, 30), 2019, 18_300),  # 183 of 366 days
        ((2020, 6, 30), 2019, 0),
        ((2020, 6, 30), 2020, 27_475),  # 274 of 365 days, to the nearest penny
        ((2018, 1, 1), 2019, 36_600),
    ],
)
def test_a_renewal_costs_the_days_of_a_year_after_the_contract(end, start, pence):
    assert cost_after(36_600, datetime.date(*end), start) == pence


def test_contracts_above_the_threshold_are_listed_for_the_transparency_code(year, officer):
    address = reverse("contracts-published", args=[year.start, 2])
    assert officer.get(address).status_code == 404
    year.settings |= {"contracts": {"publish_above": 241}}
    year.save()
    # Homecare is worth £240 over four years with its extensions; the value of salt is not known.
    assert officer.get(address).content.decode().splitlines()[1:] == ["C2,Salt,Roads,,,,,,,,,,,"]
    year.settings["contracts"]["publish_above"] = 239
    year.save()
    [_, first, _] = officer.get(address).content.decode().splitlines()
    assert first == "C1,Homecare,Care,,Careful Ltd,,,240.00,60.00,,2021-07-01,2023-06-30,,"


def test_the_next_year_begins_with_what_is_not_done_with(year):
    bring(
        year,
        "decisions",
        "reference,title,decision_maker,status\nD1,Award homecare,Cabinet,implemented\n"
        "D4,Done,Cabinet,implemented\nD5,Dropped,Cabinet,withdrawn\n",
    )
    header = "reference,title,supplier,service_code,end_date\n"
    bring(year, "contracts", f"{header}C8,Over,A,ROADS,2022-03-30\nC9,Ends,A,ROADS,2022-03-31\n")
    following = roll_year_forward(year=year, by=None)
    decisions = Decision.objects.filter(year=following).order_by("reference")
    # D1 is done with, and a contract names it; the saving of D2 falls in the next year.
    assert [each.reference for each in decisions] == ["D1", "D2"]
    assert [each.outcome for each in decisions[0].sign_offs.all()] == ["signed", "blank"]
    assert decisions[1].effects.get().service.year == following
    contracts = Contract.objects.filter(year=following).order_by("reference")
    assert [each.reference for each in contracts] == ["C1", "C2", "C9"]
    first = contracts[0]
    assert (first.decision, first.service.year) == (decisions[0], following)
    assert [each.hundredths for each in first.shares.all()] == [8100, 1900]
    assert first.prices.count() == 2
    entry = AuditEntry.objects.get(action="rolled forward")
    assert (entry.detail["decisions"], entry.detail["contracts"]) == (2, 3)
