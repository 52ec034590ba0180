"""Reserves: files and their faults, movements and transfers, deficits, and the year's end."""

import copy
import json
import random
import uuid
from dataclasses import replace

import pytest

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from council_finance.statements.casting import DIFFERS, cast_statement
from monitoring.models import Report, Upload
from monitoring.packs.services import load_pack
from monitoring.published.selectors.published_data import FrozenReport
from monitoring.publishing.services.reports import reopen_report
from monitoring.reports.checks import check_report
from monitoring.reports.selectors.statements import all_statements, statement
from monitoring.restructuring.services.years import roll_year_forward
from reserves.models import (
    CapitalReceiptsForecast,
    CapitalReceiptsProject,
    Reserve,
    ReserveMovement,
)
from reserves.services import approve_deficit, carry_reserves_forward
from tests.councils.packs import bring, facts_of, period_of, publish, refreeze
from tests.councils.reserves import (
    FILES,
    MINIMUM,
    MOVEMENT_COLUMNS,
    MOVEMENTS,
    PROJECTS,
    RESERVE_COLUMNS,
    RESERVES,
    closing,
    figures,
    frozen,
    load_closed,
    load_council,
    move,
    reserve,
    transfer,
)

MODELS = (Reserve, ReserveMovement, CapitalReceiptsProject, CapitalReceiptsForecast, AuditEntry)


@pytest.fixture
def council(db, tmp_path):
    """Month 1 published, month 2 a draft."""
    return load_council(tmp_path)


@pytest.fixture
def officer(person):
    return person(Role.FINANCE_OFFICER)


@pytest.fixture
def lead(person):
    return person(Role.FINANCE_LEAD)


def everything() -> dict[str, list]:
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in MODELS}


def refusal(council, kind: str, text: str, number: int | None = None) -> list[str]:
    """The sentences of a refused file; nothing was stored."""
    before = everything() | {"AuditEntry": None}
    with pytest.raises(Refused) as caught:
        bring(council, kind, text, number)
    assert everything() | {"AuditEntry": None} == before
    return caught.value.messages


def assert_told(messages, row, column, *words):
    told = [each for each in messages if each.startswith(f"Row {row}, column {column}: ")]
    assert any(all(word in each for word in words) for each in told), messages


def warnings(council, kind: str) -> list[str]:
    upload = Upload.objects.filter(year=council, kind=kind).order_by("-pk").first()
    return [warning["message"] for warning in upload.warnings]


def differing(facts) -> dict[str, tuple[float, float]]:
    checks = [each.to_data() for each in check_report(facts)]
    return {
        check["name"]: (check["expected"], check["actual"])
        for check in checks
        if check["status"] == DIFFERS
    }


# The balances of the made-up council


def test_balances_are_opening_and_movements_as_far_as_the_period(council):
    assert closing(council, 1) == {
        "GF": 1050,
        "ROADS": 40,
        "FIRE": 40,
        "DEBT": -50,
        "LAND": 20,
        "group:total:revenue:Services": 80,
        "group:total:revenue:Corporate": -50,
        "total:revenue": 1080,
        "total:capital": 20,
    }
    assert closing(council)["ROADS"] == 45
    fund = figures(council, 2, "reserves-general-fund")
    assert fund["variance"]["closing"] == -20  # 55 + 30 + 20 over, less the 55 and 30 planned
    assert fund["after"]["closing"] == 1030


def test_a_file_brings_owners_and_keeps_what_it_leaves_out(council):
    with_owner = RESERVES.replace("purpose\n", "purpose,owner\n").replace(
        "Winter\n", "Winter,Head of roads\n"
    )
    bring(council, "reserves", with_owner)
    bring(council, "reserves", "code,name,kind,opening_balance\nROADS,Road fund,earmarked,101\n")
    stored = reserve(council, "ROADS")
    assert (stored.name, stored.owner, stored.purpose) == ("Road fund", "Head of roads", "Winter")
    assert (stored.group, stored.service.code) == ("Services", "PLACE")
    assert stored.opening_balance_pence == 10_100
    assert Reserve.objects.filter(year=council).count() == 5
    told = warnings(council, "reserves")
    assert any("changes from £100 to £101" in warning for warning in told)
    assert any("Fire fund (FIRE) is not in the file" in warning for warning in told)


BAD_RESERVES = {
    "a code twice": ("FIRE,A,earmarked,,,1,\nFIRE,B,earmarked,,,1,\n", 3, "code", "earlier row"),
    "no code": (",A,earmarked,,,1,\n", 2, "code", "value is needed"),
    "no name": ("A,,earmarked,,,1,\n", 2, "name", "value is needed"),
    "a long name": (f"A,{'x' * 301},earmarked,,,1,\n", 2, "name", "300"),
    "a long group": (f"A,A,earmarked,{'x' * 301},,1,\n", 2, "group", "300"),
    "another kind": ("A,A,savings,,,1,\n", 2, "kind", "general_fund, earmarked, capital"),
    "no kind": ("A,A,,,,1,\n", 2, "kind", "value is needed"),
    "an unknown service": ("A,A,earmarked,,NOPE,1,\n", 2, "service_code", "NOPE"),
    "a closed service": ("A,A,earmarked,,OLD,1,\n", 2, "service_code", "ROAD (Roads)"),
    "no opening balance": ("A,A,earmarked,,,,\n", 2, "opening_balance", "value is needed"),
    "text for it": ("A,A,earmarked,,,some,\n", 2, "opening_balance", "some", "1,234.50"),
    "three decimals": ("A,A,earmarked,,,1.001,\n", 2, "opening_balance", "two decimals"),
    "too large": ("A,A,earmarked,,,10000000000,\n", 2, "opening_balance", "9,999,999,999.99"),
    **{
        f"the code {code}": (f"{code},A,earmarked,,,1,\n", 2, "code", code, "give the reserve")
        for code in ("variance", "after", "total:revenue", "group:total:A", "heading:x")
    },
    "the code total": (
        "A,A,earmarked,,,1,\ntotal,A,earmarked,,,2,\n",
        *(3, "opening_balance", "2.00", "this total is not the sum of the rows above it"),
    ),
    "less than is drawn": (
        "ROADS,Highways,earmarked,,PLACE,59.99,\n",
        *(2, "opening_balance", "59.99", "Highways would be overdrawn", "month 1", "-£0.01"),
    ),
    "a deficit that is drawn on": ("ROADS,A,earmarked,,,-1,\n", 2, "opening_balance", "-£61"),
}


@pytest.mark.parametrize("case", BAD_RESERVES.values(), ids=BAD_RESERVES)
def test_a_bad_reserve_is_told_by_row_and_column(council, case):
    rows, *place = case
    assert_told(refusal(council, "reserves", RESERVE_COLUMNS + rows), *place)


def test_every_opening_that_overdraws_is_told_at_once(council):
    Reserve.objects.filter(year=council, code="FIRE").update(opening_balance_pence=1000)
    move(council, "FIRE", "-50")
    rows = "FIRE,Fire fund,earmarked,,,9,\nROADS,Roads,earmarked,,,5,\nDEBT,D,earmarked,,,-60,\n"
    messages = refusal(council, "reserves", RESERVE_COLUMNS + rows)
    assert_told(messages, 2, "opening_balance", "Fire fund would be overdrawn", "-£1")
    assert_told(messages, 3, "opening_balance", "Roads would be overdrawn", "-£55")
    assert not any(each.startswith("Row 4") for each in messages)  # it opens lower, undrawn


@pytest.mark.slow
def test_a_reserve_may_open_at_what_its_movements_leave_and_at_a_deficit(council, lead):
    rows = "ROADS,Roads,earmarked,,,60,\nDEBT,Debt,earmarked,,,-90,\nNEW,New,earmarked,,,-5,\n"
    bring(council, "reserves", RESERVE_COLUMNS + rows)
    assert (closing(council, 2)["ROADS"], closing(council)["DEBT"]) == (5, -90)
    approve_deficit(reserve=reserve(council, "ROADS"), up_to_pence=1000, reason="Snow", by=lead)
    lower = RESERVE_COLUMNS + "ROADS,Roads,earmarked,,,50,\n"
    bring(council, "reserves", lower)
    bring(council, "reserves", lower.replace("Roads", "Highways"))  # what is overdrawn may stay
    assert reserve(council, "ROADS").opening_balance_pence == 5000
    further = lower.replace(",50,", ",49.99,")
    assert_told(refusal(council, "reserves", further), 2, "opening_balance", "approved is £10")


@pytest.mark.slow
def test_what_is_overdrawn_is_not_earmarked_later(council):
    bring(council, "reserve_movements", MOVEMENT_COLUMNS + "LAND,2,anticipated,-30,Works\n")
    rows = RESERVE_COLUMNS + "LAND,Land receipts,{},,,20,\n"
    told = refusal(council, "reserves", rows.format("earmarked"))
    assert_told(told, 2, "opening_balance", "Land receipts would be overdrawn", "-£10")
    bring(council, "reserves", rows.format("general_fund"))


BAD_MOVEMENTS = {
    "an unknown reserve": ("NOPE,2,anticipated,1,", "reserve_code", "NOPE", "reserves.csv"),
    "no reserve": (",2,anticipated,1,", "reserve_code", "value is needed"),
    "no period": ("GF,,anticipated,1,", "period", "value is needed"),
    "a month's name": ("GF,May,anticipated,1,", "period", "May", "whole number"),
    "month 14": ("GF,14,anticipated,1,", "period", "14", "0 to 13"),
    "another kind": ("GF,2,hoped,1,", "kind", "hoped", "budgeted, anticipated, actual"),
    "no kind": ("GF,2,,1,", "kind", "value is needed"),
    "no amount": ("GF,2,anticipated,,", "amount", "value is needed"),
    "text for an amount": ("GF,2,anticipated,some,", "amount", "some", "1,234.50"),
    "three decimals": ("GF,2,anticipated,1.001,", "amount", "two decimals"),
    "a published period": ("GF,1,anticipated,1,", "period", "Month 1", "Reopen it first"),
    "more than there is": ("ROADS,2,anticipated,-41,", "amount", "-41", "Roads reserve", "-£1"),
    "booking more than there is": ("ROADS,2,actual,-101,", "amount", "booked", "-£1"),
    "a deeper deficit": ("DEBT,3,budgeted,-1,", "amount", "Old deficit", "month 3", "-£51"),
}


@pytest.mark.parametrize("case", BAD_MOVEMENTS.values(), ids=BAD_MOVEMENTS)
def test_a_bad_movement_is_told_by_row_and_column(council, case):
    row, column, *words = case
    assert_told(
        refusal(council, "reserve_movements", f"{MOVEMENT_COLUMNS}{row}\n"), 2, column, *words
    )


def test_every_fault_of_the_movements_is_told_at_once(council):
    rows = "NOPE,2,anticipated,1,\nGF,14,anticipated,x,\n"
    messages = refusal(council, "reserve_movements", MOVEMENT_COLUMNS + rows)
    assert_told(messages, 2, "reserve_code", "NOPE")
    assert_told(messages, 3, "period", "14")
    assert_told(messages, 3, "amount", "x")


def test_the_general_fund_and_capital_reserves_may_be_overdrawn(council):
    rows = "GF,2,anticipated,-5000,Overspend\nLAND,2,anticipated,-30,Works\n"
    bring(council, "reserve_movements", MOVEMENT_COLUMNS + rows)
    assert closing(council)["GF"] == -3950
    assert closing(council)["LAND"] == -10
    notes = [note.text for note in statement(facts_of(council, 2), "reserves-schedule").footnotes]
    assert "Land receipts: a deficit of £10." in notes


def test_the_row_that_draws_last_is_told(council):
    rows = "ROADS,3,anticipated,-30,\nROADS,2,anticipated,-20,\nROADS,4,anticipated,-1,\n"
    messages = refusal(council, "reserve_movements", MOVEMENT_COLUMNS + rows)
    assert_told(messages, 2, "amount", "-30", "by month 3 its balance is -£10")


def test_a_file_that_leaves_out_what_drawings_lean_on_is_refused(council):
    move(council, "ROADS", "-45")
    rows = "GF,2,anticipated,1,\n"
    messages = refusal(council, "reserve_movements", MOVEMENT_COLUMNS + rows)
    assert any("not in the file" in each and "Roads reserve" in each for each in messages)


@pytest.mark.slow
def test_a_file_replaces_what_files_brought_into_the_periods_that_it_names(council, officer):
    move(council, "ROADS", "-1", by=officer)
    bring(council, "reserve_movements", MOVEMENT_COLUMNS + "FIRE,2,anticipated,-3,\n")
    assert closing(council)["ROADS"] == 39  # without the file's +5, with what was typed
    assert closing(council)["FIRE"] == 37
    assert closing(council)["GF"] == 1050  # the budget's period is not in the file
    assert any("the approved budget" in each for each in warnings(council, "reserve_movements"))
    bring(council, "reserve_movements", MOVEMENT_COLUMNS + "FIRE,2,anticipated,-3,\n")
    assert closing(council)["FIRE"] == 37


def test_a_typed_movement_that_a_file_brings_too_is_warned_of(council):
    move(council, "ROADS", "-1")
    bring(council, "reserve_movements", MOVEMENT_COLUMNS + "ROADS,2,anticipated,-1,\n")
    assert "The same movement was entered on its page; both count." in warnings(
        council, "reserve_movements"
    )


def test_movements_of_a_published_period_may_be_repeated_but_not_changed(council):
    before = frozen(council, 1)
    bring(council, "reserve_movements", MOVEMENTS)
    assert ReserveMovement.objects.filter(reserve__year=council).count() == 4
    changed = MOVEMENTS.replace("ROADS,01,anticipated,-60", "ROADS,01,anticipated,-61")
    assert_told(refusal(council, "reserve_movements", changed), 4, "period", "Month 1")
    twice = MOVEMENTS + "ROADS,01,anticipated,-60,Again\n"
    assert_told(refusal(council, "reserve_movements", twice), 6, "period", "Month 1")
    assert frozen(council, 1) == before


@pytest.mark.slow
def test_in_a_reopened_period_movements_change(council):
    reopen_report(period=period_of(council, 1), reason="A mistake", by=None)
    changed = MOVEMENTS.replace("ROADS,01,anticipated,-60", "ROADS,01,anticipated,-70")
    bring(council, "reserve_movements", changed)
    assert closing(council, 1)["ROADS"] == 30
    publish(council, 1)
    for version, wanted in ((1, 40), (2, 30)):
        report = Report.objects.get(period=period_of(council, 1), version=version)
        rows = json.loads(report.statements.get(name="reserves-schedule").text)["rows"]
        (roads,) = [row["cells"] for row in rows if row["key"] == "ROADS"]
        assert roads["closing"]["value"] == wanted


BAD_PROJECTS = {
    "a reference twice": ("P1,A,CARE,,1,\nP1,B,CARE,,1,\n", 3, "reference", "earlier row"),
    "no reference": (",A,CARE,,1,\n", 2, "reference", "value is needed"),
    "no project": ("P9,,CARE,,1,\n", 2, "project", "value is needed"),
    "no service": ("P9,A,,,1,\n", 2, "service_code", "value is needed"),
    "an unknown service": ("P9,A,NOPE,,1,\n", 2, "service_code", "NOPE"),
    "no plan": ("P9,A,CARE,,,\n", 2, "original_planned", "value is needed"),
    "a long name": (f"P9,{'x' * 301},CARE,,1,\n", 2, "project", "300"),
}
BAD_FORECASTS = {
    "an unknown project": ("NOPE,1\n", 2, "reference", "NOPE", "capital_receipts.csv"),
    "a project twice": ("P1,1\nP1,2\n", 3, "reference", "earlier row"),
    "no forecast": ("P1,\n", 2, "forecast", "value is needed"),
    "text": ("P1,some\n", 2, "forecast", "some"),
}
PROJECT_COLUMNS = PROJECTS.splitlines(keepends=True)[0]


@pytest.mark.parametrize("case", BAD_PROJECTS.values(), ids=BAD_PROJECTS)
def test_a_bad_project_is_told_by_row_and_column(council, case):
    rows, *place = case
    assert_told(refusal(council, "capital_receipts", PROJECT_COLUMNS + rows), *place)


@pytest.mark.parametrize("case", BAD_FORECASTS.values(), ids=BAD_FORECASTS)
def test_a_bad_forecast_of_receipts_is_told_by_row_and_column(council, case):
    rows, *place = case
    assert_told(refusal(council, "capital_receipts", "reference,forecast\n" + rows, 2), *place)


def test_forecasts_of_a_published_period_are_refused(council):
    (message,) = refusal(council, "capital_receipts", "reference,forecast\nP1,1\n", 1)
    assert "Reopen it first" in message


def test_a_project_without_a_forecast_has_none_and_the_page_says_so(council):
    bring(council, "capital_receipts", "reference,forecast\nP1,25\n", 2)
    receipts = statement(facts_of(council, 2), "capital-receipts")
    assert receipts.row("P2").cells["forecast"].value is None
    assert receipts.row("total:TOP").cells["forecast"].value == 25
    assert receipts.row("P1").cells["previous_forecast"].value == 40
    assert any("Systems" in note.text for note in receipts.footnotes)
    assert differing(facts_of(council, 2)) == {
        "Parks: the projects’ forecast is the planned use in Annex A": (30, 25),
        "All projects’ forecast is the planned use in Annex A": (30, 25),
    }


def test_a_project_of_a_service_that_closes_stands_where_its_lines_stand(council):
    closed = FILES["services.csv"].replace("PARK,Parks,PLACE,2,,", "PARK,Parks,PLACE,2,,ROAD")
    bring(council, "services", closed)
    keys = [row.key for row in statement(facts_of(council, 2), "capital-receipts").rows]
    assert keys[:2] == ["heading:ROAD", "P1"]
    assert differing(facts_of(council, 2)) == {}


# Typing movements


def test_a_movement_is_entered_with_who_and_why(council, officer):
    revision = council.revision
    entered = move(council, "ROADS", "-10.50", by=officer, description=" More salt ")
    assert closing(council)["ROADS"] == 34.5
    assert (entered.entered_by, entered.description, entered.source) == (officer, "More salt", None)
    council.refresh_from_db()
    assert council.revision > revision
    entry = AuditEntry.objects.get(record="reserve 2021/22 ROADS")
    assert (entry.by, entry.action) == (officer, "entered a movement")
    assert entry.detail == {
        "period": 2,
        "kind": "anticipated",
        "amount_pence": -1050,
        "description": "More salt",
        "approved_by": "Cabinet",
    }


REFUSED_MOVEMENTS = {
    "in a published period": (("ROADS", "-1", 1), {}, "Reopen it first"),
    "in no period": (("ROADS", "-1", 14), {}, "no period 14"),
    "of nothing": (("ROADS", "0"), {}, "moves nothing"),
    "without a reason": (("ROADS", "-1"), {"description": "  "}, "Say what"),
    "approved by nobody": (("ROADS", "-1"), {"approved_by": " "}, "Say who approved"),
    "approved at length": (("ROADS", "-1"), {"approved_by": "x" * 301}, "Shorten who"),
    "with a long reason": (("ROADS", "-1"), {"description": "x" * 10_001}, "Shorten"),
    "that overdraws": (("ROADS", "-45.01"), {}, "-£0.01"),
    "that overdraws later": (("FIRE", "-41", 5), {}, "by month 5"),
    "that deepens a deficit": (("DEBT", "-0.01"), {}, "-£50.01"),
    "that books too much": (("ROADS", "-105.01", 2, "actual"), {}, "booked"),
}


@pytest.mark.parametrize("case", REFUSED_MOVEMENTS.values(), ids=REFUSED_MOVEMENTS)
def test_a_movement_that_cannot_be_is_refused_and_nothing_stored(council, officer, case):
    arguments, more, words = case
    before = everything()
    with pytest.raises(Refused, match=words):
        move(council, *arguments, by=officer, **more)
    assert everything() == before


@pytest.mark.slow
def test_nil_may_be_booked(council):
    move(council, "ROADS", "0", 13, "actual")
    bring(council, "position", FILES["periods/02/position.csv"], 13)
    assert closing(council, 13)["ROADS"] == 100
    notes = [note.text for note in statement(facts_of(council, 13), "reserves-schedule").footnotes]
    assert any("Not booked yet" in note and "General Fund, Fire fund" in note for note in notes)
    assert differing(facts_of(council, 13)) == {}


def test_a_form_sent_twice_is_entered_once(council):
    form = uuid.uuid4()
    first = move(council, "ROADS", "-1", form=form)
    assert move(council, "ROADS", "-1", form=form) == first
    assert closing(council)["ROADS"] == 44
    move(council, "ROADS", "-1", form=uuid.uuid4())
    assert closing(council)["ROADS"] == 43


def test_a_transfer_is_one_record_with_two_sides(council, officer):
    transfer(council, "GF", "DEBT", "50", by=officer)
    assert (closing(council)["GF"], closing(council)["DEBT"]) == (1000, 0)
    assert closing(council)["total:revenue"] == 1085
    assert ReserveMovement.objects.filter(transfer_to__isnull=False).count() == 1
    for code, amount in (("GF", -5000), ("DEBT", 5000)):
        entry = AuditEntry.objects.get(record=f"reserve 2021/22 {code}")
        assert (entry.action, entry.detail["amount_pence"]) == ("entered a transfer", amount)
    assert differing(facts_of(council, 2)) == {}  # no planned use by a service


REFUSED_TRANSFERS = {
    "to itself": (("ROADS", "ROADS", "1"), "another reserve"),
    "of nothing": (("ROADS", "GF", "0"), "positive"),
    "backwards": (("ROADS", "GF", "-1"), "positive"),
    "of more than there is": (("ROADS", "GF", "46"), "Roads reserve would be overdrawn"),
    "in a published period": (("GF", "ROADS", "1", 1), "Reopen it first"),
}


@pytest.mark.parametrize("case", REFUSED_TRANSFERS.values(), ids=REFUSED_TRANSFERS)
def test_a_transfer_that_cannot_be_is_refused_and_nothing_stored(council, case):
    arguments, words = case
    before = everything()
    with pytest.raises(Refused, match=words):
        transfer(council, *arguments)
    assert everything() == before


def test_a_deficit_that_was_approved_may_be_made_by_page_and_by_file(council, officer, lead):
    approve_deficit(reserve=reserve(council, "ROADS"), up_to_pence=2000, reason="Snow", by=lead)
    move(council, "ROADS", "-55", by=officer)
    bring(council, "reserve_movements", MOVEMENT_COLUMNS + "ROADS,2,anticipated,-5,More snow\n")
    assert closing(council)["ROADS"] == -20
    with pytest.raises(
        Refused, match=r"its balance is -£20.01, and the deficit .* approved is £20"
    ):
        move(council, "ROADS", "-0.01", by=officer)
    notes = [note.text for note in statement(facts_of(council, 2), "reserves-earmarked").footnotes]
    assert f"Roads reserve: a deficit of £20, which {lead.name} has approved." in notes
    entry = AuditEntry.objects.get(action="approved a deficit")
    assert entry.detail == {"reason": "Snow", "up_to_pence": {"from": None, "to": 2000}}


@pytest.mark.parametrize(
    ("code", "pence", "reason", "words"),
    [
        ("ROADS", 0, "Snow", "positive"),
        ("ROADS", -1, "Snow", "positive"),
        ("ROADS", 1, " ", "Say why"),
        ("ROADS", 1, "x" * 10_001, "Shorten"),
        ("GF", 1, "Snow", "Only an earmarked"),
    ],
)
def test_a_deficit_needs_an_amount_and_a_reason(council, lead, code, pence, reason, words):
    before = everything()
    with pytest.raises(Refused, match=words):
        approve_deficit(reserve=reserve(council, code), up_to_pence=pence, reason=reason, by=lead)
    assert everything() == before


def test_an_approval_given_twice_is_noted_once(council, lead):
    for _ in range(2):
        approve_deficit(reserve=reserve(council, "ROADS"), up_to_pence=1, reason="Snow", by=lead)
    assert AuditEntry.objects.filter(action="approved a deficit").count() == 1


# Ties to the rest of the report


def test_a_sound_council_ties_out(council):
    for number in (1, 2):
        assert differing(facts_of(council, number)) == {}
        names = [check.name for check in check_report(facts_of(council, number))]
        for words in (
            "The anticipated movements of earmarked reserves are the planned use in Annex A",
            "Parks: the projects’ forecast is the planned use in Annex A",
            "5 of 5 reserves close at their opening balance and movements",
            "The General Fund falls by the forecast net variance of Annex A",
        ):
            assert words in names


@pytest.mark.slow
def test_planned_use_that_no_reserve_anticipates_is_found(council):
    move(council, "ROADS", "-5")
    move(council, "GF", "-7")  # the General Fund is no earmarked reserve
    move(council, "FIRE", "-9", kind="budgeted")  # in the budget already
    assert differing(facts_of(council, 2)) == {
        "The anticipated movements of earmarked reserves are the planned use in Annex A": (-55, -60)
    }


NET_TO_NIL = "The two sides of every transfer between reserves net to nil"


@pytest.mark.slow
def test_transfers_net_to_nil_and_a_side_that_is_missing_is_found(council):
    transfer(council, "GF", "ROADS", "5")
    publish(council, 2)
    facts = facts_of(council, 2)
    names = {check.name: check for check in check_report(facts)}
    assert names[NET_TO_NIL].status == "agrees"
    facts = replace(facts, frozen=FrozenReport(copy.deepcopy(dict(facts.frozen))))
    facts.frozen["parts"]["reserves"]["movements"].pop()
    found = differing(facts)
    assert found[NET_TO_NIL] == (0, 5)
    assert found["Roads reserve: closes at its opening balance and movements"] == (45, 50)


def test_a_report_from_before_there_were_reserves_is_read_all_the_same(council):
    report = Report.objects.get(period=period_of(council, 1))
    refreeze(report, parts=None)
    report.statements.filter(name__startswith="reserves").delete()
    report.statements.filter(name__in=("capital-receipts", "aged-debt")).delete()
    assert differing(facts_of(council, 1)) == {}
    receipts = statement(facts_of(council, 2), "capital-receipts")
    assert receipts.row("P1").cells["previous_forecast"].text == "–"


# Properties


def act(council, chance: random.Random, period: int) -> None:
    """A movement or a transfer, which may well be refused."""
    codes = ["GF", "ROADS", "FIRE", "DEBT", "LAND"]
    kind = chance.choice(["budgeted", "anticipated", "actual"])
    amount = str(chance.randint(-9999, 9999) / 100)
    if chance.random() < 0.4:
        giver, receiver = chance.sample(codes, 2)
        transfer(council, giver, receiver, amount.strip("-"), period, kind)
    else:
        move(council, chance.choice(codes), amount, period, kind)


def assert_rolls_forward(council, number: int) -> None:
    """Every row adds across, every group and total adds up, and nothing is overdrawn."""
    facts = facts_of(council, number)
    assert [
        check
        for each in all_statements(facts).values()
        for check in cast_statement(each)
        if check.status == DIFFERS
    ] == []
    rows = figures(council, number)
    for code, opening in (("GF", 1000), ("ROADS", 100), ("FIRE", 0), ("DEBT", -50), ("LAND", 20)):
        cells = rows[code]
        sides = [
            (each.kind, each.amount_pence if each.reserve.code == code else -each.amount_pence)
            for each in ReserveMovement.objects.filter(
                reserve__year=council, period__lte=number
            ).select_related("reserve", "transfer_to")
            if code in (each.reserve.code, each.transfer_to and each.transfer_to.code)
        ]
        booked = number == 13 and any(kind == "actual" for kind, _ in sides)
        moved = sum(amount for kind, amount in sides if (kind == "actual") == booked)
        assert cells["closing"] == pytest.approx(opening + moved / 100, abs=1e-9)
    floors = {"ROADS": 0, "FIRE": 0, "DEBT": -50}
    if number < 13:
        assert all(rows[code]["closing"] >= floor for code, floor in floors.items())


SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 6))]


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_balances_always_roll_forward_and_the_published_report_never_changes(council, seed):
    chance, before = random.Random(seed), frozen(council, 1)
    done = 0
    for number in (2, 13):
        for _ in range(12):
            try:
                act(council, chance, number)
                done += 1
            except Refused:
                continue
        if number == 13:
            bring(council, "position", FILES["periods/02/position.csv"], 13)
        assert_rolls_forward(council, number)
        published = frozen(council, 2) if number == 13 else None
        if number == 2:
            publish(council, 2)
            published = frozen(council, 2)
    assert done > 6
    assert frozen(council, 2) == published
    assert frozen(council, 1) == before


@pytest.mark.slow
def test_a_published_report_never_changes_whatever_is_entered_or_brought_later(council, lead):
    before = frozen(council, 1)
    bring(council, "reserves", RESERVES.replace("1000", "2000").replace("Fire fund", "Flames"))
    bring(council, "capital_receipts", PROJECTS.replace("Gates", "Doors"))
    approve_deficit(reserve=reserve(council, "ROADS"), up_to_pence=100, reason="Snow", by=lead)
    move(council, "ROADS", "-46")
    move(council, "GF", "-1", 0, "budgeted")  # the budget's period is not published
    transfer(council, "GF", "LAND", "5")
    assert frozen(council, 1) == before
    again = all_statements(facts_of(council, 1))
    assert {name: each.to_json() for name, each in again.items()} == before
    assert closing(council)["GF"] == 2044


# The year's end


@pytest.mark.slow
def test_a_year_opens_at_the_close_of_the_last(db, tmp_path, lead):
    closed, following = load_closed(tmp_path)
    carried = carry_reserves_forward(year=closed, by=lead)
    assert (carried.added, carried.changed) == (5, 0)
    opening = {
        each.code: each.opening_balance_pence for each in Reserve.objects.filter(year=following)
    }
    assert opening == {"GF": 99_525, "ROADS": 4000, "FIRE": 4000, "DEBT": -5000, "LAND": 2000}
    roads = reserve(following, "ROADS")
    assert (roads.group, roads.purpose, roads.service.code) == ("Services", "Winter", "PLACE")
    assert roads.service.year == following
    entry = AuditEntry.objects.get(record="reserve 2022/23 ROADS")
    assert entry.detail == {"opening_balance_pence": {"from": None, "to": 4000}}


@pytest.mark.slow
def test_carried_again_only_what_changed_changes(db, tmp_path, lead):
    closed, following = load_closed(tmp_path)
    carry_reserves_forward(year=closed, by=lead)
    again = carry_reserves_forward(year=closed, by=lead)
    assert (again.added, again.changed) == (0, 0)
    reopen_report(period=period_of(closed, 13), reason="A late invoice", by=lead)
    move(closed, "ROADS", "-1", 13, "actual")
    publish(closed, 13)
    Reserve.objects.filter(year=following, code="ROADS").update(name="Highways")
    again = carry_reserves_forward(year=closed, by=lead)
    assert (again.added, again.changed) == (0, 1)
    roads = reserve(following, "ROADS")
    assert (roads.opening_balance_pence, roads.name) == (3900, "Highways")


@pytest.mark.slow
def test_what_would_be_overdrawn_is_not_carried(db, tmp_path, lead):
    closed, following = load_closed(tmp_path)
    carry_reserves_forward(year=closed, by=lead)
    move(following, "ROADS", "-39.50")
    move(following, "FIRE", "-40")
    reopen_report(period=period_of(closed, 13), reason="A late invoice", by=lead)
    move(closed, "ROADS", "-1", 13, "actual")
    move(closed, "GF", "-1", 13, "actual")
    publish(closed, 13)
    before = everything()
    with pytest.raises(Refused) as caught:
        carry_reserves_forward(year=closed, by=lead)
    (message,) = caught.value.messages
    assert "Roads reserve would be overdrawn: with what is" in message
    assert (
        "its balance is -£0.50" in message
        and "It would open at £39; nothing was carried" in message
    )
    assert everything() == before
    approve_deficit(reserve=reserve(following, "ROADS"), up_to_pence=50, reason="Late", by=lead)
    assert carry_reserves_forward(year=closed, by=lead).changed == 2
    assert reserve(following, "ROADS").opening_balance_pence == 3900


def test_without_a_next_year_nothing_is_carried(council, lead):
    with pytest.raises(Refused, match="Set 2022/23 up first"):
        carry_reserves_forward(year=council, by=lead)
    following = roll_year_forward(year=council, by=None)
    with pytest.raises(Refused, match="has not been published"):
        carry_reserves_forward(year=council, by=lead)
    assert not Reserve.objects.filter(year=following).exists()


# Packs and settings


def test_a_pack_loaded_again_is_the_same_and_other_figures_are_refused(db, tmp_path):
    load_council(tmp_path)
    before = everything()
    outcome = load_pack(folder=tmp_path, by=None)
    assert outcome.stored == outcome.left == []
    assert everything() == before
    path = tmp_path / "reserve_movements.csv"
    path.write_text(MOVEMENTS.replace("ROADS,01,anticipated,-60", "ROADS,01,anticipated,-61"))
    with pytest.raises(Refused, match="reserve_movements.csv: Row 4, column period: .*published"):
        load_pack(folder=tmp_path, by=None)
    assert everything() == before


@pytest.mark.slow
def test_the_minimum_level_is_said_where_it_is_set(db, tmp_path):
    council = load_council(tmp_path, settings=MINIMUM)
    notes = [n.text for n in statement(facts_of(council, 2), "reserves-general-fund").footnotes]
    wanted = "The council’s minimum level is £1,040; the balance is expected to be £10 below it."
    assert wanted in notes


@pytest.mark.slow
def test_without_reserves_the_statements_say_so(db, tmp_path):
    none = dict.fromkeys(["reserves.csv", "reserve_movements.csv", "capital_receipts.csv"])
    none |= {f"periods/0{n}/capital_receipts.csv": None for n in (1, 2)}
    council = load_council(tmp_path, **none)
    for name in ("reserves-earmarked", "reserves-general-fund", "reserves-schedule"):
        made = statement(facts_of(council, 2), name)
        assert made.rows == ()
        assert made.footnotes[0].text == "No such reserves have been brought in."
    assert differing(facts_of(council, 2)) == {}
