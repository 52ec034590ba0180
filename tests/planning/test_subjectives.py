"""Budgets by subjective, cell by cell as Leicestershire printed them, and the rules behind them."""

import csv
import re

import pytest

from council_finance.errors import Refused
from council_finance.uploads.problems import FileRefused
from monitoring.models import FinancialYear, Period
from monitoring.reports.checks import check_year
from monitoring.reports.selectors.report_data import current_data
from monitoring.reports.selectors.statements import statement, year_statement
from monitoring.reports.selectors.year_data import current_year_data
from planning.models import Estimate
from planning.subjectives.matrix import Matrix, list_columns
from planning.subjectives.report_rows import EstimateRow, SubjectiveRow
from tests.conftest import FIXTURES, REFERENCE
from tests.councils.loaded import load_pack
from tests.councils.month import small_council
from tests.councils.packs import bring

LEICESTERSHIRE = REFERENCE / "leicestershire-2019-23"
COLUMNS = {
    "net_budget_2018_19": "previous_net",
    "employees": "emp",
    "running_expenses": "run",
    "internal_income": "int",
    "gross_budget": "gross",
    "external_income": "ext",
    "net_budget_2019_20": "net",
}
DISPLAY = (
    '[display]\nunit = "pounds"\npercent_decimals = 1\n'
    '[display.net-budget-distribution]\nunit = "m"\nunit_decimals = 1\nfavourable = "brackets"\n'
)


def printed(name: str) -> list[dict[str, str]]:
    with (LEICESTERSHIRE / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def twenty_years_later(text: str) -> str:
    """The test database has a 2019/20 of its own, so that a pack is loaded as 2039/40."""
    return re.sub(
        r"\b20(\d\d)/(\d\d)\b",
        lambda year: f"20{int(year[1]) + 20}/{int(year[2]) + 20}",
        text,
    )


@pytest.fixture
def leicestershire(db, tmp_path):
    for name in ("services", "subjectives", "estimates"):
        text = (FIXTURES / "leicestershire-2019-23" / f"{name}.csv").read_text(encoding="utf-8")
        (tmp_path / f"{name}.csv").write_text(twenty_years_later(text), encoding="utf-8")
    toml = 'council = "Leicestershire"\nfinancial_year = "2039/40"\n'
    (tmp_path / "pack.toml").write_text(toml + DISPLAY)
    load_pack(folder=tmp_path, by=None)
    return current_year_data(FinancialYear.objects.get(start=2039))


def test_every_cell_of_appendix_a_is_as_printed(leicestershire):
    made = year_statement(leicestershire, "budget-by-subjective")
    rows = [row for row in made.rows if row.cells]
    lines = printed("appendix_a_revenue_budget_by_subjective.csv")
    assert len(rows) == len(lines) == 54
    assert [(row.label, *(row.cells[key].text for key in COLUMNS.values())) for row in rows] == [
        (line["service"], *(line[name] for name in COLUMNS)) for line in lines
    ]
    assert [column.key for column in made.columns] == list(COLUMNS.values())
    assert rows[-1].key == "total"
    assert "differ from their printed total by a unit" in made.footnotes[0].text
    found = [each for each in check_year(leicestershire) if each.statement == made.name]
    assert not [each for each in found if each.status == "differs"]
    assert len([each for each in found if each.status == "rounding"]) == 10


WRONG_IN_PRINT = {
    "Communities & Wellbeing": ("£5.2m", "3.8%"),  # printed £5.1m and 3.7%
    "Direct Services": ("£16.6m", "12.0%"),  # printed 12.1%
}
NAMES = {
    "Care Pathway –East Locality": "Care Pathway - East Locality",
    "Care Pathway – West Locality": "Care Pathway - West Locality",
    "Better Care Fund Contribution": "Better Care Fund (Balance)",
    "Communities & Wellbeing": "Communities and Wellbeing",
    "Department Total": "TOTAL ADULTS & COMMUNITIES",
}


def test_every_cell_of_the_distribution_is_as_printed_but_for_three(leicestershire):
    made = year_statement(leicestershire, "net-budget-distribution")
    found = {row.label: (row.cells["net"].text, row.cells["percent"].text) for row in made.rows}
    lines = printed("net_budget_distribution.csv")
    assert found == {
        NAMES.get(line["group"], line["group"]): WRONG_IN_PRINT.get(
            line["group"], (line["net_budget_m"], line["percent"])
        )
        for line in lines
    }
    assert made.row("total").cells["net"].pence == sum(
        row.cells["net"].pence for row in made.rows[:-1]
    )


@pytest.mark.slow
def test_direct_payments_are_as_printed_for_the_year_and_for_those_of_the_plan(db):
    load_pack(folder=FIXTURES / "leicestershire-direct-payments", by=None)
    year = FinancialYear.objects.get(start=2017)
    facts = current_data(Period.objects.get(year=year, number=13))
    outturn = statement(facts, "budgetary-control")
    rows = {row.label: row.cells for row in outturn.rows if row.cells}
    for line in printed("direct_payments_2017_18.csv"):
        cells = rows[line["client_group"]]
        for name, key in (("budget", "budget"), ("outturn", "forecast"), ("variance", "variance")):
            assert cells[key].pence == int(line[name]) * 100
        if line["variance_percent"]:
            assert cells["variance_percent"].text == line["variance_percent"]
    plan = year_statement(current_year_data(year), "budget-by-subjective")
    rows = {row.label: row.cells for row in plan.rows if row.cells}
    names = {"Learning Disabilities": "Learning disability", "Mental Health": "Mental health"}
    names |= {"Physical Disabilities": "Physical disability", "Older People": "Older people"}
    lines = printed("direct_payment_expenditure_plan.csv")
    assert len(lines) == 6
    for line in lines:
        cells = rows[names.get(line["client_group"], line["client_group"])]
        for label in ("2019/20", "2020/21", "2021/22", "2022/23"):
            assert f"£{cells[label.replace('/', '-')].text}" == line[label]


# Rules

EMP = SubjectiveRow("EMP", "Employees", "employees", "expenditure", "")
RUN = SubjectiveRow("RUN", "Running", "", "expenditure", "Gross expenditure")
INT = SubjectiveRow("INT", "Internal income", "income", "internal_income", "Gross budget")
EXT = SubjectiveRow("EXT", "External income", "income", "external_income", "")
NET = SubjectiveRow("NET", "Net", "", "net", "")


def test_running_totals_and_the_net_budget_stand_where_subjectives_say():
    columns, label = list_columns([EMP, RUN, INT, EXT])
    assert [(each.key, each.sums) for each in columns] == [
        ("emp", ("EMP",)),
        ("run", ("RUN",)),
        ("gross", ("EMP", "RUN")),
        ("int", ("INT",)),
        ("gross-budget", ("EMP", "RUN", "INT")),
        ("ext", ("EXT",)),
    ]
    assert label == "Net"
    assert list_columns([]) == ([], "Net")


def test_missing_is_not_nil_and_a_recharged_service_is_nil():
    estimates = [
        EstimateRow(2030, "A", "EMP", 100),
        EstimateRow(2030, "A", "INT", -100),
        EstimateRow(2030, "B", "NET", 7),
        EstimateRow(2031, "A", "EMP", 5),
    ]
    matrix = Matrix.of_year([EMP, INT, NET], estimates, 2030)
    recharged, net, missing = (matrix.of_services([code]) for code in "ABC")
    assert (recharged.net, dict(recharged.by_subjective)) == (0, {"EMP": 100, "INT": -100})
    assert (net.net, net.has_analysis, missing.net) == (7, False, None)
    assert matrix.of_services("ABC").net == 7
    columns, _ = list_columns([EMP, INT])
    assert [each.amount(net) for each in columns] == [None, None]


SUBJECTIVES = (
    "code,name,group,kind,order,subtotal_after\nEMP,Employees,employees,expenditure,1,Gross\n"
    "EXT,Income,income,external_income,2,\nNET,Net,,net,9,\n"
)
HEAD = "financial_year,service_code,subjective_code,step,amount\n"
ROWS = "2022/2023,HOME,EMP,base,100\n2022/23,HOME,EMP,policy,5\n2022-23,DAY,NET,,7\n"


@pytest.fixture
def year(db, tmp_path):
    year = small_council(tmp_path)
    bring(year, "subjectives", SUBJECTIVES)
    return year


def test_wrong_estimates_and_accounts_are_refused(year):
    for kind, text, words in (
        ("estimates", f"{HEAD}22/23,HOME,EMP,,1\n", "a year such as 2019/20 was expected"),
        ("estimates", f"{HEAD}2022/23,CARE,EMP,,1\n", "this service has others under it"),
        ("estimates", f"{HEAD}2022/23,HOME,EMQ,,1\n", "no row with this reference in subjectives"),
        ("estimates", f"{HEAD}{ROWS}2022/23,DAY,EMP,,1\n", "has a net budget and an analysis"),
        ("estimates", f"{HEAD}{ROWS}2022/23,HOME,EMP,base,1\n", "stand on an earlier row too"),
        ("accounts", "account,subjective_code\n4*1,EMP\n", "a star stands at the end only"),
        ("subjectives", SUBJECTIVES.replace("expenditure", "spending"), "one of expenditure"),
    ):
        with pytest.raises((Refused, FileRefused)) as caught:
            bring(year, kind, text)
        assert words in " ".join(caught.value.messages), (kind, words)
    assert not Estimate.objects.filter(year=year).exists()


def test_steps_add_up_and_a_file_replaces_the_years_that_it_names(year):
    bring(year, "estimates", HEAD + ROWS + "2021/22,HOME,EMP,,90\n2021/22,HOME,EXT,,-20\n")
    bring(year, "estimates", f"{HEAD}2022/23,HOME,EMP,base,100\n2022/23,HOME,EMP,policy,6\n")
    made = year_statement(current_year_data(year), "budget-by-subjective")
    cells = made.row("HOME").cells
    assert {key: cell.value for key, cell in cells.items()} == {
        "previous_net": None,
        "emp": 90,
        "gross": 90,
        "ext": -20,
        "net": 70,
        "2022-23": 106,
    }
    assert made.row("total").cells["2022-23"].value == 106
