"""Case files about what a file is for, and about what a month's figures lack."""

import pytest
from django.core.management import call_command

from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.models import FinancialYear
from monitoring.publishing.services.reports import publish_report
from monitoring.structure.selectors.calendar import find_period
from monitoring.uploading.services.layouts import save_layout
from tests import cases


@pytest.fixture
def council(db):
    return cases.council()


def test_a_ledger_file_is_stored_as_it_stands(council):
    """The harness itself: the first file of case 01 is month 3, and casts."""
    cases.bring(council, "01-stale-workbook.1")
    assert cases.lines(council)["00123/4000"].current_budget_pence == 100_000_000
    assert cases.cells(council, "annex-a")["ADULT"]["net_variance"] == 3_000_000
    assert cases.differing(council) == []


# What a file is for


@pytest.mark.slow
def test_an_edited_download_puts_no_older_ledger_figure_back(council):
    """Case 01: as a position it is refused, by name; as forecasts only the forecast changes."""
    cases.bring(council, "01-stale-workbook.1")
    cases.bring(council, "01-stale-workbook.2")
    told = cases.refusal(council, "01-stale-workbook.3", scope="ADULT")
    assert "Row 2, column current_budget: “1000000.00”: an earlier file of this period" in told
    assert "the ledger’s figures have 1100000.00 now" in told
    assert "Row 2, column actual_to_date: “150000.00”" in told and "275000.00 now" in told
    assert "uploaded as “forecasts”" in told
    upload = cases.bring(council, "01-stale-workbook.3", kind="forecasts", scope="ADULT")
    line = cases.lines(council)["00123/4000"]
    assert (line.current_budget_pence, line.actual_to_date_pence) == (110_000_000, 27_500_000)
    annex = cases.cells(council, "annex-a")
    assert (annex["ADULT"]["budget"], annex["ADULT"]["net_variance"]) == (90_000_000, -6_000_000)
    assert (annex["CC"]["budget"], annex["CC"]["net_variance"]) == (150_000_000, 3_000_000)
    told = cases.warnings(upload)
    assert "left aside: current_budget, actual_to_date" in told
    assert "current_budget is £1,000,000 in the file and £1,100,000 in the ledger" in told
    # No virement explains the two budgets that the ledger changed; all else agrees.
    assert {check.statement for check in cases.differing(council)} == {"budget-reconciliation"}


@pytest.mark.slow
def test_a_copy_of_part_of_the_council_without_a_scope_puts_nothing_back_either(council):
    cases.bring(council, "01-stale-workbook.1")
    cases.bring(council, "01-stale-workbook.2")
    assert "earlier file of this period" in cases.refusal(council, "01-stale-workbook.3")


def test_a_line_with_spending_and_no_budget_is_unbudgeted(council):
    """Case 25: a blank budget stays an error of a position; as actuals it is a budget of nil."""
    assert "column current_budget: the cell is blank" in cases.refusal(council, "25-")
    upload = cases.bring(council, "25-", kind="actuals")
    stored = cases.lines(council)
    assert stored["C200/4999"].current_budget_pence == 0
    assert stored["C200/4999"].actual_to_date_pence == 50_000
    assert stored["C200/4999"].line.service.code == "CHILD"
    assert "The line C200/4999 has no budget in this period: it is unbudgeted" in cases.warnings(
        upload
    )


@pytest.mark.slow
def test_actuals_alone_change_actuals_alone(council):
    """Case 25b."""
    cases.bring(council, "01-stale-workbook.1")
    before = cases.lines(council)
    cases.bring(council, "25b", kind="actuals")
    after = cases.lines(council)
    assert after.keys() == before.keys()
    assert after["00123/4000"].actual_to_date_pence == 27_500_000
    assert after["00123/4000"].current_budget_pence == 100_000_000
    assert after["C200/4000"].actual_to_date_pence == 8_000_050
    assert cases.cells(council, "annex-a")["CC"]["net_variance"] == 2_000_000


@pytest.mark.slow
def test_forecasts_alone_change_forecasts_alone(council):
    """Case 25c, then the ledger without forecasts: what the file entered stays, as typed would."""
    cases.bring(council, "01-stale-workbook.1")
    cases.bring(council, "25c", kind="forecasts")
    assert cases.cells(council, "annex-a")["ADULT"]["net_variance"] == 4_000_000
    ledger = cases.path("01-stale-workbook.2").read_bytes()
    rows = [line.rpartition(b",")[0] for line in ledger.splitlines()]
    cases.bring(council, b"\n".join(rows))
    # 1,030,000 - 1,100,000 and 10,000 carried from month 2
    assert cases.cells(council, "annex-a")["ADULT"]["net_variance"] == -6_000_000


@pytest.mark.slow
def test_budgets_alone_change_budgets_alone(council):
    cases.bring(council, "01-stale-workbook.1")
    cases.bring(council, b"cost_centre,account,current_budget\nC200,4000,510000\n", kind="budgets")
    line = cases.lines(council)["C200/4000"]
    assert (line.current_budget_pence, line.actual_to_date_pence) == (51_000_000, 8_000_050)
    assert cases.cells(council, "annex-a")["CHILD"]["net_variance"] == -1_000_000


# A month that lacks the rest


@pytest.mark.slow
def test_a_scope_in_an_empty_month_waits_for_the_rest(council):
    """Case 02: a warning with last month's budget, and no report without a reason."""
    upload = cases.bring(council, "02", scope="ADULT")
    told = cases.warnings(upload)
    assert "2 services that had £700,000 in month 2: CHILD (Children's Services), PLACE" in told
    period = find_period(council.start, 3)
    with pytest.raises(Refused, match="say with a reason that this is all"):
        publish_report(period=period, by=None)
    publish_report(period=period, by=None, complete_because="Adults report alone in June")
    entry = AuditEntry.objects.filter(action="published").latest("pk")
    assert entry.detail["complete_because"] == "Adults report alone in June"
    assert entry.detail["without"] == ["CHILD", "PLACE"]
    assert entry.detail["without_pence"] == 70_000_000


@pytest.mark.slow
def test_the_command_publishes_with_a_reason_alone(council, capsys):
    cases.bring(council, "02", scope="ADULT")
    arguments = ["publish", "--year", "2024/25", "--period", "3"]
    with pytest.raises(SystemExit):
        call_command(*arguments)
    assert "CHILD (Children's Services)" in capsys.readouterr().err
    call_command(*arguments, "--complete", "Adults alone")
    assert "version 1" in capsys.readouterr().out


@pytest.mark.slow
def test_scopes_that_make_the_whole_are_published(council):
    cases.bring(council, "02", scope="ADULT")
    rows = cases.path("01-stale-workbook.1").read_bytes().splitlines()
    for code in ("CHILD", "PLACE"):
        own = [rows[0], *(row for row in rows if row.startswith(code.encode()))]
        cases.bring(council, b"\n".join(own), scope=code)
    assert publish_report(period=find_period(council.start, 3), by=None).version == 1


@pytest.mark.slow
def test_a_whole_position_that_leaves_a_service_out_is_published(council):
    """The ledger has said that those lines are gone; each is told when the file comes."""
    upload = cases.bring(council, "02")
    assert "C200/4000 is no longer in the file" in cases.warnings(upload)
    assert publish_report(period=find_period(council.start, 3), by=None).version == 1


@pytest.mark.slow
def test_budgets_that_are_missing_hold_publication_as_well(council):
    cases.bring(council, "25b", kind="actuals")
    with pytest.raises(Refused, match="ADULT"):
        publish_report(period=find_period(council.start, 3), by=None)


# Figures of another month


def test_last_months_file_is_said_to_be_one(council):
    """Case 13."""
    told = cases.warnings(cases.bring(council, "13"))
    assert "These are the figures of month 2: no actual has moved." in told


def test_the_same_figures_in_another_order_and_year_are_told(council):
    rows = cases.path("13").read_bytes().splitlines()
    cases.council(cases.NEXT_YEAR)
    year = FinancialYear.objects.get(start=2025)
    content = b"\n".join([rows[0], *reversed(rows[1:])])
    told = cases.warnings(cases.bring(year, content, period=2))
    assert "These are the figures of month 2 of 2024/25" in told


@pytest.mark.slow
def test_nearly_the_same_actuals_are_told(council):
    heading = "service_code,cost_centre,account,current_budget,actual_to_date\n"
    rows = [f"ADULT,X{n},4000,100,{n}\n" for n in range(1, 21)]
    cases.bring(council, (heading + "".join(rows)).encode())
    rows[0] = rows[0].replace(",1\n", ",5\n")
    told = cases.warnings(cases.bring(council, (heading + "".join(rows)).encode(), period=4))
    assert "nearly the figures of month 3: of 20 actuals 19 have not moved" in told


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind, content",
    [
        ("aged_debt", b"service_code,not_overdue,days_0_30\nADULT,100,20\nCHILD,5,0\n"),
        ("commentary", b"service_code,text\nADULT,Care homes cost more\n"),
        ("forecasts", b"cost_centre,account,forecast\n00123,4000,1020000\n"),
        ("actuals", b"cost_centre,account,actual_to_date\n00123,4000,150000\n"),
    ],
)
def test_every_kind_of_a_month_says_when_it_is_another_months(council, kind, content):
    for period in (3, 4):
        cases.bring(council, "01-stale-workbook.1", period=period)
    cases.bring(council, content, kind=kind)
    changed = cases.bring(council, content, kind=kind, period=4)
    assert "These are the figures of month 3" in cases.warnings(changed)


# Checks that were wrong


@pytest.mark.slow
def test_planned_use_without_a_forecast_adds_up(council):
    """Case 14."""
    cases.bring(council, "14")
    control = cases.cells(council, "budgetary-control")
    parts = [control[code]["forecast"] for code in ("ADULT", "CHILD", "PLACE")]
    assert parts == [102_000_000, -2_097, 29_000_000]
    assert control["CC"]["forecast"] == sum(parts)
    names = [check.name for check in cases.differing(council)]
    assert not [name for name in names if "is the sum of its rows" in name]


def test_nothing_expected_and_nothing_found_does_not_differ(db):
    """Case 15: a service without lines beside services without forecasts."""
    year = cases.council(cases.NEXT_YEAR)
    cases.bring(year, "15-empty-service-no-forecasts.services", kind="services", period=None)
    cases.bring(year, "15-empty-service-no-forecasts.csv")
    assert cases.differing(year) == []


@pytest.mark.slow
def test_a_late_virement_explains_a_budget(council):
    """Case 17."""
    cases.bring(council, "17-late-virement.virements", kind="virements", period=None)
    upload = cases.bring(council, "17-late-virement.position")
    assert "no virement that explains it" not in cases.warnings(upload)
    assert cases.differing(council) == []


def test_a_budget_that_no_virement_explains_is_still_told(council):
    upload = cases.bring(council, "17-late-virement.position")
    assert "changed by £333.33 since month 2 with no virement" in cases.warnings(upload)


def test_a_reserve_that_opens_in_deficit_is_told(council):
    """Case 38, and a layout that turns the ledger's sign."""
    told = cases.warnings(cases.bring(council, "38", kind="reserves", period=None))
    assert "Insurance (R1) opens with a deficit of £5,000,000" in told
    assert "General Fund" not in told
    save_layout(
        name="Credits",
        kind="reserves",
        definition={
            "columns": {
                name: name.replace(" ", "_") for name in ("code", "name", "kind", "opening_balance")
            },
            "sign": {"reverse": ["opening_balance"]},
        },
        by=None,
    )
    content = b"code,name,kind,opening_balance\nR2,Schools,earmarked,-700\n"
    upload = cases.bring(council, content, kind="reserves", period=None, layout="Credits")
    assert "deficit" not in cases.warnings(upload)
