"""A small council with a closed year and a month under way, for the tests of forecast methods."""

from monitoring.models import BudgetLine, FinancialYear, ForecastMethod, Service
from tests.councils.loaded import load_pack
from tests.councils.packs import csv_of, table, write_pack

SERVICES = (
    "code,name,parent_code,order,total_label\nTOP,Council,,1,Total\n"
    "CARE,Care,TOP,1,Care total\nHOME,Home care,CARE,1,\nDAY,Day care,CARE,2,\nROADS,Roads,TOP,2,\n"
)
COLUMNS = (
    *("service_code", "cost_centre", "account", "current_budget", "actual_to_date"),
    *("commitments", "profiled_budget_to_date", "forecast"),
)
LAST_YEAR = {
    2: """
       HOME  H1  1100  110 . . 1100
       DAY   D1   500   50 . .  500
    """,
    3: """
       HOME  H1  1100  220 . . 1150
       HOME  H2   400    . . .  400
       DAY   D1   500  100 . .  500
       ROADS R1  -300  -30 . . -300
    """,
    13: """
       HOME  H1  1100 1100 . . .
       HOME  H2   400  410 . . .
       DAY   D1   500  650 . . .
       ROADS R1  -300 -300 . . .
    """,
}
THIS_YEAR = {
    2: """
       HOME  H1  1200  130  .   .  1200
       DAY   D1   600   90  .   .   620
    """,
    3: """
       HOME  H1  1200  300  25  .  1250
       HOME  H2   400   90   . 80     .
       HOME  H3    70    .   5  .    70
       DAY   D1   600  150   .  .   640
       ROADS R1  -300  -40   0  .  -280
    """,
}
"""Service, cost centre, budget, actual, commitments, profile to date, forecast; a dot is blank."""


def month_file(text: str) -> str:
    """position.csv with actuals; the account is always NET, and blank cells at the end are left."""
    rows = []
    for service, centre, *amounts in table(text):
        rows.append([service, centre, "NET", *amounts, *["."] * (5 - len(amounts))])
    return csv_of(COLUMNS, rows)


def load_year(folder, year: str, months: dict[int, str], *, publish: tuple[int, ...] = (), **more):
    """Load a pack of these months; `more` are other arguments of write_pack."""
    files = {"services.csv": SERVICES}
    files |= {f"periods/{n:02d}/position.csv": month_file(text) for n, text in months.items()}
    pack = write_pack(folder, files, year=year, publish=publish, **more)
    return load_pack(folder=pack, by=None).year


def two_years(tmp_path, **more) -> FinancialYear:
    """Load 2021/22, with months 2, 3 and the close published, then 2022/23 with month 2.

    Month 3 of 2022/23 is a draft.
    """
    load_year(tmp_path / "last", "2021/22", LAST_YEAR, publish=(2, 3, 13))
    return load_year(tmp_path / "this", "2022/23", THIS_YEAR, publish=(2,), **more)


def line_of(year: FinancialYear, centre: str) -> BudgetLine:
    """The line of a cost centre."""
    return BudgetLine.objects.get(year=year, cost_centre=centre)


def choose(year: FinancialYear, **methods: str) -> None:
    """Choose methods by cost centre or service code; underscores stand for hyphens."""
    for code, method in methods.items():
        line = BudgetLine.objects.filter(year=year, cost_centre=code).first()
        service = None if line else Service.objects.get(year=year, code=code)
        ForecastMethod.objects.create(
            year=year, line=line, service=service, method=method.replace("_", "-")
        )
