"""What a position file means: forecasts, outturn, scope, places of lines, totals, exempt lines."""

import pytest

from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.models import Batch, BudgetLine, NodeFigure, Position, ReportStatement
from monitoring.reports.selectors.statements import all_statements
from monitoring.structure.models import UNALLOCATED
from tests.councils.loaded import load_pack
from tests.councils.packs import (
    bring,
    csv_of,
    facts_of,
    nodes_of,
    period_of,
    position,
    publish,
    statement_data,
    table,
    virements,
    write_pack,
)

TREE = """code,name,parent_code,order,total_label,section,successor_code
TOP,Small Council,,1,Total,,
DIR,Directorate,TOP,1,Directorate total,,
ONE,One,DIR,1,,,
TWO,Two,DIR,2,,,
THREE,Three,TOP,2,,,
"""
MONTH_1 = """
ONE   A 100 100 110
ONE   B  50  50  48  -3 0
TWO   C 200 200 .
THREE D 300 300 306
"""


@pytest.fixture
def council(db, tmp_path):
    """Month 1 of three services, open: A 10, B -2 with reserves -3, C without a forecast, D 6."""
    files = {"services.csv": TREE, "periods/01/position.csv": position(MONTH_1)}
    return load_pack(folder=write_pack(tmp_path, files), by=None).year


def positions_of(council, number) -> dict[str, Position]:
    """The period's positions by cost centre."""
    rows = Position.objects.filter(batch=period_of(council, number).batch)
    return {row.line.cost_centre: row for row in rows.select_related("line", "service")}


def figures(council, number) -> list[dict]:
    """The read model without its row ids."""
    rows = NodeFigure.objects.filter(period=period_of(council, number)).order_by("place").values()
    return [{name: value for name, value in row.items() if name != "id"} for row in rows]


def home_of(council, centre) -> str:
    return BudgetLine.objects.get(year=council, cost_centre=centre).service.code


# Forecasts


def test_a_blank_forecast_is_carried_forward_and_marked(council):
    bring(council, "position", position("ONE A 100 100 .\nONE B 50 50 49\nTWO C 200 200 ."), 2)
    rows = positions_of(council, 2)
    assert (rows["A"].forecast_pence, rows["A"].forecast_carried_from) == (11000, 1)
    assert (rows["B"].forecast_pence, rows["B"].forecast_carried_from) == (4900, None)
    assert (rows["C"].forecast_pence, rows["C"].forecast_carried_from) == (None, None)


def test_without_a_forecast_column_every_forecast_is_carried_forward(council):
    columns = ("service_code", "cost_centre", "account", "current_budget")
    bring(council, "position", csv_of(columns, table("ONE A NET 100\nTWO C NET 200")), 2)
    rows = positions_of(council, 2)
    assert (rows["A"].forecast_pence, rows["A"].forecast_carried_from) == (11000, 1)
    assert rows["C"].forecast_pence is None


def test_nil_is_a_forecast_and_blank_is_none(council):
    bring(council, "position", position("ONE A 100 100 -\nONE B 50 50 (0)\nTWO C 200 200 ."), 2)
    rows = positions_of(council, 2)
    assert [rows[code].forecast_pence for code in "ABC"] == [0, 0, None]


@pytest.mark.slow
def test_a_carried_forecast_is_carried_on_from_where_it_stood(council):
    for number in (2, 3):
        bring(council, "position", position("ONE A 100 100 ."), number)
    row = positions_of(council, 3)["A"]
    assert (row.forecast_pence, row.forecast_carried_from) == (11000, 2)


def test_a_carried_forecast_meets_the_new_budget(council):
    """The variance is against the budget of the month: 110 - 130."""
    bring(council, "position", position("ONE A 100 130 ."), 2)
    assert nodes_of(facts_of(council, 2))["ONE"]["net_variance"] == -2000


def test_a_line_without_a_forecast_has_no_variance_and_is_left_out_above(council):
    nodes = nodes_of(facts_of(council, 1))
    assert nodes["TWO"]["net_variance"] is None
    assert nodes["TWO"]["budget"] == 20000
    top = nodes["TOP"]
    # 10 - 2 + 6 = 14 gross; -3 from reserves; C's 200 is in the budget and not in the variance.
    assert (top["budget"], top["gross_variance"], top["net_variance"]) == (65000, 1400, 1100)
    assert (top["lines_without_forecast"], top["budget_without_forecast"]) == (1, 20000)
    cells = {row["key"]: row["cells"] for row in statement_data(council, 1, "annex-a")["rows"]}
    assert (cells["TWO"]["net_variance"]["value"], cells["TOP"]["net_variance"]["value"]) == (
        None,
        11.0,
    )


def test_blank_planned_use_is_nil(council):
    row = positions_of(council, 1)["A"]
    assert row.planned_use_of_reserves_pence == 0
    assert row.planned_use_of_capital_receipts_pence == 0


def test_planned_use_of_a_line_without_a_forecast_keeps_the_row_adding_across(council):
    bring(council, "position", position("ONE A 100 100 110\nTWO C 200 200 . -4 -1"), 2)
    top = nodes_of(facts_of(council, 2))["TOP"]
    names = ("gross_variance", "use_of_reserves", "use_of_capital_receipts", "net_variance")
    assert [top[name] for name in names] == [1000, -400, -100, 500]


def test_a_missing_actual_is_not_nil(council):
    columns = ("service_code", "cost_centre", "account", "current_budget", "actual_to_date")
    rows = table("ONE A NET 100 .\nONE B NET 50 0\nTWO C NET 200 .")
    bring(council, "position", csv_of(columns, rows), 2)
    nodes = nodes_of(facts_of(council, 2))
    assert (nodes["ONE"]["actual_to_date"], nodes["TWO"]["actual_to_date"]) == (0, None)


# The approved budget and the close


@pytest.mark.slow
def test_without_an_original_budget_it_is_that_of_the_approved_budget(council):
    bring(council, "position", position("ONE A . 95\nTWO C . 210"), 0)
    bring(council, "position", position("ONE A . 100 110\nONE B . 50 50\nTWO C 7 210 1"), 2)
    rows = positions_of(council, 2)
    assert [rows[code].original_budget_pence for code in "ABC"] == [9500, None, 700]


CLOSE = ("service_code", "cost_centre", "account", "current_budget", "actual_to_date", "forecast")


@pytest.mark.slow
def test_at_the_close_the_outturn_is_the_actual(council):
    rows = table(
        """
        ONE   A NET 100 112.34 .          # outturn: the actual
        ONE   B NET  50  47   47          # both, and the same
        TWO   C NET 200   .  205          # no actual: the forecast
        THREE D NET 300   0  .            # nothing was spent
        """
    )
    bring(council, "position", csv_of(CLOSE, rows), 13)
    outturns = {code: row.forecast_pence for code, row in positions_of(council, 13).items()}
    assert outturns == {"A": 11234, "B": 4700, "C": 20500, "D": 0}
    carried = {row.forecast_carried_from for row in positions_of(council, 13).values()}
    assert carried == {None}
    publish(council, 13)
    # 12.34 - 3 + 5 - 300, and B's planned use of -3, carried from the month before
    assert nodes_of(facts_of(council, 13))["TOP"]["net_variance"] == -28866


def test_at_the_close_another_forecast_than_the_actual_is_an_error(council):
    with pytest.raises(Refused) as caught:
        rows = table("ONE A NET 100 112.34 112.33")
        bring(council, "position", csv_of(CLOSE, rows), 13)
    assert caught.value.messages[0].startswith("Row 2, column forecast: ")
    assert period_of(council, 13).batch is None


def test_before_the_close_a_forecast_is_not_the_actual(council):
    rows = table("ONE A NET 100 9 112.33")
    bring(council, "position", csv_of(CLOSE, rows), 12)
    assert positions_of(council, 12)["A"].forecast_pence == 11233


# Scope


def test_a_file_replaces_the_periods_positions(council):
    bring(council, "position", position("ONE A 100 100 111"), 1)
    assert set(positions_of(council, 1)) == {"A"}


def test_with_a_scope_a_file_replaces_that_scope_alone(council):
    before = positions_of(council, 1)
    bring(council, "position", position("ONE A 100 100 115"), 1, scope="ONE")
    rows = positions_of(council, 1)
    assert set(rows) == {"A", "C", "D"}  # B stood under ONE and is not in the file
    assert rows["A"].forecast_pence == 11500
    for code in "CD":
        fields = ("forecast_pence", "current_budget_pence", "source_id", "source_row", "service_id")
        assert [getattr(rows[code], f) for f in fields] == [
            getattr(before[code], f) for f in fields
        ]
    assert nodes_of(facts_of(council, 1))["TOP"]["budget"] == 60000


def test_a_scope_takes_in_what_is_under_it(council):
    bring(council, "position", position("TWO C 200 200 190\nTWO E 5 5 5"), 1, scope="DIR")
    assert set(positions_of(council, 1)) == {"C", "D", "E"}


@pytest.mark.slow
def test_a_scoped_file_of_a_period_without_figures_is_its_first(council):
    bring(council, "position", position("ONE A 100 100 115"), 2, scope="ONE")
    assert set(positions_of(council, 2)) == {"A"}


@pytest.mark.slow
def test_a_scope_takes_lines_whose_service_was_merged_into_it(council):
    """A blank service code is that of the cost centre so far, which stands under the scope now."""
    merged = TREE.replace("TWO,Two,DIR,2,,,", "TWO,Two,DIR,2,,,ONE")
    bring(council, "services", merged)
    bring(council, "position", position(". A 100 100 115\n. C 200 200 201"), 1, scope="ONE")
    rows = positions_of(council, 1)
    assert set(rows) == {"A", "C", "D"}
    assert rows["C"].forecast_pence == 20100
    assert nodes_of(facts_of(council, 1))["ONE"]["budget"] == 30000


# Where lines stand


def test_a_blank_service_code_is_that_of_the_cost_centre_so_far(council):
    text = position(". A 100 100 110").replace("A,NET", "A,NEW") + ",A,NET,,1,1,,\n"
    bring(council, "position", text, 2)
    lines = BudgetLine.objects.filter(year=council, cost_centre="A")
    assert {(line.account, line.service.code) for line in lines} == {("NET", "ONE"), ("NEW", "ONE")}


def test_a_blank_service_code_is_that_of_the_cost_centre_in_the_same_file(council):
    text = position("TWO N 1 1 1") + ",N,OTHER,,1,1,,\n"
    bring(council, "position", text, 2)
    lines = BudgetLine.objects.filter(year=council, cost_centre="N")
    assert {line.service.code for line in lines} == {"TWO"}


@pytest.mark.slow
def test_an_unknown_cost_centre_without_a_service_waits_under_unallocated(council):
    upload = bring(council, "position", position("ONE A 100 100 110\n. NEW 7 7 8"), 1)
    assert home_of(council, "NEW") == UNALLOCATED
    (warning,) = [entry for entry in upload.warnings if "Unallocated" in entry["message"]]
    assert (warning["row"], warning["column"]) == (3, "cost_centre")
    nodes = nodes_of(facts_of(council, 1))
    assert (nodes[UNALLOCATED]["budget"], nodes["TOP"]["budget"]) == (700, 10700)
    with pytest.raises(Refused) as caught:
        publish(council, 1)
    assert "Unallocated" in caught.value.messages[0]
    assert "service_code" in caught.value.messages[0]
    bring(council, "position", position("ONE A 100 100 110\nTWO NEW 7 7 8"), 1)
    publish(council, 1)
    assert UNALLOCATED not in nodes_of(facts_of(council, 1))


def test_a_part_brings_no_figure_back_that_the_ledger_no_longer_gives(council):
    bring(council, "position", position(MONTH_1.replace("A 100 100", "A . 100")), 1)
    with pytest.raises(Refused, match="an earlier file .* the ledger’s figures have no figure now"):
        bring(council, "position", position("ONE A 100 100 110\nONE B 50 50 48"), 1, scope="ONE")


@pytest.mark.slow
def test_the_latest_period_says_where_a_line_stands(council):
    """An earlier file that is uploaded later does not move it back."""
    bring(council, "position", position("TWO A 100 100 110"), 3)
    assert home_of(council, "A") == "TWO"
    bring(council, "position", position(MONTH_1), 1)
    assert home_of(council, "A") == "TWO"
    nodes = nodes_of(facts_of(council, 1))
    assert (nodes["ONE"]["budget"], nodes["TWO"]["budget"]) == (5000, 30000)


@pytest.mark.slow
def test_lines_on_a_service_that_got_others_under_it_block_publication(council):
    bring(council, "services", TREE + "ONE-A,One a,ONE,1,,,\n")
    with pytest.raises(Refused) as caught:
        publish(council, 1)
    assert "ONE (One)" in caught.value.messages[0]
    assert nodes_of(facts_of(council, 1))["TOP"]["budget"] == 65000
    fixed = position(MONTH_1.replace("ONE ", "ONE-A "))
    bring(council, "position", fixed, 1)
    publish(council, 1)
    assert nodes_of(facts_of(council, 1))["ONE"]["budget"] == 15000


@pytest.mark.slow
def test_a_service_no_longer_named_stays_open_while_lines_hang_on_it(council):
    without = TREE.replace("TWO,Two,DIR,2,,,\n", "")
    bring(council, "services", without)
    assert nodes_of(facts_of(council, 1))["TWO"]["kind"] == "service"
    bring(council, "position", position("ONE A 100 100 110\nONE C 200 200 ."), 1)
    assert "TWO" not in nodes_of(facts_of(council, 1))


@pytest.mark.slow
def test_a_tree_with_a_new_parent_moves_the_figures_of_open_periods(council):
    publish(council, 1)
    bring(council, "position", position(MONTH_1), 2)
    bring(council, "services", TREE.replace("TWO,Two,DIR", "TWO,Two,TOP"))
    assert nodes_of(facts_of(council, 2))["DIR"]["budget"] == 15000
    assert nodes_of(facts_of(council, 1))["DIR"]["budget"] == 35000


# The same again


@pytest.mark.slow
def test_the_same_file_again_gives_the_same_figures(council):
    publish(council, 1)
    text = position("ONE A 100 120 .\nONE B 50 50 49 -1\nTWO C 200 190 .\n. NEW 1 2 3")
    bring(council, "virements", virements("V,2,C,NET,A,NET,20,funding,,Cabinet,2021-05-10,,"))
    bring(council, "position", text, 2)
    first = figures(council, 2), statement_data(council, 2, "annex-a")
    bring(council, "position", text, 2)
    assert (figures(council, 2), statement_data(council, 2, "annex-a")) == first
    assert Batch.objects.filter(period=period_of(council, 2)).count() == 2


# Totals in the file


TOTALS = """service_code,cost_centre,account,description,current_budget,forecast
ONE,A,NET,,100,110
ONE,B,NET,,50,48
,,,Subtotal One,150,158
TWO,C,NET,Total care,200,
,,,TOTAL,350,158
"""


def test_total_rows_are_compared_and_not_stored(council):
    upload = bring(council, "position", TOTALS, 2)
    assert set(positions_of(council, 2)) == {"A", "B", "C"}
    assert upload.row_count == 3
    assert upload.totals["current_budget"] == 35000


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("TOTAL,350,158", "TOTAL,351,158", "Row 6, column current_budget"),
        ("TOTAL,350,158", "TOTAL,350,157", "Row 6, column forecast"),
        ("Subtotal One,150", "Subtotal One,149.99", "Row 4, column current_budget"),
    ],
)
def test_a_total_that_is_not_the_sum_is_an_error(council, before, after, place):
    with pytest.raises(Refused) as caught:
        bring(council, "position", TOTALS.replace(before, after), 2)
    assert caught.value.messages[0].startswith(place)
    assert period_of(council, 2).batch is None


# Exempt lines


@pytest.mark.slow
def test_an_exempt_line_is_named_in_no_statement(council):
    """Its figures count; its code and description are for officers."""
    columns = (
        "service_code,cost_centre,account,description,original_budget,current_budget,forecast,"
        "exempt\n"
    )
    first = "ONE,A,NET,Home care,100,100,110,\nONE,X9,SETTLE,Secret settlement,40,40,,yes\n"
    bring(council, "position", columns + first + "TWO,C,NET,Roads,200,200,,\n", 1)
    publish(council, 1)
    register = "V,2,X9,SETTLE,C,NET,15,funding,,Cabinet,2021-05-10,,"
    bring(council, "virements", virements(register))
    second = "ONE,A,NET,Home care,100,100,110,\nONE,X9,SETTLE,Secret settlement,40,25,30,yes\n"
    bring(council, "position", columns + second + "TWO,C,NET,Roads,200,215,,\n", 2)
    draft = "".join(made.to_json() for made in all_statements(facts_of(council, 2)).values())
    assert nodes_of(facts_of(council, 2))["ONE"]["budget"] == 12500
    publish(council, 2)
    rows = ReportStatement.objects.filter(report__period__year=council)
    for text in [draft, *(row.text for row in rows)]:
        for secret in ("X9", "SETTLE", "Secret settlement"):
            assert secret not in text
    assert "an exempt line of One" in draft
    assert "C/NET Roads" in draft


@pytest.mark.slow
def test_a_line_stays_exempt_where_a_later_file_does_not_say(council):
    columns = "service_code,cost_centre,account,current_budget,exempt\n"
    bring(council, "position", f"{columns}ONE,A,NET,100,yes\n", 1)
    bring(council, "position", position("ONE A 100 100 110"), 2)
    assert BudgetLine.objects.get(year=council, cost_centre="A").exempt is True
    bring(council, "position", f"{columns}ONE,A,NET,100,no\n", 2)
    assert BudgetLine.objects.get(year=council, cost_centre="A").exempt is False
    changes = AuditEntry.objects.filter(action="changed budget lines")
    assert changes.last().detail == {"lines": 1}


def test_added_exempt_lines_are_on_the_audit_trail(council, tmp_path):
    """Also those of a later month of a pack, which it registers ahead: kept pages depend on it."""
    columns = "service_code,cost_centre,account,current_budget,exempt\n"
    bring(council, "position", f"{columns}ONE,S1,NET,100,yes\nONE,S2,NET,100,yes\n", 2)
    months = {
        "periods/01/position.csv": position(MONTH_1),
        "periods/03/position.csv": f"{columns}ONE,S3,NET,100,yes\nONE,P,NET,100,no\n",
    }
    load_pack(folder=write_pack(tmp_path, {"services.csv": TREE} | months), by=None)
    added = AuditEntry.objects.filter(action="added exempt budget lines")
    assert [entry.detail["lines"] for entry in added] == [2, 1]


# Published and draft


def test_a_published_period_takes_no_position_until_it_is_reopened(council):
    publish(council, 1)
    before = figures(council, 1), set(positions_of(council, 1))
    with pytest.raises(Refused) as caught:
        bring(council, "position", position("ONE A 100 100 999"), 1)
    assert "Reopen it first" in caught.value.messages[0]
    assert (figures(council, 1), set(positions_of(council, 1))) == before


def test_the_statement_of_an_open_period_is_a_draft(council):
    data = statement_data(council, 1, "annex-a")
    expected = {
        "statement": "annex-a",
        "council": "Made-up Council",
        "financial_year": "2021/22",
        "period": 1,
        "status": "draft",
        "version": 1,
        "as_at": "2021-04-30",
    }
    assert {key: data[key] for key in expected} == expected
    assert list(data) == [*expected, "columns", "rows", "footnotes"]
    total = data["rows"][-1]
    assert (total["key"], total["label"], total["kind"]) == ("TOP", "Total", "total")
    assert total["cells"]["budget"] == {"value": 650.0, "text": "1"}  # £000, the default unit
    assert total["cells"]["movement"] == {"value": None, "text": ""}


@pytest.mark.parametrize(
    ("number", "date"),
    [
        (1, "2021-04-30"),
        (9, "2021-12-31"),
        (11, "2022-02-28"),
        (12, "2022-03-31"),
        (13, "2022-03-31"),
    ],
)
def test_figures_are_as_at_the_months_end(council, number, date):
    bring(council, "position", position("ONE A 100 100 110"), number)
    assert statement_data(council, number, "annex-a")["as_at"] == date


def test_a_period_without_figures_has_no_statement(council):
    with pytest.raises(Refused) as caught:
        statement_data(council, 5, "annex-a")
    assert "upload its position first" in caught.value.messages[0]


# Warnings


def test_what_a_person_should_look_at_is_a_warning(council):
    rows = "ONE A 100 130 110\nONE B 50 50 200048\nTWO NEW 5 5 5\nTHREE D 300 300 306"
    upload = bring(council, "position", position(rows), 2)
    said = [(entry["row"], entry["column"], entry["message"]) for entry in upload.warnings]
    for row, column, words in (
        (2, "current_budget", "£30"),
        (3, "forecast", "£200,048"),
        (4, "cost_centre", "NEW"),
        (None, "", "C/NET"),
    ):
        assert any(entry[:2] == (row, column) and words in entry[2] for entry in said), said


@pytest.mark.slow
def test_an_approved_virement_explains_a_budget_and_a_pending_one_does_not(council):
    register = "V,2,C,NET,A,NET,30,funding,,,,,"
    bring(council, "virements", virements(register))
    rows = position("ONE A 100 130 110\nONE B 50 50 48\nTWO C 200 170 .\nTHREE D 300 300 306")
    pending = bring(council, "position", rows, 2)
    bring(council, "virements", virements(register.replace(",,,,", ",,Cabinet,2021-05-10,")))
    approved = bring(council, "position", rows, 2)
    assert sum("no virement" in entry["message"] for entry in pending.warnings) == 2
    assert sum("no virement" in entry["message"] for entry in approved.warnings) == 0


def test_a_tree_without_an_order_stands_in_the_order_of_its_file(db, tmp_path):
    from monitoring.models import Service
    from monitoring.restructuring.services.years import set_up_year
    from monitoring.uploading.services.uploads import upload_file

    year = set_up_year(start=2033, council="Orderly Council", settings={}, by=None)
    text = "code,name,parent_code\nTOP,Council,\nZED,Zed,TOP\nABE,Abe,TOP\n"
    upload_file(
        kind="services", year=year, period=None, content=text.encode(), file_name="s.csv", by=None
    )
    codes = Service.objects.filter(year=year, named=True).order_by("order")
    assert list(codes.values_list("code", flat=True)) == ["TOP", "ZED", "ABE"]
