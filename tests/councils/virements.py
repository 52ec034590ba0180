"""Somerset's months 2 and 3 as another year's, the transfer from contingency not entered yet."""

import datetime

from council_finance.money import parse_amount
from monitoring.models import BudgetLine, FinancialYear, Virement
from monitoring.virements.rules import NewLeg
from monitoring.virements.services import enter_virement
from tests.conftest import FIXTURES
from tests.councils.loaded import load_pack
from tests.councils.packs import write_pack

SOMERSET = FIXTURES / "somerset-2019-20"
TODAY = datetime.date(2021, 7, 8)
SETTINGS = """
[display]
unit = "m"
favourable = "brackets"

[virements]
approve_up_to = { finance_officer = 50000, director = 100000 }
"""
CONTINGENCY, TRANSPORT, PLACEMENTS, PAY = "N110/NET", "C210/NET", "C110/NET", "N120/NET"


def load_council(folder) -> FinancialYear:
    """2021/22: month 2 published, month 3 a draft."""
    files = {
        name: (SOMERSET / name).read_text(encoding="utf-8")
        for name in ("services.csv", "periods/02/position.csv", "periods/03/position.csv")
    }
    return load_pack(
        folder=write_pack(folder, files, publish=(2,), settings=SETTINGS), by=None
    ).year


def line(year: FinancialYear, code: str) -> BudgetLine:
    """A line by its code."""
    centre, account = code.split("/")
    return BudgetLine.objects.get(year=year, cost_centre=centre, account=account)


def leg(year: FinancialYear, giver: str, receiver: str, amount: str, spending: str = "") -> NewLeg:
    """A leg by codes ("": outside) and pounds."""
    ends = [line(year, code).pk if code else None for code in (giver, receiver)]
    return NewLeg(*ends, parse_amount(amount), parse_amount(spending))


def enter(year, by, *legs, reference="V001", period=3, kind="funding", reason="A pressure"):
    """Enter a virement; answers its reference."""
    enter_virement(
        year=year,
        reference=reference,
        period=period,
        kind=kind,
        reason=reason,
        legs=legs,
        by=by,
    )
    return reference


def stored(year: FinancialYear, reference: str) -> list[Virement]:
    """The legs as they are in the database."""
    legs = Virement.objects.filter(year=year, reference=reference).order_by("leg")
    return list(legs.select_related("year", "from_line", "to_line"))
