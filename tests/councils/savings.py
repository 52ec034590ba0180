"""A made-up council with savings, for tests: two services, two months, a scheme of one's choice."""

from monitoring.reports.selectors.statements import statement
from savings.report_rows import SavingRow
from tests.councils.loaded import load_pack
from tests.councils.packs import csv_of, facts_of, position, table, write_pack

TREE = """code,name,parent_code,order,total_label,successor_code
TOP,Small Council,,1,Total,
DIR,Directorate,TOP,1,Directorate total,
ONE,One,DIR,1,,
TWO,Two,DIR,2,,
OLD,Old,DIR,3,,ONE
"""
LINES = "ONE A 100 130 140\nTWO B 200 165 160"
AGREED_COLUMNS = ("reference", "title", "service_code", "decision", "agreed_saving", "investment")
POSITION_COLUMNS = (
    *("reference", "status", "forecast_saving", "delivered_to_date"),
    *("phasing_q1", "phasing_q2", "phasing_q3", "phasing_q4"),
    *("direction_of_travel", "commentary"),
)
AGREED = """
S-1 Lamps    ONE Feb  1000 50
S-2 Fewer    ONE Sept  600 .
S-3 Fees     TWO Feb   400 0
"""
DECLARED = '[status_scheme]\nsavings_declared = ["Red", "Green", "Blue"]\n'
RULES = """
[[status_scheme.savings]]
status = "Black"
delivered_percent_at_most = 0

[[status_scheme.savings]]
status = "Red"
shortfall_percent_above = 20

[[status_scheme.savings]]
status = "Amber"
shortfall_percent_above = 5

[[status_scheme.savings]]
status = "Green"
"""


def agreed(text: str = AGREED) -> str:
    """savings.csv for the year, from rows of AGREED_COLUMNS; dots are blank."""
    return csv_of(AGREED_COLUMNS, table(text))


def reported(text: str) -> str:
    """savings.csv for a period, from rows of POSITION_COLUMNS; what is left out is blank."""
    rows = [[*row, *["."] * (len(POSITION_COLUMNS) - len(row))] for row in table(text)]
    return csv_of(POSITION_COLUMNS, rows)


def small_council(folder, scheme: str = RULES, *, publish=(1,), month_1: str = "", more=None):
    """The council's year: month 1 published, month 2 open, both with figures."""
    files = {
        "services.csv": TREE,
        "savings.csv": agreed(),
        "periods/01/position.csv": position(LINES),
        "periods/02/position.csv": position(LINES),
    }
    if month_1:
        files["periods/01/savings.csv"] = reported(month_1)
    pack = write_pack(folder, files | (more or {}), publish=publish, settings=scheme)
    year = load_pack(folder=pack, by=None).year
    year.refresh_from_db()
    return year


def row_of(**given) -> SavingRow:
    """A saving of a report; fields that are not given are blank."""
    blank = dict.fromkeys(SavingRow.__dataclass_fields__, "")
    blank |= {"forecast": None, "delivered": None, "phasing": (None,) * 4, "replaces": ()}
    return SavingRow(**blank | {"previous": None} | given)


def savings_in(year, number: int) -> dict[str, dict]:
    """The report's part by reference."""
    rows = facts_of(year, number).report_section("savings")["savings"]
    return {row["reference"]: row for row in rows}


def made(year, number: int, name: str):
    """A statement of savings."""
    return statement(facts_of(year, number), f"savings-{name}")
