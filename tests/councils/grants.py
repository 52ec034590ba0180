"""A small council with grants, in pounds: month 1 is a draft.

ROAD and PARK are under PLACE, which has a total; CARE is under the council itself.
"""

from tests.councils.loaded import load_pack
from tests.councils.packs import position, write_pack

SERVICES = (
    "code,name,parent_code,order,total_label,successor_code\nTOP,Council,,1,Total,\n"
    "PLACE,Place,TOP,1,Place total,\nROAD,Roads,PLACE,1,,\nPARK,Parks,PLACE,2,,\n"
    "CARE,Care,TOP,2,,\nOLD,Old roads,PLACE,3,,ROAD\nINC,Grants,TOP,3,,\n"
)
MONTH_1 = position("ROAD A 500 500 560\nPARK B 100 100 140\nCARE C 300 300 310\nINC G 0 -100 -100")
COLUMNS = (
    "reference,grant,awarding_body,group,service_code,expected,kind,ring_fenced,opening_balance\n"
)
GRANTS = COLUMNS + (
    "A,Roads grant,DfT,Main,ROAD,60.00,,yes,10\n"
    "B,Shared grant,DfE,Main,PARK,10,,,\n"
    "B,Shared grant,,,CARE,20,,,5\n"
    "C,Small one,X,Main,,4,,no,\n"
    "D,Small two,Y,Main,CARE,6,revenue,no,\n"
    "E,Whole council,Y,,,50,,,\n"
    "K,Land receipts,DfT,Works,ROAD,30,capital,,20\n"
)
POSITIONS = "reference,expected,received,applied,repaid,other_movements,commentary\n" + (
    "A,,60,75,1,-0.50,Late\nB,31,31,10.01,,,\nC,,4,,,,\nK,,30,30,,,\n"
)
SETTINGS = '[display]\nunit = "pounds"\n[grants]\nde_minimis = 7\nlines = { "Main" = "G/NET" }\n'
FILES = {
    "services.csv": SERVICES,
    "reserves.csv": "code,name,kind,opening_balance\nLAND, land  RECEIPTS,capital,20\n",
    "grants.csv": GRANTS,
    "periods/01/position.csv": MONTH_1,
    "periods/01/grants.csv": POSITIONS,
}


def load_council(folder, *, settings: str = SETTINGS, publish=(), **files):
    """Load the pack; `files` are texts in the place of its own, by their names."""
    pack = write_pack(folder / "pack", {**FILES, **files}, settings=settings, publish=publish)
    return load_pack(folder=pack, by=None).year
