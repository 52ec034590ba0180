"""Cambridgeshire's six tables of activity at the close of 2018/19, cell by cell as printed."""

from collections import Counter

import pytest

from monitoring.models import Period
from monitoring.reports.checks import check_report
from monitoring.reports.selectors.report_data import current_data
from monitoring.reports.selectors.statements import statement
from performance.activity.report_section import section_of
from performance.activity.subject_facts import activity_facts
from performance.activity.totals import ActivityTotal
from tests.performance.printed import figure, printed

_OF_USERS = {
    "budgeted_service_users": "budget_volume",
    "budgeted_unit_cost": "budget_unit_cost",
    "annual_budget_k": "budget",
    "current_service_users": "volume",
    "users_direction": "volume_direction",
    "current_unit_cost": "unit_cost",
    "unit_cost_direction": "unit_cost_direction",
    "actual_k": "forecast",
    "actual_direction": "forecast_direction",
    "variance_k": "variance",
}
TABLES = {
    "activity_looked_after_children.csv": {
        "budgeted_placements": "budget_volume",
        "annual_budget": "budget",
        "weeks_funded": "units_per_year",
        "budgeted_weekly_cost": "budget_unit_cost",
        "snapshot_placements": "volume",
        "yearly_average_placements": "average_volume",
        "forecast_outturn": "forecast",
        "actual_weekly_cost": "unit_cost",
        "variance_placements": "variance_average_volume",
        "net_variance_to_budget": "variance",
        "weekly_cost_difference": "variance_unit_cost",
    },
    "activity_sen_placements.csv": {
        "budgeted_placements": "budget_volume",
        "budget_total_cost": "budget",
        "budget_average_annual_cost": "budget_unit_cost",
        "placements": "volume",
        "yearly_average": "average_volume",
        "total_cost": "forecast",
        "average_annual_cost": "unit_cost",
        "variance_placements": "variance_volume",
        "variance_yearly_average": "variance_average_volume",
        "variance_total_cost": "variance",
        "variance_average_annual_cost": "variance_unit_cost",
    },
    "activity_learning_disability.csv": _OF_USERS,
    "activity_adult_mental_health.csv": _OF_USERS,
    "activity_older_people.csv": _OF_USERS,
    "activity_older_people_mental_health.csv": _OF_USERS,
}
GROUPS = {
    "activity_looked_after_children.csv": "LAC",
    "activity_sen_placements.csv": "SEN",
    "activity_learning_disability.csv": "LD",
    "activity_adult_mental_health.csv": "AMH",
    "activity_older_people.csv": "OP",
    "activity_older_people_mental_health.csv": "OPMH",
}
PRINT_ERRORS = {
    # the third block repeats its first row's variance, and the overall total adds it up
    ("LAC", "total:LAC-ADO", "variance_placements"): ("1.9", "0.31"),
    ("LAC", "total:LAC", "variance_placements"): ("82.72", "81.13"),
    # live-in care is left out of totals
    ("OP", "total:OP-EXP", "current_service_users"): ("3,128", "3,180"),
    ("OPMH", "total:OPMH-EXP", "budgeted_service_users"): ("229", "233"),
    ("OPMH", "total:OPMH-EXP", "current_service_users"): ("191", "193"),
    ("OPMH", "total:OPMH-EXP", "annual_budget_k"): ("£6,694k", "6,879"),
}


def made(year, name: str, period: int = 13):
    return statement(current_data(Period.objects.get(year=year, number=period)), name)


@pytest.fixture
def activity(cambridgeshire):
    return made(cambridgeshire, "activity")


def rows_of(statement, section, code: str):
    """The printed rows of a group and those below it, without headings of groups with a total."""
    keys = {line.reference for line in section.lines_under(code)}
    keys |= {f"total:{group.code}" for group in section.groups_under(code)}
    return [row for row in statement.rows if row.key in keys]


@pytest.mark.parametrize("name", TABLES)
def test_every_printed_cell_follows_by_rule(cambridgeshire, activity, name):
    """Print errors are named with what the rule gives; all other cells are as printed."""
    section = section_of(current_data(Period.objects.get(year=cambridgeshire, number=13)))
    ours = rows_of(activity, section, GROUPS[name])
    theirs = [row for row in printed(name) if any(list(row.values())[1:])]
    assert len(ours) == len(theirs)
    errors = {}
    for row, expected in zip(ours, theirs, strict=True):
        assert row.label == next(iter(expected.values())).removeprefix("~ ")
        for column, key in TABLES[name].items():
            text, cell = expected[column], row.cells[key]
            blank_in_print = text == "" and row.kind in ("subtotal", "total", "line")
            if not blank_in_print and figure(text) != figure(cell.text):
                errors[GROUPS[name], row.key, column] = (text, cell.text)
    assert errors == {key: value for key, value in PRINT_ERRORS.items() if key[0] == GROUPS[name]}


def test_external_placements_now_and_in_the_previous_report(cambridgeshire, activity):
    """Appendix 2, note 9: the volume variance is that of the snapshot."""
    ours = [row for row in activity.rows if row.key.startswith("LAC-0")][:7]
    ours.append(activity.row("total:LAC-EXT"))
    table = printed("appendix_2_external_placements.csv")
    columns = {
        "budgeted_packages": "budget_volume",
        "packages_28_feb_2019": "previous_volume",
        "packages_31_mar_2019": "volume",
        "variance_from_budget": "variance_volume",
    }
    for row, expected in zip(ours, table, strict=True):
        for column, key in columns.items():
            assert figure(row.cells[key].text) == figure(expected[column])


def test_people_and_price_add_up_to_every_variance_to_the_penny(cambridgeshire):
    """Of 48 lines with people before and now, and of the one whose people all left."""
    effects = made(cambridgeshire, "activity-effects")
    split = [
        row for row in effects.rows if row.cells and row.cells["volume_effect"].pence is not None
    ]
    lines = [row for row in split if row.kind == "line"]
    assert len(lines) == 49
    for row in effects.rows:
        if row.cells and row.cells["variance"].pence is not None:
            parts = (row.cells[key].pence for key in ("volume_effect", "unit_cost_effect", "other"))
            assert sum(part or 0 for part in parts) == row.cells["variance"].pence
    fostering = effects.row("LAC-05").cells
    assert [fostering[key].text for key in ("volume_effect", "unit_cost_effect", "variance")] == [
        *("4,470", "-2,226", "2,244")
    ]
    assert (fostering["stated_unit_cost"].text, fostering["implied_unit_cost"].text) == (
        *("807.73", "943.25"),
    )
    # what today's people cost in a full year, against an outturn of £22.6m
    assert effects.row("total:LAC-EXT").cells["exit_run_rate"].text == "24,716"


def test_stated_unit_costs_of_external_placements_rose_by_553k(cambridgeshire):
    """Unit cost less budgeted, × average volume × 52, of the six lines that have a budget.

    Residential disability −36,107.71, schools −174,547.62, homes 883,943.30, fostering −98,667.41,
    supported accommodation −98,942.88, 16+ 77,158.10; secure accommodation has no budget.
    """
    by_hand = -3_610_771 - 17_454_762 + 88_394_330 - 9_866_741 - 9_894_288 + 7_715_810
    close = Period.objects.get(year=cambridgeshire, number=13)
    (fact,) = (each for each in activity_facts(current_data(close)) if each.reference == "LAC-EXT")
    assert (fact.pence, by_hand) == (55_283_578, 55_283_578)
    assert fact.url == "/2018-19/13/activity/group/LAC-EXT/"


def test_checks_find_budgets_that_volume_and_price_do_not_give(cambridgeshire):
    """20 of 34 do not tie, and one is nil; a difference to the ledger is shown only."""
    facts = current_data(Period.objects.get(year=cambridgeshire, number=13))
    checks = [check for check in check_report(facts) if check.statement.startswith("activity")]
    products = {check.name.split(" ")[0]: check for check in checks if "× unit cost" in check.name}
    groups = {group.code for group in section_of(facts).groups}
    of_lines = [check.status for code, check in products.items() if code not in groups]
    assert Counter(of_lines) == {"differs": 20, "rounding": 10, "agrees": 5}
    external = products["LAC-EXT"]
    assert (external.expected_pence, external.actual_pence) == (1_970_917_156, 1_981_316_200)
    ties = {
        (check.name.split(" ")[0], "budget beside" in check.name): (
            check.actual_pence - check.expected_pence,
            check.status,
        )
        for check in checks
        if "need not agree" in check.name
    }
    assert ties["LAC-EXT", True] == (0, "agrees")
    assert ties["LAC-EXT", False] == (-3_500_500, "agrees")
    display = facts.display("activity")
    assert [display.amount(ties["SEN", of_budget][0]) for of_budget in (True, False)] == [
        *("-400", "-400")
    ]
    others = [each for each in checks if "× unit cost" not in each.name]
    assert {check.status for check in others} == {"agrees", "rounding"}


def test_a_period_that_reports_some_lines_leaves_the_others_out(cambridgeshire):
    """Month 11 has no in-house placements: their budgets are left out of the variance."""
    facts = current_data(Period.objects.get(year=cambridgeshire, number=11))
    section, activity = section_of(facts), statement(facts, "activity")
    left_out = ActivityTotal(section.lines).unreported
    assert activity.row("total:LAC-INH").cells["variance"].text == ""
    amh = activity.row("total:AMH-INC").cells
    assert (amh["budget"].text, amh["forecast"].text, amh["variance"].text) == ("-532", "", "")
    (note,) = [note.text for note in activity.footnotes if note.mark == "†"]
    assert note.startswith(f"{len(left_out)} lines have no forecast in this period; budgets of £")
    assert not [
        row.key for row in activity.rows if row.cells and row.cells["volume_direction"].text
    ]
