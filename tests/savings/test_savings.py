"""Savings over a year: totals that agree, savings moved and replaced, reports that never change."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as run
from hypothesis import strategies as st

from council_finance.audit import history
from council_finance.errors import Refused
from council_finance.statements.casting import cast_statement
from council_finance.statements.renderers import FORMATS
from monitoring.models import FinancialYear, Period, Report, ReportStatement, Service
from monitoring.publishing.services.reports import reopen_report
from monitoring.reports.checks import check_report
from monitoring.reports.selectors.statements import statement
from savings.calculations import (
    agreed_by_status,
    combined_totals,
    totals_by_decision,
    tracker_totals,
)
from savings.checks import savings_combined
from savings.models import Replacement, Saving, SavingPosition
from savings.rules import status_of
from savings.selectors.register import (
    find_saving,
    position_version,
    positions,
    saving_version,
)
from savings.services.positions import (
    PositionChange,
    PositionsClashed,
    PositionsFaulty,
    carry_positions,
    save_positions,
)
from savings.services.register import (
    Agreement,
    SavingChanged,
    SavingDetails,
    add_saving,
    change_saving,
    replace_saving,
)
from tests.councils.packs import bring, facts_of, period_of, position, publish
from tests.councils.savings import (
    DECLARED,
    LINES,
    TREE,
    agreed,
    made,
    reported,
    row_of,
    savings_in,
    small_council,
)

EVERYWHERE = range(10**9)
AGREEMENT = Agreement("Cabinet", datetime.date(2021, 6, 14), "The landlord refused")
NEW = SavingDetails(title="Fewer buildings", service="TWO", agreed_pence=65_000, decision="Feb")


@pytest.fixture
def council(db, tmp_path):
    """Statuses by rules; month 1 published with S-1 and S-3 reported, month 2 open."""
    return small_council(tmp_path, month_1="S-1 . 900 100\nS-3 . 400")


@pytest.fixture
def officer(person):
    return person("finance_officer", first_name="Olive")


def saving_of(year, reference="S-1") -> Saving:
    return find_saving(year, reference)


def differing(year, number) -> list[str]:
    checks = check_report(facts_of(year, number))
    return [c.name for c in checks if c.status == "differs" and c.statement.startswith("savings")]


def save(year, officer, values, reference="S-1", seen=None, number=2, within=EVERYWHERE):
    saving, period = saving_of(year, reference), period_of(year, number)
    seen = position_version(positions(period).get(saving.pk)) if seen is None else seen
    change = PositionChange(saving.pk, seen, values)
    return save_positions(period=period, changes=[change], within=within, by=officer)


# Totals


STATUSES = ("Red", "Amber", "Green")
SAVINGS = st.lists(
    st.fixed_dictionaries(
        {
            "agreed": st.integers(1, 10**12),
            "decision": st.sampled_from(["Feb", "Sept", ""]),
            "home": st.sampled_from(["ONE", "TWO", "DIR"]),
            "status": st.sampled_from(STATUSES),
            "forecast": st.none() | st.integers(-(10**12), 10**12),
            "delivered": st.none() | st.integers(0, 10**12),
            "phasing": st.lists(st.none() | st.integers(0, 10**9), min_size=4, max_size=4),
        }
    ),
    max_size=12,
)


@run(max_examples=40)
@given(SAVINGS)
def test_totals_by_decision_and_by_service_agree_with_the_combined_table(savings):
    """Against plain loops: whatever way the savings are cut, the parts add up to the whole."""
    services = ["DIR", "ONE", "TWO"]
    rows = [row_of(**saving) for saving in savings]
    whole = combined_totals(rows, STATUSES, services)
    blocks = totals_by_decision(rows, STATUSES, services)
    assert whole.total.total == sum(saving["agreed"] for saving in savings)
    assert whole.total == agreed_by_status(rows, STATUSES)
    assert sum(block.total.total for block in blocks) == whole.total.total
    for status in STATUSES:
        boring = 0
        for saving in savings:
            if saving["status"] == status:
                boring += saving["agreed"]
        assert whole.total.by_status[status] == boring
        assert sum(block.total.by_status[status] for block in blocks) == boring
        assert sum(row.by_status[status] for row in whole.services.values()) == boring
    for service in services:
        parts = [block.services[service].total for block in blocks]
        assert whole.services[service].total == sum(parts)
        assert whole.services[service].total == sum(whole.services[service].by_status.values())


@run(max_examples=40)
@given(SAVINGS)
def test_the_tracker_adds_up_and_leaves_what_has_no_forecast_out_of_the_variance(savings):
    totals = tracker_totals([row_of(**saving) for saving in savings])
    forecast = variance = left = count = 0
    for saving in savings:
        if saving["forecast"] is None:
            left, count = left + saving["agreed"], count + 1
        else:
            forecast += saving["forecast"]
            variance += saving["agreed"] - saving["forecast"]
    assert (totals.unforecast, totals.unforecast_agreed) == (count, left)
    if count < len(savings):
        assert (totals.forecast, totals.variance) == (forecast, variance)
        assert totals.agreed - totals.forecast == totals.variance + left
    else:
        assert (totals.forecast, totals.variance) == (None, None)
    for quarter in range(4):
        given_ = [s["phasing"][quarter] for s in savings if s["phasing"][quarter] is not None]
        assert totals.phasing[quarter] == (sum(given_) if given_ else None)


ROW = st.tuples(
    st.sampled_from(["ONE", "TWO", "DIR", "TOP"]),
    st.sampled_from(["Feb", "Sept", ""]),
    st.integers(1, 10**9),
    st.none() | st.integers(-(10**9), 10**10),
)


@pytest.mark.slow
@run(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, min_size=1, max_size=8))
def test_the_statements_of_any_register_cast_and_tie(council, rows):
    """Only what the report knows of savings varies; the council and its tree stay."""
    facts = facts_of(council, 2)
    one = facts.report_section("savings")["savings"][0]
    savings = [
        one
        | {
            "reference": f"R{n}",
            "service": service,
            "home": service,
            "decision": decision,
            "agreed": agreed,
            "forecast": forecast,
            "status": status_of(facts.settings, agreed, forecast).word,
        }
        for n, (service, decision, agreed, forecast) in enumerate(rows)
    ]
    facts = facts.with_report_section("savings", {"savings": savings, "left": []})
    checks = list(savings_combined(facts))
    for name in ("savings-summary", "savings-by-decision", "savings-tracker"):
        checks += cast_statement(statement(facts, name))
    assert {check.status for check in checks} <= {"agrees", "rounding"} and len(checks) > 10
    total = statement(facts, "savings-summary").row("savings:total").cells["agreed"].pence
    assert total == sum(agreed for _, _, agreed, _ in rows)


@pytest.mark.slow
def test_a_wrong_total_would_be_found(council):
    """The checks can fail: a saving without a status, and statements that do not agree."""
    facts = facts_of(council, 2)
    facts.report_section("savings")["savings"][0]["status"] = ""
    facts.report_section("savings")["savings"][0]["service"] = "GONE"
    found = {check.name for check in check_report(facts) if check.status == "differs"}
    assert "Every agreed saving has a status" in found
    assert "S-1: its service One has closed; move the saving" in found
    report = publish(council, 2)
    frozen = ReportStatement.objects.get(report=report, name="savings-summary")
    frozen.text = frozen.text.replace("2000.0", "2001.0")
    frozen.save()
    assert "The decisions add up to all savings combined" in differing(council, 2)


@pytest.mark.slow
@pytest.mark.parametrize("code", ["total", "percent", "savings:total", "all", "1"])
def test_a_service_may_be_called_as_a_row_of_the_statements_is(db, tmp_path, code):
    more = {
        "services.csv": TREE.replace("ONE", code),
        "savings.csv": agreed().replace("ONE", code),
        **{f"periods/0{n}/position.csv": position(LINES.replace("ONE", code)) for n in (1, 2)},
    }
    year = small_council(tmp_path, more=more, month_1="S-1 . 900 100\nS-3 . 400")
    assert differing(year, 1) == differing(year, 2) == []
    summary, by_decision = made(year, 2, "summary"), made(year, 2, "by-decision")
    assert [row.kind for row in summary.rows] == ["service", "service", "total", "percent"]
    assert summary.row(code).cells["agreed"].pence == 160_000
    assert by_decision.row(f"all:{code}").cells["agreed"].pence == 160_000
    assert [row.cells["agreed"].pence for row in by_decision.rows if row.kind == "total"] == [
        *(140_000, 60_000, 200_000)
    ]


@pytest.mark.slow
def test_a_council_without_savings_has_empty_statements(db, tmp_path):
    year = small_council(tmp_path)
    Saving.objects.filter(year=year).delete()
    for name in ("summary", "by-decision", "tracker"):
        empty = made(year, 2, name)
        assert empty.rows == ()
        assert "holds no savings" in empty.footnotes[0].text
    assert differing(year, 2) == []


# Moved, changed, replaced


def test_a_saving_moved_to_another_service_takes_its_history_along(council, officer):
    saving = saving_of(council)
    details = SavingDetails(title="Lamps", service="TWO", agreed_pence=100_000, decision="Feb")
    frozen = list(ReportStatement.objects.order_by("pk").values())
    assert change_saving(
        saving=saving, seen_version=saving_version(saving), details=details, by=officer
    )
    row = savings_in(council, 2)["S-1"]
    assert (row["service"], row["previous"]["service"]) == ("TWO", "ONE")
    assert row["previous"]["forecast"] == 90_000
    assert savings_in(council, 1)["S-1"]["service"] == "ONE"
    assert list(ReportStatement.objects.order_by("pk").values()) == frozen
    assert SavingPosition.objects.get(saving=saving).forecast_saving_pence == 90_000
    assert made(council, 2, "summary").row("TWO").cells["agreed"].pence == 140_000
    assert differing(council, 2) == []
    entry = history(f"saving {council.label} S-1")[0]
    assert entry.by == officer
    assert entry.detail["service"] == {"from": "ONE", "to": "TWO"}
    assert entry.detail["investment_pence"] == {"from": 5_000, "to": None}


def test_a_replaced_saving_keeps_what_it_did_and_counts_no_more(council, officer):
    new = replace_saving(
        saving=saving_of(council, "S-3"),
        period=period_of(council, 2),
        reference="S-4",
        details=NEW,
        agreement=AGREEMENT,
        by=officer,
    )
    assert (new.first_period, new.typed, new.order) == (2, True, 4)
    now = savings_in(council, 2)
    assert list(now) == ["S-1", "S-2", "S-4"]
    (replaced,) = now["S-4"]["replaces"]
    assert replaced == {
        "reference": "S-3",
        "title": "Fees",
        "agreed": 40_000,
        "agreed_by": "Cabinet",
        "agreed_on": "2021-06-14",
        "reason": "The landlord refused",
    }
    (left,) = facts_of(council, 2).report_section("savings")["left"]
    assert (left["reference"], left["replaced_by"], left["agreed"]) == ("S-3", "S-4", 40_000)
    assert list(savings_in(council, 1)) == ["S-1", "S-2", "S-3"]
    assert SavingPosition.objects.get(saving__reference="S-3").forecast_saving_pence == 40_000
    tracker = made(council, 2, "tracker")
    assert tracker.row("S-4").cells["title"].mark == "†"
    assert any(
        "S-4 replaces S-3 (Fees) of £400, as agreed by Cabinet on 14 June 2021" in note.text
        for note in tracker.footnotes
    )
    entry = history(f"saving {council.label} S-3")[0]
    assert (entry.action, entry.detail["replaced_by"]) == ("replaced a saving", "S-4")
    assert differing(council, 2) == []


@pytest.mark.slow
def test_a_replaced_saving_takes_no_more_positions(council, officer):
    old = saving_of(council, "S-3")
    arguments = {"reference": "S-4", "details": NEW, "agreement": AGREEMENT, "by": officer}
    replace_saving(saving=old, period=period_of(council, 2), **arguments)
    with pytest.raises(Refused) as caught:
        bring(council, "savings", reported("S-3 . 5"), 2)
    assert "S-4 replaces this saving from month 2 on" in caught.value.messages[0]
    reopen_report(period=period_of(council, 1), reason="A late figure", by=None)
    with pytest.raises(Refused) as caught:
        bring(council, "savings", reported("S-4 . 5"), 1)
    assert "this saving counts from month 2 on" in caught.value.messages[0]
    assert list(savings_in(council, 1)) == ["S-1", "S-2", "S-3"]
    with pytest.raises(PositionsFaulty):
        save(council, officer, {"forecast_saving_pence": 5}, "S-3")


REFUSED = {
    "a reference that is taken": ({"reference": "S-1"}, "There is a saving S-1 in"),
    "no reference": ({"reference": " "}, "at most 64 characters"),
    "nobody agreed": (
        {"agreement": Agreement(" ", datetime.date(2021, 6, 14), "Why")},
        "who agreed",
    ),
    "no reason": (
        {"agreement": Agreement("Cabinet", datetime.date(2021, 6, 14), "")},
        "who agreed to the replacement, and why",
    ),
    "a closed service": ({"details": SavingDetails("T", "OLD", 5)}, "has closed"),
    "no such service": (
        {"details": SavingDetails("T", "NOPE", 5)},
        "no service with the code NOPE",
    ),
    "nil": ({"details": SavingDetails("T", "ONE", 0)}, "The agreed saving is positive."),
    "a negative investment": (
        {"details": SavingDetails("T", "ONE", 5, investment_pence=-1)},
        "An investment is nil or positive.",
    ),
    "no title": ({"details": SavingDetails(" ", "ONE", 5)}, "Say in words what is to be saved."),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_a_replacement_that_is_not_in_order_stores_nothing(council, officer, case):
    wrong, words = case
    arguments = {"reference": "S-4", "details": NEW, "agreement": AGREEMENT} | wrong
    before = list(Saving.objects.values()), council.revision
    with pytest.raises(Refused) as caught:
        replace_saving(
            saving=saving_of(council, "S-3"), period=period_of(council, 2), by=officer, **arguments
        )
    assert any(words in message for message in caught.value.messages), caught.value.messages
    council.refresh_from_db()
    assert (list(Saving.objects.values()), council.revision) == before
    assert not Replacement.objects.exists()


def test_a_replacement_agreed_in_the_future_is_refused(council, officer):
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    with pytest.raises(Refused, match="has not come yet"):
        replace_saving(
            saving=saving_of(council, "S-3"),
            period=period_of(council, 2),
            by=officer,
            reference="S-4",
            details=NEW,
            agreement=Agreement("Cabinet", tomorrow, "The landlord refused"),
        )
    assert not Replacement.objects.exists()


def test_nothing_is_replaced_twice_nor_in_a_published_period(council, officer):
    arguments = {"details": NEW, "agreement": AGREEMENT, "by": officer}
    old = saving_of(council, "S-3")
    with pytest.raises(Refused, match="Reopen it first"):
        replace_saving(saving=old, period=period_of(council, 1), reference="S-4", **arguments)
    replace_saving(saving=old, period=period_of(council, 2), reference="S-4", **arguments)
    with pytest.raises(Refused, match="S-3 does not count in month 2"):
        replace_saving(saving=old, period=period_of(council, 2), reference="S-5", **arguments)
    new = saving_of(council, "S-4")
    replace_saving(saving=new, period=period_of(council, 3), reference="S-5", **arguments)
    assert list(savings_in(council, 2)) == ["S-1", "S-2", "S-4"]


def test_a_change_on_top_of_a_colleagues_is_not_stored(council, officer):
    saving = saving_of(council)
    seen = saving_version(saving)
    change_saving(saving=saving, seen_version=seen, details=NEW, by=officer)
    assert not change_saving(
        saving=saving, seen_version=saving_version(saving_of(council)), details=NEW, by=officer
    )
    with pytest.raises(SavingChanged):
        change_saving(
            saving=saving, seen_version=seen, details=SavingDetails("X", "ONE", 5), by=officer
        )
    assert saving_of(council).title == "Fewer buildings"


@pytest.mark.slow
def test_a_saving_of_a_service_that_closes_follows_its_lines_and_is_named(council):
    tree = TREE.replace("TWO,Two,DIR,2,,", "TWO,Two,DIR,2,,ONE")
    bring(council, "services", tree)
    row = savings_in(council, 2)["S-3"]
    assert (row["service"], row["home"]) == ("TWO", "ONE")
    assert made(council, 2, "summary").row("ONE").cells["agreed"].pence == 200_000
    assert differing(council, 2) == ["S-3: its service Two has closed; move the saving"]
    assert differing(council, 1) == []


# Reports


def test_a_published_report_never_changes_and_a_draft_follows(council, officer):
    frozen = list(ReportStatement.objects.order_by("pk").values())
    part = Report.objects.get(period=period_of(council, 1)).frozen["parts"]["savings"]
    save(council, officer, {"forecast_saving_pence": 1_00})
    bring(council, "savings", "reference,title,service_code,agreed_saving\nS-1,Other,TWO,1\n")
    council.refresh_from_db()
    FinancialYear.objects.filter(pk=council.pk).update(settings={})
    assert list(ReportStatement.objects.order_by("pk").values()) == frozen
    assert facts_of(council, 1).report_section("savings") == part
    assert savings_in(council, 1)["S-1"]["status"] == "Amber"
    assert savings_in(council, 2)["S-1"]["status"] == ""


def test_the_previous_report_gives_the_comparatives_and_the_direction(council, officer):
    save(council, officer, {"forecast_saving_pence": 95_000})
    save(council, officer, {"forecast_saving_pence": 300_00}, "S-3")
    now = savings_in(council, 2)
    assert now["S-1"]["previous"] == {
        "service": "ONE",
        "service_name": "One",
        "agreed": 100_000,
        "forecast": 90_000,
        "status": "Amber",
        "direction": "",
    }
    assert {key: row["direction"] for key, row in now.items()} == {
        "S-1": "up",
        "S-2": "",
        "S-3": "down",
    }
    arrows = [row.cells["direction_of_travel"].text for row in made(council, 2, "tracker").rows]
    assert arrows == ["↑", "", "↓", ""]
    save(council, officer, {"direction_of_travel": "same"})
    assert savings_in(council, 2)["S-1"]["direction"] == "same"


@pytest.mark.slow
def test_declared_statuses_give_the_direction_too(db, tmp_path, officer):
    year = small_council(tmp_path, DECLARED, month_1="S-1 Red\nS-2 Green\nS-3 Blue")
    bring(year, "savings", reported("S-1 Green\nS-2 Green\nS-3 Green"), 2)
    assert [row["direction"] for row in savings_in(year, 2).values()] == ["up", "same", "down"]


def test_what_was_reviewed_is_what_is_published(council, officer):
    """Saving a position moves the year on, so that an older review publishes nothing."""
    from monitoring.publishing.services.reports import publish_report

    period = period_of(council, 2)
    seen = period.year.revision
    save(council, officer, {"forecast_saving_pence": 5})
    after = period_of(council, 2)
    assert after.year.revision == seen + 1 == after.figures_revision
    with pytest.raises(Refused, match="Figures changed since you looked"):
        publish_report(period=period, by=officer, version=1, revision=seen)


# Entry


def test_a_position_is_stored_with_who_from_and_to(council, officer):
    values = {"forecast_saving_pence": 5_00, "commentary": "Late", "direction_of_travel": "down"}
    assert save(council, officer, values) == 1
    position = SavingPosition.objects.get(period__number=2, saving__reference="S-1")
    assert (position.forecast_saving_pence, position.written_by) == (500, officer)
    assert save(council, officer, {"forecast_saving_pence": 6_00}) == 1
    entry = history(f"saving {council.label} S-1")[0]
    assert entry.detail == {"period": 2, "forecast_saving_pence": {"from": 500, "to": 600}}
    assert save(council, officer, {"forecast_saving_pence": 6_00}) == 0
    assert history(f"saving {council.label} S-1")[0].pk == entry.pk


def test_a_row_left_empty_reports_nothing(council, officer):
    assert save(council, officer, {"forecast_saving_pence": None, "commentary": ""}) == 0
    assert not SavingPosition.objects.filter(period__number=2).exists()


def test_two_people_at_one_saving_lose_nothing(council, officer, person):
    seen = ""
    save(council, officer, {"forecast_saving_pence": 5_00}, seen=seen)
    other = person("finance_lead")
    with pytest.raises(PositionsClashed) as caught:
        save(council, other, {"forecast_saving_pence": 7_00}, seen=seen)
    (theirs,) = caught.value.theirs.values()
    assert (theirs.forecast_saving_pence, theirs.written_by) == (500, officer)
    assert SavingPosition.objects.get(period__number=2).forecast_saving_pence == 500
    assert save(council, other, {"forecast_saving_pence": 5_00}, seen=seen) == 0
    assert save(council, other, {"forecast_saving_pence": 7_00}, seen=position_version(theirs)) == 1


FAULTS = {
    "no reason": ({"forecast_saving_pence": 5, "status_override": "Green"}, "Say why"),
    "no forecast": (
        {"status_override": "Green", "override_reason": "x"},
        "Give a forecast before",
    ),
    "no status": ({"forecast_saving_pence": 5, "override_reason": "x"}, "A reason is given"),
    "the derived status": (
        {"forecast_saving_pence": 5_00, "status_override": "Red", "override_reason": "x"},
        "The figures give Red already (£5 of £1,000)",
    ),
    "another word": (
        {"forecast_saving_pence": 5, "status_override": "Mauve", "override_reason": "x"},
        "“Mauve” is no status",
    ),
    "another scheme": ({"declared_status": "Green"}, "status scheme is another now"),
}


@pytest.mark.parametrize("case", FAULTS.values(), ids=FAULTS)
def test_a_faulty_entry_stores_nothing(council, officer, case):
    values, words = case
    with pytest.raises(PositionsFaulty) as caught:
        save(council, officer, values)
    (message,) = caught.value.faults.values()
    assert words in message
    assert not SavingPosition.objects.filter(period__number=2).exists()


def test_a_saving_that_is_said_twice_at_once_stores_nothing(council, officer):
    pk = saving_of(council).pk
    changes = [PositionChange(pk, "", {"forecast_saving_pence": pence}) for pence in (5, 6)]
    with pytest.raises(PositionsFaulty) as caught:
        save_positions(period=period_of(council, 2), changes=changes, within=EVERYWHERE, by=officer)
    assert "more than once" in caught.value.faults[pk]
    assert not SavingPosition.objects.filter(period__number=2).exists()


def test_an_override_stands_beside_what_the_figures_give(council, officer):
    values = {
        "forecast_saving_pence": 5_00,
        "status_override": "Amber",
        "override_reason": "Signed",
    }
    save(council, officer, values)
    row = savings_in(council, 2)["S-1"]
    assert (row["status"], row["derived"], row["override_by"]) == ("Amber", "Red", "Olive")
    summary = made(council, 2, "summary").row("savings:total").cells
    assert (summary["amber"].pence, summary["red"].pence) == (100_000, 0)
    save(council, officer, values | {"status_override": "", "override_reason": ""})
    row = savings_in(council, 2)["S-1"]
    assert (row["status"], row["derived"], row["override_by"]) == ("Red", "", "")
    assert history(f"saving {council.label} S-1")[0].detail["status_override"] == {
        "from": "Amber",
        "to": "",
    }


def test_an_entry_stays_within_the_part_of_the_tree_that_a_person_keeps(council, officer):
    two = Service.objects.get(year=council, code="TWO").pk
    with pytest.raises(PositionsFaulty, match="cannot be right"):
        save(council, officer, {"forecast_saving_pence": 5}, "S-1", within={two})
    assert save(council, officer, {"forecast_saving_pence": 5}, "S-3", within={two}) == 1


def test_a_published_period_takes_no_entries(council, officer):
    with pytest.raises(Refused, match="Reopen it first"):
        save(council, officer, {"forecast_saving_pence": 5}, number=1)


def test_last_months_figures_are_carried_where_there_are_none_yet(council, officer):
    save(council, officer, {"forecast_saving_pence": 5_00}, "S-3")
    period = period_of(council, 2)
    assert carry_positions(period=period, within=EVERYWHERE, by=officer) == 1
    row = savings_in(council, 2)["S-1"]
    assert (row["forecast"], row["delivered"], row["direction"]) == (90_000, 10_000, "same")
    assert savings_in(council, 2)["S-3"]["forecast"] == 500
    assert carry_positions(period=period, within=EVERYWHERE, by=officer) == 0
    assert history(f"saving {council.label} S-1")[0].detail["carried_from"] == 1


def test_a_new_saving_joins_the_open_months(council, officer):
    saving = add_saving(year=council, reference=" S-9 ", details=NEW, by=officer)
    assert (saving.reference, saving.typed, saving.first_period) == ("S-9", True, 0)
    assert "S-9" in savings_in(council, 2)
    assert "S-9" not in savings_in(council, 1)
    entry = history(f"saving {council.label} S-9")[0]
    assert (entry.action, entry.by) == ("added a saving", officer)
    with pytest.raises(Refused, match="There is a saving S-9"):
        add_saving(year=council, reference="S-9", details=NEW, by=officer)


# What must never be false

SPOILT = [
    (Saving, {"pk": None}, "saving_once_a_year"),
    (Saving, {"reference": ""}, "saving_has_a_reference"),
    (Saving, {"title": ""}, "saving_has_a_title"),
    (Saving, {"agreed_saving_pence": 0}, "agreed_saving_is_positive"),
    (Saving, {"investment_pence": -1}, "investment_is_not_negative"),
    (Saving, {"first_period": 14}, "saving_counts_from_period_0_to_13"),
    (SavingPosition, {"pk": None}, "saving_position_once_a_period"),
    (SavingPosition, {"status_override": "Red"}, "status_is_overridden_for_a_reason"),
    (SavingPosition, {"override_reason": "x"}, "status_is_overridden_for_a_reason"),
    (
        SavingPosition,
        {"status_override": "Red", "override_reason": "x", "forecast_saving_pence": None},
        "status_is_overridden_where_there_is_a_forecast",
    ),
    (SavingPosition, {"direction_of_travel": "back"}, "direction_of_travel_is_known"),
]


def refused(act, name: str) -> None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        act()
    from django.db import connection

    if connection.vendor == "postgresql" or "UNIQUE" not in str(error.value):
        assert name in str(error.value)


@pytest.mark.parametrize(("model", "spoilt", "name"), SPOILT, ids=[case[2] for case in SPOILT])
def test_a_spoilt_row_is_refused_and_the_sound_one_taken(council, model, spoilt, name):
    row = model.objects.order_by("pk").filter(**({"reference": "S-1"} if model is Saving else {}))
    row = row.filter(period__year=council).first() if model is SavingPosition else row.first()
    row.save()
    for field, value in spoilt.items():
        setattr(row, field, value)
    refused(row.save, name)


def test_a_replacement_is_of_another_agreed_and_for_a_reason(council):
    old, new = saving_of(council, "S-1"), saving_of(council, "S-2")
    sound = {
        "replaced": old,
        "replacing": new,
        "from_period": 2,
        "agreed_by": "Cabinet",
        "agreed_on": datetime.date(2021, 6, 14),
        "reason": "Why",
    }
    for spoilt, name in (
        ({"replacing": old}, "saving_does_not_replace_itself"),
        ({"from_period": 14}, "saving_is_replaced_from_period_0_to_13"),
        ({"agreed_by": ""}, "replacement_is_agreed_for_a_reason"),
        ({"reason": ""}, "replacement_is_agreed_for_a_reason"),
    ):
        refused(lambda spoilt=spoilt: Replacement.objects.create(**sound | spoilt), name)
    replacement = Replacement.objects.create(**sound)
    refused(lambda: Replacement.objects.create(**sound), "replaced")
    with pytest.raises(TypeError):
        replacement.delete()
    assert Period.objects.filter(year=council).exists()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", ["summary", "by-decision", "tracker"])
def test_every_statement_of_savings_in_every_format(council, officer, name, form):
    values = {"forecast_saving_pence": 5_00, "status_override": "Amber", "override_reason": "=1+1"}
    save(council, officer, values)
    for number in (1, 2):
        assert FORMATS[form].render(made(council, number, name))
