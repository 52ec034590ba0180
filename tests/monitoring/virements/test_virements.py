"""Entering, approving, declining and taking back virements, and what each does to figures.

The council is Somerset's again as another year (tests/councils/virements.py): its report for month
3 of 2019/20 restates Children & Learning Commissioning from 0.557 to 0.059 by a transfer of
£498,000 from contingency to school transport, and moves by 0.005.
"""

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from council_finance import registry
from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry, history
from council_finance.errors import Refused
from monitoring.ledger.selectors.line_search import MOST, find_line, search_lines
from monitoring.models import FinancialYear, ReportStatement, TreeRight, Virement
from monitoring.people.rights import reach_of
from monitoring.publishing.services.reports import reopen_report
from monitoring.reports.checks import check_report
from monitoring.structure.council_settings import read_settings
from monitoring.structure.year_changes import StaleRevision
from monitoring.uploading.prepared import Prepared, Target
from monitoring.virements.rights import (
    may_decline_virement,
    may_judge_virement,
    may_see_virement,
    why_not_approve,
)
from monitoring.virements.selectors.effects import (
    IN_LEDGER,
    NO_FIGURES,
    NOT_YET,
    UNCLEAR,
    virement_effect,
)
from monitoring.virements.selectors.register import (
    counting_periods,
    filter_entries,
    find_entry,
    left_to_take_back,
    next_reference,
    register,
    reversal_reference,
)
from monitoring.virements.services import (
    ReferenceTaken,
    approve_virement,
    decline_virement,
    reverse_virement,
)
from monitoring.virements.upload_kind import Payload, check_virements, store_virements
from tests.councils.packs import (
    bring,
    facts_of,
    nodes_of,
    period_of,
    publish,
    statement_data,
    virements,
)
from tests.councils.virements import (
    CONTINGENCY,
    PAY,
    PLACEMENTS,
    SOMERSET,
    TODAY,
    TRANSPORT,
    enter,
    leg,
    line,
    load_council,
    stored,
)
from tests.quick_cases import quick_first

COMMISSIONING, NON_SERVICE, OPERATIONS = "CHILD-COM", "NONSERVICE", "CHILD-OPS"
COMPARED = ("previous_as_published", "previous_net_variance", "movement", "net_variance", "budget")


@pytest.fixture
def council(db, tmp_path) -> FinancialYear:
    return load_council(tmp_path)


@pytest.fixture
def officer(person):
    return person(Role.FINANCE_OFFICER)


@pytest.fixture
def lead(person):
    return person(Role.FINANCE_LEAD)


def approve(year, reference, by, today=TODAY, approved_by="Cabinet"):
    approve_virement(year=year, reference=reference, approved_by=approved_by, by=by, today=today)


def decline(year, reference, by, reason="Not needed"):
    decline_virement(year=year, reference=reference, reason=reason, by=by, today=TODAY)


def take_back(year, reference, by, amounts, new="R001", period=4, reason="No longer needed"):
    reverse_virement(
        year=year,
        reference=reference,
        new_reference=new,
        period=period,
        amounts=amounts,
        reason=reason,
        by=by,
    )


def compared(year, number) -> dict:
    """What each row is compared with and how it moved, in pence."""
    nodes = nodes_of(facts_of(year, number))
    return {key: tuple(node[name] for name in COMPARED) for key, node in nodes.items()}


def published(year) -> dict:
    """The SHA-256 of every frozen statement."""
    rows = ReportStatement.objects.filter(report__period__year=year)
    return {(row.report_id, row.name): (row.sha256, row.text) for row in rows}


def transfer(council, officer, **more):
    """Somerset's transfer, pending."""
    return enter(council, officer, leg(council, CONTINGENCY, TRANSPORT, "498000"), **more)


def everything() -> tuple:
    """What a refused act must not have changed."""
    rows = [tuple(row) for row in Virement.objects.order_by("pk").values_list()]
    revisions = list(FinancialYear.objects.order_by("pk").values_list("pk", "revision"))
    return rows, revisions, AuditEntry.objects.count()


# Entering


def test_a_pending_virement_stands_in_the_register_and_changes_no_figure(council, officer):
    before = compared(council, 3), everything()[1]
    transfer(council, officer)
    assert (compared(council, 3), everything()[1]) == before
    row = statement_data(council, 3, "virements")["rows"][0]["cells"]
    assert row["approved"]["text"] == "Not yet approved"
    [one] = stored(council, "V001")
    assert (one.entered_by, one.forecast_amount_pence, one.approver) == (officer, 0, None)
    assert [entry.action for entry in history("virement 2021/22 V001")] == ["entered"]


@pytest.mark.parametrize(
    ("kind", "spending", "moves"),
    [
        ("funding", "", 0),
        ("funding", "30", 3000),
        ("technical", "", 10_000),
        ("technical", "70", 7000),
        ("technical", "0", 0),
    ],
)
def test_blank_spending_follows_the_kind(council, officer, kind, spending, moves):
    enter(council, officer, leg(council, CONTINGENCY, PAY, "100", spending), kind=kind)
    assert stored(council, "V001")[0].forecast_amount_pence == moves


def test_the_same_entry_sent_twice_stands_once(council, officer):
    transfer(council, officer)
    transfer(council, officer)
    assert len(stored(council, "V001")) == 1
    assert history("virement 2021/22 V001").count() == 1


def test_a_reference_that_is_taken_is_refused_with_the_next_free_one(council, officer, lead):
    transfer(council, officer, reference="V011")
    for by, reason in ((lead, "A pressure"), (officer, "Another")):
        before = everything()
        with pytest.raises(ReferenceTaken, match="V012 is free"):
            transfer(council, by, reference="V011", reason=reason)
        assert everything() == before


def test_legs_that_cannot_be_are_refused_and_nothing_is_stored(council, officer, somerset):
    good = leg(council, CONTINGENCY, TRANSPORT, "5")
    bad = {
        "at least one leg": [],
        "Leg 2: a virement needs a line": [good, leg(council, "", "", "5")],
        "Leg 1: it goes to the line it comes from": [leg(council, PAY, PAY, "5")],
        "Leg 1: the amount is positive": [leg(council, CONTINGENCY, TRANSPORT, "0")],
        "Leg 1: the spending that moves": [leg(council, CONTINGENCY, TRANSPORT, "5", "-1")],
        "Leg 1: no such line": [leg(somerset, CONTINGENCY, TRANSPORT, "5")],
    }
    before = everything()
    for message, legs in bad.items():
        with pytest.raises(Refused, match=message):
            enter(council, officer, *legs)
    with pytest.raises(Refused, match="Say why"):
        enter(council, officer, good, reason="  ")
    assert everything() == before


@pytest.mark.parametrize(
    ("references", "following"),
    [
        ([], "V001"),
        (["V011"], "V012"),
        (["V2", "V009"], "V010"),
        (["V-2019-099", "V-2019-001"], "V-2019-100"),
        (["A7", "V001", "V001R"], "V002"),
        (["One", "Two"], "V001"),
        (["42"], "43"),
    ],
)
def test_the_next_reference_follows_the_style_last_used(council, officer, references, following):
    for reference in references:
        transfer(council, officer, reference=reference)
    assert next_reference(council) == following


def test_a_reversal_is_called_after_its_original_where_that_is_free(council, officer):
    transfer(council, officer, reference="V001")
    assert reversal_reference(council, "V001") == "V001R"
    transfer(council, officer, reference="V001R")
    assert reversal_reference(council, "V001") == "V002"
    assert reversal_reference(council, "V" * 64) == "V002"


# What approving would do, and what it does


def test_somersets_transfer_shows_its_effect_before_it_is_approved(council, officer):
    transfer(council, officer)
    display = read_settings(council.settings).display_for("annex-a")
    effect = virement_effect(stored(council, "V001"), period_of(council, 3))
    shown = {
        each.name: [
            display.amount(pence)
            for pence in (
                each.published,
                each.restated,
                each.restated_after,
                each.movement,
                each.movement_after,
            )
        ]
        for each in effect.services
    }
    assert shown["Children & Learning - Commissioning"] == [
        *("0.557", "0.557", "0.059"),
        *("(0.493)", "0.005"),
    ]
    giver = next(each for each in effect.services if each.name == "Non-Service Items")
    assert giver.restated_after - giver.restated == 49_800_000
    assert giver.movement_after - giver.movement == -49_800_000
    assert {each.line.code: each.ledger for each in effect.lines} == {
        CONTINGENCY: IN_LEDGER,
        TRANSPORT: IN_LEDGER,
    }
    assert effect.partial is False


def test_approving_restates_the_draft_and_leaves_frozen_reports(council, officer, lead):
    transfer(council, officer)
    frozen, before = published(council), compared(council, 3)
    approve(council, "V001", lead)
    after = compared(council, 3)
    assert after[COMMISSIONING][:3] == (55_700_000, 5_900_000, 500_000)
    changed = {key for key in after if after[key] != before[key]}
    assert changed == {COMMISSIONING, NON_SERVICE, "KEY", "SUPPORT"}
    assert [after[key][3:] for key in after] == [before[key][3:] for key in after]
    annex = {row["key"]: row["cells"] for row in statement_data(council, 3, "annex-a")["rows"]}
    assert annex[COMMISSIONING]["previous_net_variance"]["text"] == "0.059"
    assert annex[COMMISSIONING]["previous_net_variance"]["mark"] == "*"
    notes = [note["text"] for note in statement_data(council, 3, "annex-a")["footnotes"]]
    assert any("V001" in note and "approved by Cabinet on 8 July 2021" in note for note in notes)
    [one] = stored(council, "V001")
    assert (one.approver, one.approved_on, one.approved_by) == (lead, TODAY, "Cabinet")
    assert published(council) == frozen
    assert compared(council, 2)[COMMISSIONING][3] == 55_700_000


def test_no_approval_adds_to_a_budget(council, officer, lead):
    """The ledger's current budget is the truth."""
    before = nodes_of(facts_of(council, 3))
    enter(council, officer, leg(council, PAY, PLACEMENTS, "1000000"))
    approve(council, "V001", lead)
    after = nodes_of(facts_of(council, 3))
    assert {key: node["budget"] for key, node in after.items()} == {
        key: node["budget"] for key, node in before.items()
    }
    failed = [check.name for check in check_report(facts_of(council, 3)) if check.status != "ok"]
    named = [name for name in failed if "approved but not yet in the ledger" in name]
    assert len(named) == 2


SCENARIOS = {
    "a pressure": [(CONTINGENCY, TRANSPORT, "498000", "")],
    "a pressure with some spending": [(CONTINGENCY, TRANSPORT, "498000", "100000")],
    "within one service": [(CONTINGENCY, PAY, "5000", "")],
    "from outside": [("", PLACEMENTS, "12.34", "")],
    "to outside": [(PAY, "", "7", "9")],
    "legs": [
        (CONTINGENCY, TRANSPORT, "100", ""),
        (PAY, TRANSPORT, "50.50", "25"),
        (TRANSPORT, PLACEMENTS, "30", ""),
        ("", PAY, "1", ""),
    ],
}


@pytest.mark.parametrize("kind", ["funding", "technical"])
@pytest.mark.parametrize("legs", quick_first(SCENARIOS.values(), 2), ids=SCENARIOS)
def test_the_effect_shown_is_the_effect_that_comes(council, officer, lead, legs, kind):
    enter(council, officer, *(leg(council, *each) for each in legs), kind=kind)
    before = compared(council, 3)
    effect = virement_effect(stored(council, "V001"), period_of(council, 3))
    approve(council, "V001", lead)
    after = compared(council, 3)
    names = {node["label"]: key for key, node in nodes_of(facts_of(council, 3)).items()}
    assert {names[each.name] for each in effect.services} >= {
        key for key in (COMMISSIONING, NON_SERVICE, OPERATIONS) if after[key] != before[key]
    }
    for each in effect.services:
        key = names[each.name]
        shown = each.published, each.restated, each.movement, each.variance, each.budget
        then = each.published, each.restated_after, each.movement_after, each.variance, each.budget
        assert (shown, then) == (before[key], after[key]), key


def test_the_effect_is_worked_out_by_the_rule_of_giver_and_receiver(council, officer):
    """Receiver: previous + spending - amount; giver the opposite; added up the boring way."""
    legs = SCENARIOS["legs"]
    enter(council, officer, *(leg(council, *each) for each in legs))
    expected = {"Children & Learning - Commissioning": 0, "Non-Service Items": 0}
    expected["Children & Families - Operations"] = 0
    where = dict(zip((TRANSPORT, CONTINGENCY, PLACEMENTS), expected, strict=True))
    where[PAY] = where[CONTINGENCY]
    for one, (giver, receiver, *_) in zip(stored(council, "V001"), legs, strict=True):
        effect = one.forecast_amount_pence - one.amount_pence
        if receiver:
            expected[where[receiver]] += effect
        if giver:
            expected[where[giver]] -= effect
    shown = virement_effect(stored(council, "V001"), period_of(council, 3))
    found = {each.name: each.restated_after - each.restated for each in shown.services}
    assert found == expected
    assert all(each.movement - each.movement_after == found[each.name] for each in shown.services)


def test_looking_at_the_effect_writes_nothing(council, officer):
    transfer(council, officer)
    before, figures = everything(), compared(council, 3)
    virement_effect(stored(council, "V001"), period_of(council, 3))
    assert (everything(), compared(council, 3)) == (before, figures)


@pytest.mark.slow
def test_whether_the_ledger_has_it_is_told_from_its_budget(council, officer, lead):
    """C210's approved budget is 9,372,000 and the ledger's 9,870,000: 498,000 more."""

    def ledger(reference):
        effect = virement_effect(stored(council, reference), period_of(council, 3))
        return {each.line.code: each.ledger for each in effect.lines}

    enter(council, officer, leg(council, PAY, TRANSPORT, "498000"), reference="V1")
    assert ledger("V1") == {PAY: NOT_YET, TRANSPORT: IN_LEDGER}
    enter(council, officer, leg(council, PAY, TRANSPORT, "400000"), reference="V2")
    assert ledger("V2") == {PAY: NOT_YET, TRANSPORT: UNCLEAR}
    enter(council, officer, leg(council, CONTINGENCY, TRANSPORT, "98000"), reference="V3")
    approve(council, "V3", lead)
    assert ledger("V2")[TRANSPORT] == IN_LEDGER


@pytest.mark.slow
def test_a_line_without_an_approved_budget_is_told_from_the_previous_report(council, officer):
    text = (SOMERSET / "periods" / "03" / "position.csv").read_text(encoding="utf-8")
    text = text.replace("Pay award,3017000,3017000", "Pay award,,3017500")
    text = "\n".join(row for row in text.splitlines() if "P100" not in row) + "\n"
    bring(council, "position", text, 3)
    enter(
        council,
        officer,
        leg(council, CONTINGENCY, PAY, "500"),
        leg(council, CONTINGENCY, "P100/NET", "1"),
    )
    effect = virement_effect(stored(council, "V001"), period_of(council, 3))
    lines = {each.line.code: each for each in effect.lines}
    assert lines[PAY].base_is_approved_budget is False
    assert (lines[PAY].base, lines[PAY].ledger) == (301_700_000, IN_LEDGER)
    assert lines["P100/NET"].ledger == NO_FIGURES


def test_a_first_report_has_nothing_to_restate(db, tmp_path, officer):
    year = load_council(tmp_path)
    reopen_report(period=period_of(year, 2), reason="Again", by=None)
    transfer(year, officer, period=2)
    effect = virement_effect(stored(year, "V001"), period_of(year, 2))
    assert effect.previous is None
    assert {each.restated_after for each in effect.services} == {None}


def test_readers_of_a_part_see_the_effect_on_their_part_only(council, officer, person):
    director = person(Role.DIRECTOR)
    TreeRight.objects.create(user=director, service_code=COMMISSIONING)
    transfer(council, officer)
    reach = reach_of(director, council)
    effect = virement_effect(stored(council, "V001"), period_of(council, 3), reach)
    assert [each.name for each in effect.services] == ["Children & Learning - Commissioning"]
    assert [each.line.code for each in effect.lines] == [TRANSPORT]
    assert effect.partial is True


# When it counts


def test_a_virement_counts_in_the_first_report_that_is_still_to_come(council):
    assert [period.number for period in counting_periods(council, 1)] == [*range(3, 14)]
    assert counting_periods(council, 5)[0].number == 5
    publish(council, 3)
    assert counting_periods(council, 3)[0].number == 4
    reopen_report(period=period_of(council, 2), reason="An error", by=None)
    assert counting_periods(council, 2)[0].number == 2
    assert counting_periods(council, 3)[0].number == 4


@pytest.mark.slow
def test_a_late_one_dated_in_a_published_period_counts_once(council, officer, lead):
    transfer(council, officer, period=2)
    frozen = published(council)
    approve(council, "V001", lead)
    assert compared(council, 3)[COMMISSIONING][1] == 5_900_000
    assert published(council) == frozen
    publish(council, 3)
    bring(council, "position", (SOMERSET / "periods" / "03" / "position.csv").read_bytes(), 4)
    assert compared(council, 4)[COMMISSIONING][:3] == (6_400_000, 6_400_000, 0)


# Taking back


@pytest.mark.slow
def test_a_reversal_after_publication_restates_back(council, officer, lead):
    transfer(council, officer)
    approve(council, "V001", lead)
    publish(council, 3)
    frozen = published(council)
    bring(council, "position", (SOMERSET / "periods" / "03" / "position.csv").read_bytes(), 4)
    assert compared(council, 4)[COMMISSIONING][:2] == (6_400_000, 6_400_000)
    take_back(council, "V001", officer, {1: 49_800_000})
    assert compared(council, 4)[COMMISSIONING][:2] == (6_400_000, 6_400_000)
    assert find_entry(council, "V001", exempt=True).state == "approved"
    approve(council, "R001", lead)
    assert compared(council, 4)[COMMISSIONING][:2] == (6_400_000, 56_200_000)
    assert find_entry(council, "V001", exempt=True).state == "reversed"
    assert find_entry(council, "V001", exempt=True).taken_back_by == ("R001",)
    assert published(council) == frozen
    [back] = stored(council, "R001")
    assert (back.from_line.code, back.to_line.code) == (TRANSPORT, CONTINGENCY)
    assert (back.reverses, back.kind) == ("V001", "funding")


def test_approved_and_taken_back_between_two_reports_is_nothing(council, officer, lead):
    before = compared(council, 3)
    transfer(council, officer)
    approve(council, "V001", lead)
    take_back(council, "V001", officer, {1: 49_800_000}, period=3)
    approve(council, "R001", lead)
    assert compared(council, 3) == before


@pytest.mark.slow
def test_parts_are_taken_back_until_nothing_is_left(council, officer, lead):
    """Pending reversals count, declined ones do not; spending goes back with the budget."""
    enter(
        council,
        officer,
        leg(council, CONTINGENCY, TRANSPORT, "100", "80"),
        leg(council, CONTINGENCY, PLACEMENTS, "10"),
        kind="technical",
    )
    approve(council, "V001", lead)
    take_back(council, "V001", officer, {1: 3000}, new="R1")
    assert left_to_take_back(council, "V001") == [(1, 7000), (2, 1000)]
    with pytest.raises(Refused, match="more than was moved, which is £100"):
        take_back(council, "V001", officer, {1: 7001}, new="R2")
    decline(council, "R1", lead)
    assert left_to_take_back(council, "V001") == [(1, 10_000), (2, 1000)]
    take_back(council, "V001", officer, {1: 6000}, new="R3")
    approve(council, "R3", lead)
    assert find_entry(council, "V001", exempt=True).state == "approved"
    assert find_entry(council, "V001", exempt=True).taken_back_by == ("R3",)
    take_back(council, "V001", officer, {1: 4000, 2: 1000}, new="R4")
    assert left_to_take_back(council, "V001") == [(1, 0), (2, 0)]
    spending = [one.forecast_amount_pence for one in stored(council, "R3") + stored(council, "R4")]
    assert spending == [6000, 2000, 1000]
    approve(council, "R4", lead)
    assert find_entry(council, "V001", exempt=True).state == "reversed"
    before = compared(council, 3)
    assert before[COMMISSIONING][1] == 55_700_000 + (8000 - 10_000)


def test_taking_back_is_refused_where_there_is_nothing_to_take(council, officer, lead):
    transfer(council, officer)
    whole = {1: 49_800_000}
    cases = {
        "not approved": {"amounts": whole},
        "no virement V9": {"reference": "V9", "amounts": whole},
    }
    for message, more in cases.items():
        before = everything()
        with pytest.raises(Refused, match=message):
            take_back(council, more.pop("reference", "V001"), officer, **more)
        assert everything() == before
    approve(council, "V001", lead)
    for message, more in {
        "how much": {"amounts": {}},
        "not taken back before": {"amounts": whole, "period": 2},
        "Say why": {"amounts": whole, "reason": " "},
        "more than was moved": {"amounts": {1: 49_800_001}},
        "positive": {"amounts": {1: -1}},
    }.items():
        before = everything()
        with pytest.raises(Refused, match=message):
            take_back(council, "V001", officer, **more)
        assert everything() == before


def test_a_reversal_sent_twice_stands_once(council, officer, lead):
    transfer(council, officer)
    approve(council, "V001", lead)
    for _ in range(2):
        take_back(council, "V001", officer, {1: 100})
    assert len(stored(council, "R001")) == 1
    assert left_to_take_back(council, "V001") == [(1, 49_799_900)]
    with pytest.raises(ReferenceTaken):
        take_back(council, "V001", officer, {1: 200})


@pytest.mark.slow
def test_a_reversal_waits_for_what_it_takes_back(council, officer, lead):
    """A file may bring both as pending."""
    bring(
        council,
        "virements",
        virements(
            "V1,3,N110,NET,C210,NET,5,funding,,,,,Pressure\n"
            "R1,3,C210,NET,N110,NET,5,funding,,,,V1,Back"
        ),
    )
    with pytest.raises(Refused, match="takes V1 back, which is not approved"):
        approve(council, "R1", lead)
    approve(council, "V1", lead)
    approve(council, "R1", lead)
    assert find_entry(council, "V1", exempt=True).state == "reversed"


# Who may approve


@pytest.mark.parametrize(
    ("role", "pounds", "allowed"),
    [
        (Role.FINANCE_OFFICER, "49999.99", True),
        (Role.FINANCE_OFFICER, "50000", True),
        (Role.FINANCE_OFFICER, "50000.01", False),
        (Role.DIRECTOR, "100000", True),
        (Role.DIRECTOR, "100000.01", False),
        (Role.FINANCE_LEAD, "9999999999.99", True),
        (Role.ADMINISTRATOR, "0.01", False),
        (Role.BUDGET_MANAGER, "0.01", False),
        (Role.SCRUTINY_MEMBER, "0.01", False),
    ],
)
def test_each_role_approves_up_to_its_limit(council, officer, person, role, pounds, allowed):
    approver = person(role, username="approver")
    TreeRight.objects.create(user=approver, service_code="SCC")
    enter(council, officer, leg(council, CONTINGENCY, TRANSPORT, pounds))
    before = everything()
    if allowed:
        approve(council, "V001", approver)
        assert stored(council, "V001")[0].approver == approver
    else:
        with pytest.raises(Refused):
            approve(council, "V001", approver)
        assert everything() == before


def test_the_limit_is_of_what_all_legs_move(council, officer, person):
    approver = person(Role.FINANCE_OFFICER, username="approver")
    legs = [leg(council, CONTINGENCY, TRANSPORT, "25000") for _ in range(2)]
    enter(council, officer, *legs, reference="V1")
    enter(council, officer, *legs, leg(council, PAY, PLACEMENTS, "0.01"), reference="V2")
    approve(council, "V1", approver)
    with pytest.raises(Refused, match=r"moves £50,000.01, .* up to £50,000"):
        approve(council, "V2", approver)


@pytest.mark.parametrize(
    ("limits", "role", "allowed"),
    [
        ({}, Role.FINANCE_LEAD, True),
        ({}, Role.FINANCE_OFFICER, False),
        ({}, Role.DIRECTOR, False),
        ({"finance_lead": 4}, Role.FINANCE_LEAD, False),
        ({"finance_lead": 5}, Role.FINANCE_LEAD, True),
        ({"finance_lead": 0}, Role.FINANCE_LEAD, False),
        ({"director": 5}, Role.FINANCE_OFFICER, False),
    ],
)
def test_a_role_that_no_limit_names_does_not_approve_but_for_the_lead(
    council, officer, person, limits, role, allowed
):
    approver = person(role, username="approver")
    enter(council, officer, leg(council, CONTINGENCY, PAY, "5"))
    settings = read_settings({"virements": {"approve_up_to": limits}})
    assert (why_not_approve(approver, stored(council, "V001"), settings) == "") is allowed


def test_nobody_approves_what_they_entered(council, lead):
    transfer(council, lead)
    before = everything()
    with pytest.raises(Refused, match="You entered this virement"):
        approve(council, "V001", lead)
    assert everything() == before
    with pytest.raises(IntegrityError), transaction.atomic():
        Virement.objects.filter(year=council).update(approver=lead, approved_on=TODAY)


@pytest.mark.parametrize(
    ("part", "legs", "sees", "judges"),
    [
        (COMMISSIONING, [(CONTINGENCY, TRANSPORT)], True, False),
        (COMMISSIONING, [("C220/NET", TRANSPORT)], True, True),
        (COMMISSIONING, [("", TRANSPORT)], True, True),
        (COMMISSIONING, [(TRANSPORT, "")], True, True),
        (COMMISSIONING, [("C220/NET", TRANSPORT), (CONTINGENCY, PAY)], True, False),
        ("KEY", [(PLACEMENTS, TRANSPORT)], True, True),
        ("ADULT", [(CONTINGENCY, TRANSPORT)], False, False),
        ("", [(CONTINGENCY, TRANSPORT)], False, False),
    ],
)
def test_a_director_approves_within_their_part_and_sees_what_touches_it(
    council, officer, person, part, legs, sees, judges
):
    director = person(Role.DIRECTOR)
    if part:
        TreeRight.objects.create(user=director, service_code=part)
    enter(council, officer, *(leg(council, *ends, "5") for ends in legs))
    settings, rows = read_settings(council.settings), stored(council, "V001")
    assert may_see_virement(director, rows) is sees
    assert may_judge_virement(director, rows, settings) is judges
    shown = register(council, exempt=False, reach=reach_of(director, council))
    assert [entry.reference for entry in shown] == ["V001"] * sees
    if judges:
        approve(council, "V001", director)
    else:
        with pytest.raises(Refused, match="outside the services that you look after"):
            approve(council, "V001", director)


def test_who_declines_may_approve_it_or_has_entered_it(council, officer, person, lead):
    enter(council, officer, leg(council, CONTINGENCY, TRANSPORT, "1000000"))
    rows, settings = stored(council, "V001"), read_settings(council.settings)
    none = read_settings({})
    other = person(Role.FINANCE_OFFICER, username="other")
    director = person(Role.DIRECTOR)
    assert may_decline_virement(officer, rows, none)
    assert may_decline_virement(lead, rows, none)
    assert may_decline_virement(other, rows, settings)
    for user, chosen in (
        (other, none),
        (director, settings),
        (person(Role.ADMINISTRATOR), settings),
    ):
        assert not may_decline_virement(user, rows, chosen)
        with pytest.raises(Refused):
            decline(council, "V001", person(Role.BUDGET_MANAGER, username=f"m{user.pk}"))


# Deciding once


def test_a_second_click_does_nothing_and_a_second_person_is_told(council, officer, lead, person):
    transfer(council, officer)
    approve(council, "V001", lead)
    before = everything()
    approve(council, "V001", lead)
    assert everything() == before
    second = person(Role.FINANCE_LEAD, username="second", first_name="Second", last_name="Lead")
    for act in (approve, decline):
        with pytest.raises(Refused, match="V001 is approved already, by finance_lead on 8 July"):
            act(council, "V001", second)
    assert everything() == before


def test_a_declined_virement_stays_and_never_counts(council, officer, lead, person):
    before = compared(council, 3)
    transfer(council, officer)
    decline(council, "V001", lead, reason="The pressure is covered")
    decline(council, "V001", lead)
    [one] = stored(council, "V001")
    assert (one.declined_by, one.declined_on) == (lead, TODAY)
    assert one.decline_reason == "The pressure is covered"
    assert compared(council, 3) == before
    assert facts_of(council, 3).virements == ()
    assert statement_data(council, 3, "virements")["rows"] == []
    for act in (approve, decline):
        with pytest.raises(Refused, match="declined by finance_lead on 8 July 2021"):
            act(council, "V001", person(Role.FINANCE_LEAD, username=act.__name__))
    with pytest.raises(ReferenceTaken):
        enter(council, officer, leg(council, PAY, TRANSPORT, "1"))
    acts = [(entry.action, entry.by) for entry in history("virement 2021/22 V001")]
    assert acts == [("declined", lead), ("entered", officer)]
    publish(council, 3)
    assert "V001" not in published(council)[max(published(council))][1]


def test_a_decision_without_its_words_is_refused(council, officer, lead):
    transfer(council, officer)
    before = everything()
    with pytest.raises(Refused, match="Say why it is declined"):
        decline(council, "V001", lead, reason=" ")
    with pytest.raises(Refused, match="Say who approved it"):
        approve(council, "V001", lead, approved_by=" ")
    with pytest.raises(Refused, match="no virement V9"):
        approve(council, "V9", lead)
    assert everything() == before


# With a file's register


FILE = "{ref},3,N110,NET,C210,NET,{amount},funding,,{by},{on},,{reason}"


def row(ref="V001", amount="498000", by="", on="", reason="A pressure"):
    return virements(FILE.format(ref=ref, amount=amount, by=by, on=on, reason=reason))


def refused_file(year, text, **more) -> str:
    before = everything()[:2]
    with pytest.raises(Refused) as caught:
        bring(year, "virements", text, **more)
    assert everything()[:2] == before
    return "\n".join(caught.value.messages)


def test_a_file_says_who_brought_it_and_they_do_not_approve_it(council, officer, lead):
    bring(council, "virements", row(), by=lead)
    assert stored(council, "V001")[0].entered_by == lead
    with pytest.raises(Refused, match="You entered"):
        approve(council, "V001", lead)


@pytest.mark.slow
def test_a_file_replaces_a_pending_virement_of_a_file(council, officer, lead):
    bring(council, "virements", row(), by=officer)
    [first] = stored(council, "V001")
    bring(council, "virements", row(), by=lead)
    assert stored(council, "V001") == [first]
    bring(council, "virements", row(amount="5"), by=lead)
    [second] = stored(council, "V001")
    assert (second.amount_pence, second.entered_by) == (500, lead)
    bring(council, "virements", row(amount="5", by="Cabinet", on="2021-07-08"), by=officer)
    [third] = stored(council, "V001")
    assert (third.approved_on, third.approved_by, third.approver) == (TODAY, "Cabinet", None)


@pytest.mark.slow
def test_a_file_does_not_replace_what_a_person_entered(council, officer):
    transfer(council, officer)
    [first] = stored(council, "V001")
    bring(council, "virements", row(reason="Other words"))
    assert stored(council, "V001") == [first]
    assert stored(council, "V001")[0].reason == "A pressure"
    for text in (row(amount="5"), row(by="Cabinet", on="2021-07-08")):
        assert "was entered on its page" in refused_file(council, text)
    assert "row 2" in refused_file(council, row(amount="5")).lower()


@pytest.mark.slow
def test_a_file_may_name_what_was_approved_here_and_changes_nothing_of_it(council, officer, lead):
    transfer(council, officer)
    approve(council, "V001", lead)
    [first] = stored(council, "V001")
    for text in (row(), row(by="Cabinet", on="2021-07-08")):
        bring(council, "virements", text)
        assert stored(council, "V001") == [first]
    for text in (row(amount="5"), row(by="Council", on="2021-07-08")):
        assert "is approved; take it back" in refused_file(council, text)


@pytest.mark.slow
def test_a_file_does_not_bring_a_declined_virement_back(council, officer, lead):
    bring(council, "virements", row(), by=officer)
    decline(council, "V001", lead)
    bring(council, "virements", row())
    assert stored(council, "V001")[0].declined_by == lead
    for text in (row(amount="5"), row(by="Cabinet", on="2021-07-08")):
        assert "was declined on 8 July 2021" in refused_file(council, text)
    back = "R1,3,C210,NET,N110,NET,5,funding,,,,V001,Back"
    assert "no other virement" in refused_file(council, virements(back))


def test_what_is_typed_while_a_file_is_checked_is_not_lost(council, officer, monkeypatch):
    """The check found nothing of the reference; it starts afresh and finds it."""
    checked = []

    def check_and_type(table, target):
        prepared = check_virements(table, target)
        if not checked:
            transfer(council, officer)
        checked.append(prepared)
        return prepared

    kind = replace(registry.upload_kind("virements", per_period=False), check=check_and_type)
    monkeypatch.setattr("monitoring.uploading.pipeline.check.kind_of", lambda upload: kind)
    with pytest.raises(Refused, match="was entered on its page"):
        bring(council, "virements", row(amount="5"))
    assert len(checked) == 2
    [one] = stored(council, "V001")
    assert (one.amount_pence, one.entered_by) == (49_800_000, officer)


def test_storing_stops_where_the_register_has_moved_on(council, officer):
    transfer(council, officer)
    [typed] = stored(council, "V001")
    other = Virement(**{f: getattr(typed, f) for f in ("year", "reference", "leg", "kind")})
    other.amount_pence = 5
    with pytest.raises(StaleRevision):
        payload = Payload({"V001": [other]}, frozenset())
        store_virements(Prepared(None, payload=payload), Target(None, council, None))


# Finding lines


def test_a_line_is_found_by_its_code_whatever_strokes_it_has(council):
    known = line(council, TRANSPORT)
    known.cost_centre, known.account = "A/1", "B/2"
    known.save()
    assert find_line(council, " A/1/B/2 ") == known
    assert find_line(council, "N110 / NET") == line(council, CONTINGENCY)
    for text in ("", "N110", "n110/net", "N110/NET/", "/"):
        assert find_line(council, text) is None


def test_lines_are_found_by_words_of_code_description_and_service(council, somerset):
    def codes(text):
        return [each.code for each in search_lines(council, text)[0]]

    assert codes("school transport") == [TRANSPORT]
    assert codes("TRANSPORT c2") == [TRANSPORT, "C220/NET"]
    assert codes("commissioning c2") == [TRANSPORT, "C220/NET", "C290/NET"]
    assert codes("n110/") == [CONTINGENCY]
    assert codes("nothing like it") == codes("  ") == codes("/") == []
    found, more = search_lines(council, "NET")
    assert (len(found), more) == (MOST, True)
    assert {each.year for each in found} == {council}


# The register


def test_the_register_shows_the_pending_first_and_narrows_by_words_and_state(
    council, officer, lead
):
    enter(council, officer, leg(council, CONTINGENCY, TRANSPORT, "1"), reference="V1")
    enter(council, officer, leg(council, CONTINGENCY, PLACEMENTS, "2"), reference="V2", period=2)
    enter(council, officer, leg(council, "", PLACEMENTS, "3"), reference="V3", period=4)
    approve(council, "V2", lead)
    entries = register(council, exempt=True)
    assert [entry.reference for entry in entries] == ["V1", "V3", "V2"]

    def found(text, state=""):
        return [entry.reference for entry in filter_entries(entries, text, state)]

    assert found("PLACEMENTS") == ["V3", "V2"]
    assert found("n110 operations") == ["V2"]
    assert found("v3") == ["V3"]
    assert found("", "approved") == ["V2"]
    assert found("placements", "pending") == ["V3"]
    assert found("placements", "declined") == []


def test_an_exempt_line_is_named_for_officers_only(council, officer):
    secret = line(council, TRANSPORT)
    secret.description, secret.exempt = "Secret settlement", True
    secret.save()
    transfer(council, officer)
    [seen], [hidden] = (register(council, exempt=exempt) for exempt in (True, False))
    assert seen.legs[0].receiver.name == "C210/NET Secret settlement (exempt)"
    assert hidden.legs[0].receiver.name == ("an exempt line of Children & Learning - Commissioning")
    assert filter_entries([hidden], "secret", "") == filter_entries([hidden], "C210", "") == []


def test_the_registers_cost_does_not_grow_with_it(council, officer, django_assert_num_queries):
    for number in range(3):
        transfer(council, officer, reference=f"V{number}")
        with django_assert_num_queries(1):
            assert len(register(council, exempt=True)) == number + 1
        with django_assert_num_queries(1):
            assert find_entry(council, "V0", exempt=True).reference == "V0"
