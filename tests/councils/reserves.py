"""A small council with reserves: month 1 published, month 2 a draft. In pounds.

reserve  kind          opening  budgeted  anticipated      closes in month 2 at
GF       General Fund     1000        50                   1050
ROADS    earmarked         100                 -60 +5        45
FIRE     earmarked           0        40                     40
DEBT     earmarked         -50                               -50, as it began
LAND     capital            20                               20
"""

from council_finance.money import parse_amount
from monitoring.reports.selectors.statements import all_statements, statement
from monitoring.restructuring.services.years import roll_year_forward
from reserves.models import Reserve
from reserves.services import enter_movement, enter_transfer
from tests.councils.loaded import load_pack
from tests.councils.packs import facts_of, position, write_pack

SERVICES = (
    "code,name,parent_code,order,total_label,successor_code\nTOP,Council,,1,Total,\n"
    "PLACE,Place,TOP,1,Place total,\nROAD,Roads,PLACE,1,,\nPARK,Parks,PLACE,2,,\n"
    "CARE,Care,TOP,2,,\nOLD,Old roads,PLACE,3,,ROAD\n"
)
MONTH_1 = position("ROAD A 500 500 560 -60\nPARK B 100 100 140 0 -40\nCARE C 300 300 310")
MONTH_2 = position("ROAD A 500 500 555 -55\nPARK B 100 100 130 0 -30\nCARE C 300 300 320")
RESERVE_COLUMNS = "code,name,kind,group,service_code,opening_balance,purpose\n"
RESERVES = RESERVE_COLUMNS + (
    "GF,General Fund,general_fund,,,1000,The unforeseen\n"
    "ROADS,Roads reserve,earmarked,Services,PLACE,100,Winter\n"
    "FIRE,Fire fund,earmarked,Services,,0,\n"
    "DEBT,Old deficit,earmarked,Corporate,,-50,\n"
    "LAND,Land receipts,capital,,,20,\n"
)
MOVEMENT_COLUMNS = "reserve_code,period,kind,amount,description\n"
MOVEMENTS = MOVEMENT_COLUMNS + (
    "GF,00,budgeted,50,Contribution\n"
    "FIRE,00,budgeted,40,Set up\n"
    "ROADS,01,anticipated,-60,Repairs\n"
    "ROADS,02,anticipated,5,Fewer repairs\n"
)
PROJECTS = (
    "reference,project,service_code,cost_centre,original_planned,purpose\n"
    "P1,Gates,PARK,B,40,Fewer keepers\nP2,Systems,CARE,,10,\n"
)
FILES = {
    "services.csv": SERVICES,
    "reserves.csv": RESERVES,
    "reserve_movements.csv": MOVEMENTS,
    "capital_receipts.csv": PROJECTS,
    "periods/01/position.csv": MONTH_1,
    "periods/01/capital_receipts.csv": "reference,forecast\nP1,40\nP2,0\n",
    "periods/02/position.csv": MONTH_2,
    "periods/02/capital_receipts.csv": "reference,forecast\nP1,30\nP2,0\n",
}
SETTINGS = '[display]\nunit = "pounds"\n'
MINIMUM = SETTINGS + "[reserves]\nminimum_general_fund = 1040\n"


def load_council(folder, *, settings: str = SETTINGS, publish=(1,), year="2021/22", **more):
    """Load the pack; `more` are files in the place of its own."""
    files = {name: text for name, text in (FILES | more).items() if text is not None}
    pack = write_pack(folder, files, publish=publish, settings=settings, year=year)
    return load_pack(folder=pack, by=None).year


def load_closed(folder, year="2021/22"):
    """With a published close in which £60 of the roads reserve is booked; the next year set up."""
    booked = "GF,13,actual,-4.75,Overspend\nROADS,13,actual,-60,Repairs\n"
    files = {"reserve_movements.csv": MOVEMENTS + booked, "periods/13/position.csv": MONTH_2}
    closed = load_council(folder, publish=(1, 13), year=year, **files)
    return closed, roll_year_forward(year=closed, by=None)


def reserve(year, code: str) -> Reserve:
    """A reserve as it is stored."""
    return Reserve.objects.get(year=year, code=code)


def move(year, code: str, pounds: str, period=2, kind="anticipated", by=None, **more):
    """Enter a movement."""
    return enter_movement(
        reserve=reserve(year, code),
        period=period,
        kind=kind,
        amount_pence=parse_amount(pounds),
        description=more.pop("description", "A reason"),
        approved_by=more.pop("approved_by", "Cabinet"),
        by=by,
        **more,
    )


def transfer(year, giver: str, receiver: str, pounds: str, period=2, kind="anticipated", **more):
    """Enter a transfer."""
    return enter_transfer(
        giver=reserve(year, giver),
        receiver=reserve(year, receiver),
        period=period,
        kind=kind,
        amount_pence=parse_amount(pounds),
        description="A reason",
        approved_by="Cabinet",
        by=more.pop("by", None),
        **more,
    )


def figures(year, number: int, name: str = "reserves-schedule") -> dict[str, dict]:
    """A statement's values in pounds by row and column."""
    rows = statement(facts_of(year, number), name).rows
    return {row.key: {key: cell.value for key, cell in row.cells.items()} for row in rows}


def closing(year, number: int = 2) -> dict[str, float]:
    """What each row of the schedule closes at."""
    rows = figures(year, number)
    return {key: cells["closing"] for key, cells in rows.items() if cells}


def frozen(year, number: int) -> dict[str, str]:
    """The text of every statement of a period."""
    return {name: each.to_json() for name, each in all_statements(facts_of(year, number)).items()}
