"""A small council with a month under way, for the tests of commentary, month, review and home.

Month 1 is published with a commentary on Home care; month 2 is a draft whose forecasts are partly
carried forward. Commentary is due beyond £50.
"""

from monitoring.models import FinancialYear, PeriodState, Service, TreeRight
from tests.councils.loaded import load_pack
from tests.councils.packs import csv_of, position, write_pack

SERVICES = (
    "code,name,parent_code,order,total_label\nTOP,Council,,1,Total\n"
    "CARE,Care,TOP,1,Care total\nHOME,Home care,CARE,1,\nDAY,Day care,CARE,2,\n"
    "LEARN,Learning,TOP,2,\nSCHOOL,Schools,LEARN,1,\nBUSES,School buses,LEARN,2,\n"
    "ROADS,Roads,TOP,3,\n"
)
SETTINGS = (
    '[display]\nunit = "pounds"\nfavourable = "brackets"\n[commentary]\nvariance_above = 50\n'
)
MONTH_1 = """
HOME   H1  1000  1000  1100
HOME   H2   500   500   490
DAY    D1   300   300   300
SCHOOL S1   200   200   200
BUSES  B1   100   100   180
ROADS  R1   700   700   760
"""
MONTH_2 = """
HOME   H1  1000  1000
HOME   H2   500   500   500
HOME   H3    50    50
DAY    D1   300   300   310
SCHOOL S1   200   200   200
BUSES  B1   100   100   190
ROADS  R1   700   700   780
"""
SERVICES_NOW = SERVICES.replace("total_label\n", "total_label,successor_code\n").replace(
    "DAY,Day care,CARE,2,\n", "DAY,Day care,CARE,2,,HOME\n"
)
"""The same with Day care closed: its lines go to Home care."""
FIRST_TEXT = "Two placements more than planned."


def small_council(folder, **more):
    """Load the pack; `more` are files in the place of its own."""
    files = {
        "services.csv": SERVICES,
        "periods/01/position.csv": position(MONTH_1),
        "periods/01/commentary.csv": texts(HOME=FIRST_TEXT),
        "periods/02/position.csv": position(MONTH_2),
    }
    pack = write_pack(folder, files | more, publish=(1,), settings=SETTINGS)
    return load_pack(folder=pack, by=None).year


def only_open_year(year) -> FinancialYear:
    """Count the close of every other year as published, so that first pages show this one."""
    for each in FinancialYear.objects.exclude(pk=year.pk):
        held = each.periods.filter(batch__isnull=False).order_by("-number").first()
        close = each.periods.filter(number=13)
        close.update(state=PeriodState.PUBLISHED, batch=held.batch)
    return year


def texts(**by_code: str) -> str:
    """commentary.csv."""
    rows = [[code, f'"{text}"'] for code, text in by_code.items()]
    return csv_of(("service_code", "text"), rows)


def service(year, code: str) -> Service:
    """A service of the year."""
    return Service.objects.get(year=year, code=code)


def tie(user, *codes: str):
    """Let a person look after parts of the tree."""
    TreeRight.objects.bulk_create(TreeRight(user=user, service_code=code) for code in codes)
    return user
