"""Activity in the month's work, as a forecast method, in settings, and in the next year."""

import pytest

from monitoring.models import BudgetLine
from monitoring.month.selectors.month import Duties, month_of
from monitoring.people.rights import EVERYTHING
from monitoring.reports.checks import check_report
from monitoring.reports.selectors.report_data import current_data
from monitoring.restructuring.services.years import roll_year_forward
from performance.activity.commentary_drivers import activity_drivers
from performance.activity.forecast_method import forecast_by_activity
from performance.activity.month_steps import activity_step
from performance.activity.settings_previews import preview_statuses, preview_ties
from performance.activity.settings_tables import TIES_NAME
from performance.models import ActivityGroup, ActivityLine
from tests.councils.loaded import load_pack
from tests.councils.marked import ACTIVITY, position, write_files
from tests.councils.packs import bring, period_of


@pytest.fixture
def council(db, tmp_path):
    """Months 1 and 2 published with activity, month 3 a draft without any."""
    year = load_pack(folder=write_files(tmp_path / "pack")).year
    bring(year, "position", position(), 3)
    return year


def step_of(council, number=3):
    duties = Duties(upload=True, review=True)
    period = period_of(council, number)
    return activity_step(month_of(period, shown=EVERYTHING, own=EVERYTHING, duties=duties))


def test_the_step_counts_lines_that_nobody_has_reported(council):
    step = step_of(council)
    assert (step.state, step.text) == ("To be reported", "0 of 2 lines reported.")
    assert {(due.service, due.text) for due in step.due} == {
        ("CARE", "Activity: 1 not reported"),
        ("ROADS", "Activity: 1 not reported"),
    }
    assert [each.text for each in step.outstanding] == [
        "2 of 2 lines of activity are not reported."
    ]
    bring(council, "activity", "reference,volume,forecast\nAC1,3,1200\nAC2,,450\n", 3)
    step = step_of(council)
    assert (step.state, step.due, step.outstanding) == ("All reported", (), ())


def test_the_method_proposes_the_product_shared_by_budget(council):
    bring(council, "activity", "reference,volume,unit_cost,forecast\nAC1,3,11,1\nAC2,1,,2\n", 3)
    lines = {line.cost_centre: line.pk for line in BudgetLine.objects.filter(year=council)}
    period = period_of(council, 3)
    worked = forecast_by_activity(period, [lines["C1"], lines["S1"], lines["R1"]])
    # 3 × £11.00 × 52
    assert worked[lines["C1"]].pence == 171_600
    assert worked[lines["C1"]].why == "activity of Home placements"
    assert worked[lines["S1"]].pence is None
    assert worked[lines["S1"]].why == "no group of activity names this service"
    assert worked[lines["R1"]].why == "no product or forecast of Bright lamps"
    bring(council, "activity", "reference,volume,unit_cost,forecast\nAC2,1,10.01,2\n", 3)
    roads = [lines["R1"], lines["R2"]]
    shared = forecast_by_activity(period, roads)
    assert sum(each.pence for each in shared.values()) == 52_052
    # budgets of 700 and 100
    assert [shared[pk].pence for pk in sorted(roads)] == [45_546, 6_506]


def test_a_difference_to_the_ledger_is_an_error_only_where_the_council_says_so(council):
    facts = current_data(period_of(council, 2))
    draft = facts.with_settings(facts.settings.with_value(TIES_NAME, ("AGC",)))
    for report, expected in ((facts, "agrees"), (draft, "differs")):
        found = [
            check
            for check in check_report(report)
            if check.name.startswith("AGC Home placements: forecast beside")
        ]
        assert [check.status for check in found] == [expected]
        # 1,200 of activity beside 1,195 of the ledger
        assert [(each.expected_pence, each.actual_pence) for each in found] == [(119_500, 120_000)]
    told = preview_ties(facts, ("AGC", "NONE")).sentences
    assert told[0] == "There is no group of activity with the code NONE."
    assert told[1].startswith("2 of 2 figures would differ")
    assert preview_statuses(facts, ()).sentences == (
        "No line of activity would change its status.",
    )


def test_commentary_is_written_beside_people_and_price(council):
    facts = current_data(period_of(council, 2))
    care = [node for node in facts.nodes if node.key in ("CARE", "SCHOOL")]
    drivers = activity_drivers(facts, care, None)
    assert drivers["SCHOOL"] == []
    assert drivers["CARE"][0].startswith("Home placements: the forecast is £200 over budget.")


def test_the_next_year_begins_with_the_lines_and_without_their_budgets(council):
    bring(council, "activity", f"{ACTIVITY}AC3,AGC,Growth,adjustment,,,,,7\n")
    following = roll_year_forward(year=council, by=None)
    groups = ActivityGroup.objects.filter(year=following).order_by("code")
    assert [(each.code, each.service.code, each.service.year) for each in groups] == [
        ("AGC", "CARE", following),
        ("AGR", "ROADS", following),
    ]
    lines = ActivityLine.objects.filter(year=following).order_by("reference")
    assert [(each.reference, each.kind, each.units_per_year) for each in lines] == [
        ("AC1", "volume", 520_000),
        ("AC2", "volume", 520_000),
        ("AC3", "adjustment", None),
    ]
    assert {each.annual_budget_pence for each in lines} == {None}
    assert {each.budgeted_volume for each in lines} == {None}
