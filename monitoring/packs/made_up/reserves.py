"""Reserves, capital receipts and debt of the made-up council. Pure: whole pence."""

from collections.abc import Iterator
from dataclasses import dataclass

from monitoring.packs.made_up.chance import Chance, rounded
from monitoring.packs.made_up.ledger import CLOSE, Ledger, PlannedUse
from monitoring.packs.made_up.tree import Council

GENERAL_FUND = "GF"
MINIMUM_GENERAL_FUND = 15_000_000


@dataclass(frozen=True)
class Reserve:
    """A reserve at the start of the first year; `budgeted` is put in with each year's budget."""

    code: str
    name: str
    kind: str
    group: str
    opening: int
    budgeted: int
    purpose: str


_RESERVES = (
    (GENERAL_FUND, "General Fund", "General Fund", 24600, 1000, "Unexpected costs"),
    ("TRANS", "Transformation", "Change", 6200, 0, "Change that saves money later"),
    ("INVEST", "Invest to save", "Change", 2400, 250, "Repaid from the savings made"),
    ("INSURE", "Insurance", "Risk", 5100, 0, "Claims below the excess"),
    ("RATES", "Business rates", "Risk", 7800, 0, "Changes of income between years"),
    ("DEMAND", "Demand for social care", "Risk", 4500, 0, "More demand than expected"),
    ("WINTER", "Winter service", "Risk", 700, 0, "Hard winters"),
    ("HEALTH", "Public health", "Grants", 2900, 0, "Grant that is kept for its purpose"),
    ("SKILLS", "Skills grants", "Grants", 1300, 0, "Grant that is kept for its purpose"),
    ("HOMES", "Homelessness", "Grants", 1600, 0, "Grant that is kept for its purpose"),
    ("WASTE", "Waste contract", "Services", 3300, 0, "The new contract"),
    ("REPAIR", "Repairs of buildings", "Services", 2100, 200, "Large repairs"),
    ("ELECT", "Elections", "Services", 400, 150, "Elections every fourth year"),
    ("CAPREC", "Capital receipts", "Capital", 6300, 0, "Capital spending"),
    ("CAPGRA", "Capital grants", "Capital", 8800, 0, "Capital spending"),
)
"""Code, name, group, opening balance and yearly contribution in £000, and purpose."""

_KINDS = {"General Fund": "general_fund", "Capital": "capital"}
RESERVES = tuple(
    Reserve(
        *(code, name, _KINDS.get(group, "earmarked"), group),
        opening=opening * 100_000,
        budgeted=budgeted * 100_000,
        purpose=purpose,
    )
    for code, name, group, opening, budgeted, purpose in _RESERVES
)

_USES = (
    ("TRANS", "Programme office", 1, 620),
    ("TRANS", "Digital services", 4, 380),
    ("INVEST", "Street lighting", 2, 450),
    ("DEMAND", "Home care, north", 6, 1200),
    ("DEMAND", "Residential placements, 12 to 15", 9, 800),
    ("WINTER", "Winter service", 10, 300),
    ("HEALTH", "Mental wellbeing", 3, 240),
    ("SKILLS", "Employment support", 3, 190),
    ("HOMES", "Prevention of homelessness", 5, 310),
    ("WASTE", "Waste strategy", 4, 270),
    ("REPAIR", "Repairs and maintenance", 7, 520),
)
"""Reserve, service that it pays for, the month in which that is first planned, and £000."""

PROJECTS = (
    ("CR01", "Case management system", "Digital services", 540, 60),
    ("CR02", "Redesign of reablement", "Reablement, north", 310, -40),
    ("CR03", "Sale and move of offices", "Estates", 420, 0),
    ("CR04", "Family hubs", "Family hub, Aldermere", 180, -25),
)
"""Reference, project, service, original plan and change from month 6, in £000."""

_DEBTORS = ("ADULT", "CHILD", "EDUC", "PLACE", "HOUSING", "CORP")


def add_planned_use(ledger: Ledger) -> None:
    """Add to the ledger what reserves and capital receipts pay for."""
    lines = {lines[0].service.name: lines[0] for lines in ledger.by_service.values()}
    for reserve, service, month, thousands in _USES:
        if service in lines:
            use = PlannedUse(lines[service], month, thousands * 100_000, reserve)
            ledger.uses.append(use)
    for reference, _, service, planned, change in PROJECTS:
        if service in lines:
            for month, thousands in ((1, planned), (6, change)):
                amount = thousands * 100_000
                ledger.uses.append(
                    PlannedUse(lines[service], month, amount, reference, is_receipts=True)
                )


def movements_in(ledger: Ledger, month: int) -> Iterator[tuple[str, str, int, str]]:
    """Yield reserve, kind, amount and description of the movements first reported in a month.

    Month 0 has those of the budget. At the close every expected movement is booked, and the General
    Fund pays for the overspend.
    """
    if month == 0:
        for reserve in RESERVES:
            if reserve.budgeted:
                yield reserve.code, "budgeted", reserve.budgeted, "Contribution of the budget"
    for use in ledger.uses:
        if not use.is_receipts and use.month == month:
            yield use.source, "anticipated", -use.amount, use.line.service.name
    if month == CLOSE:
        yield from _booked_movements(ledger)


def _booked_movements(ledger: Ledger) -> Iterator[tuple[str, str, int, str]]:
    for number in range(CLOSE):
        for code, _, amount, description in movements_in(ledger, number):
            yield code, "actual", amount, description
    outturn = sum(figures.net_variance for figures in ledger.month(CLOSE))
    yield GENERAL_FUND, "actual", -outturn, "Outturn of the year"


def openings(before: Ledger | None) -> dict[str, int]:
    """Return the opening balance of each reserve; those of the year before at its close, if any."""
    found = {reserve.code: reserve.opening for reserve in RESERVES}
    for code, kind, amount, _ in movements_in(before, CLOSE) if before else ():
        if kind == "actual":
            found[code] += amount
    return found


def receipts_in(ledger: Ledger, month: int) -> Iterator[tuple[str, int]]:
    """Yield the reference and the forecast of each project in a month."""
    for reference, *_ in PROJECTS:
        uses = [use for use in ledger.uses if use.source == reference]
        if uses:
            yield reference, sum(use.amount for use in uses if use.month <= month)


def debt_in(council: Council, start: int, month: int) -> Iterator[tuple[str, str, list[int]]]:
    """Yield service, name and debt by age, youngest first, of each directorate with invoices."""
    for row in council.rows:
        if row.code not in _DEBTORS:
            continue
        chance = Chance("debt", row.code)
        size = 9_500_000 if row.code == "ADULT" else chance.between(300_000, 2_200_000)
        ages = [part * chance.between(0.6, 1.4) for part in (0.42, 0.2, 0.14, 0.15, 0.09)]
        growth = 1 + 0.012 * (month + 12 * (start - 2023))
        months = Chance("debt", row.code, start, month)
        amounts = [
            rounded(100 * size * part * growth * months.between(0.85, 1.15), 1) for part in ages
        ]
        yield row.code, row.name, amounts
