"""Decisions and contracts of the made-up council, and what its money is spent on. Pure."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitoring.packs.made_up.ledger import Ledger, Leg
from monitoring.packs.made_up.tree import TOP, Council
from monitoring.packs.made_up.virements import CABINET

KEY_DECISION_ABOVE = 50_000_000
"""In pence."""

APPROVAL_LIMIT = 10_000_000
"""The most that any role approves alone, in pence."""

SIGN_OFFS = ("Section 151 Officer", "Monitoring Officer")

RESERVE_DECISIONS = {6: ("DEMAND", "Home care, north"), 9: ("DEMAND", "Residential placements")}
"""The months in which Cabinet allows a use of the reserve for demand, and for what."""


@dataclass(frozen=True)
class Effect:
    """What a decision does, in pence."""

    kind: str
    service: str
    start: int
    recurrence: str
    amount: int
    in_forecast: str


@dataclass(frozen=True)
class Decision:
    """A decision, first in the files of `month` (0: of the year)."""

    reference: str
    title: str
    month: int
    on: datetime.date
    status: str
    service: str
    effect: Effect
    likelihood: int
    impact: int
    maker: str = CABINET

    @property
    def is_key(self) -> bool:
        """Return whether it is a key decision."""
        return self.effect.amount > KEY_DECISION_ABOVE


@dataclass(frozen=True)
class Contract:
    """A contract with a service, from `begins` for so many months; a year's value in £000."""

    reference: str
    title: str
    supplier: str
    service: str
    begins: datetime.date
    months: int
    extensions: str
    notice: int
    thousands: int
    procurement: str = "tender"
    shared_with: str = ""
    unit: str = ""
    price: str = ""


CONTRACTS = (
    Contract(
        "C01",
        "Home care in the north",
        "Larkspur Care",
        "Home care, north",
        datetime.date(2022, 10, 1),
        months=36,
        extensions="12;12",
        notice=6,
        thousands=4200,
        procurement="framework",
        shared_with="Home care, south",
        unit="hour",
        price="22.40",
    ),
    Contract(
        "C02",
        "Supported living",
        "Harbour Homes",
        "Supported living, mental health",
        datetime.date(2021, 4, 1),
        months=60,
        extensions="12",
        notice=6,
        thousands=1900,
    ),
    Contract(
        "C03",
        "Waste treatment",
        "Brackenford Recycling",
        "Waste treatment and disposal",
        datetime.date(2015, 4, 1),
        months=132,
        extensions="",
        notice=12,
        thousands=8600,
        unit="tonne",
        price="96.50",
    ),
    Contract(
        "C04",
        "Street lighting",
        "Fenwick Electrical",
        "Street lighting",
        datetime.date(2020, 7, 1),
        months=60,
        extensions="24",
        notice=3,
        thousands=1750,
    ),
    Contract(
        "C05",
        "Domestic abuse refuges",
        "Safe Haven Aldermere",
        "Domestic abuse services",
        datetime.date(2022, 4, 1),
        months=36,
        extensions="12",
        notice=3,
        thousands=620,
        procurement="grant",
    ),
    Contract(
        "C06",
        "Data centre and network",
        "Northline Networks",
        "Infrastructure and cloud",
        datetime.date(2023, 6, 1),
        months=36,
        extensions="12;12",
        notice=6,
        thousands=1450,
        procurement="framework",
    ),
)

SUBJECTIVES = (
    ("EMP", "Employees", "employees", "expenditure", ""),
    ("PREM", "Premises", "premises", "expenditure", ""),
    ("TRAN", "Transport", "transport", "expenditure", ""),
    ("SUP", "Supplies and services", "supplies_and_services", "expenditure", ""),
    ("TPP", "Third party payments", "third_party_payments", "expenditure", ""),
    ("TFR", "Transfer payments", "transfer_payments", "expenditure", ""),
    ("CAP", "Capital financing", "capital_financing", "expenditure", "Gross"),
    ("INC", "Fees, charges and rents", "income", "external_income", ""),
    ("GRA", "Grants and contributions", "income", "external_income", ""),
)
"""Code, name, group, kind, and the running total that is printed after it."""

ACCOUNTS = (
    ("1*", "EMP"),
    ("2*", "PREM"),
    ("3*", "TRAN"),
    ("4*", "SUP"),
    ("5*", "TPP"),
    ("513*", "TFR"),
    ("523*", "TFR"),
    ("6*", "TFR"),
    ("7*", "CAP"),
    ("91*", "INC"),
    ("92*", "GRA"),
    ("93*", "GRA"),
)


def make_decisions(council: Council, ledger: Ledger, months: Sequence[int]) -> list[Decision]:
    """Return the decisions of a year: awards of contracts, virements, reserves, and one to come."""
    codes = {row.name: row.code for row in council.rows}
    return [
        *_list_awards(codes, ledger.start),
        *_virement_decisions(council, ledger),
        *_reserve_decisions(ledger, months),
        *_forward_plan(ledger.start, months),
    ]


def decision_of_leg(leg: Leg) -> str:
    """Return the reference of the decision that allows a virement, or "".

    Cabinet decides; within the limit of the roles officers approve a virement without a decision,
    and above it the Section 151 Officer takes one.
    """
    if leg.approved_by == CABINET:
        return f"CAB/{leg.reference}"
    return f"S151/{leg.reference}" if leg.approved_by and leg.amount > APPROVAL_LIMIT else ""


def decision_of_reserve(start: int, month: int, code: str) -> str:
    """Return the reference of the decision that allows a use of a reserve, or ""."""
    found = RESERVE_DECISIONS.get(month, ("", ""))[0]
    return f"CAB/R{start % 100}-{month:02d}" if found == code else ""


def contracts_in(council: Council) -> Iterator[tuple[Contract, str, str]]:
    """Yield each contract with the code of its service and of the one that shares it, or ""."""
    codes = {row.name: row.code for row in council.rows}
    for each in CONTRACTS:
        if each.service in codes:
            yield each, codes[each.service], codes.get(each.shared_with, "")


def award_reference(contract: Contract) -> str:
    """Return the reference of the decision that awarded a contract."""
    return f"CAB/{contract.reference}"


def _list_awards(codes: dict[str, str], start: int) -> Iterator[Decision]:
    for each in CONTRACTS:
        if each.service not in codes:
            continue
        on = wednesday_before(each.begins - datetime.timedelta(days=70))
        whole = each.thousands * 100_000 * each.months // 12
        service = codes[each.service]
        effect = Effect("cost", service, start, "recurring", each.thousands * 100_000, "yes")
        title = f"Award: {each.title}"
        status = "implemented"
        yield Decision(
            *(award_reference(each), title, 0, on, status, service, effect),
            likelihood=2,
            impact=4 if whole > 10 * KEY_DECISION_ABOVE else 3,
        )


def _virement_decisions(council: Council, ledger: Ledger) -> Iterator[Decision]:
    legs: dict[str, list[Leg]] = {}
    for leg in ledger.legs:
        if decision_of_leg(leg):
            legs.setdefault(leg.reference, []).append(leg)
    for own in legs.values():
        first = own[0]
        service = TOP if len(own) > 1 else council.home(first.receiver.service)
        on = wednesday_before(datetime.date.fromisoformat(first.approved_on))
        amount = sum(leg.amount for leg in own)
        effect = Effect("virement", service, ledger.start, "one_off", amount, "yes")
        yield Decision(
            *(decision_of_leg(first), first.reason, first.month, on, "implemented", service),
            effect,
            likelihood=2,
            impact=2,
            maker=first.approved_by,
        )


def _reserve_decisions(ledger: Ledger, months: Sequence[int]) -> Iterator[Decision]:
    for month, (code, text) in RESERVE_DECISIONS.items():
        uses = [each for each in ledger.uses if each.month == month and each.source == code]
        if month not in months or not uses:
            continue
        amount, service = sum(each.amount for each in uses), uses[0].line.service.code
        effect = Effect("reserve", service, ledger.start, "one_off", amount, "yes")
        yield Decision(
            decision_of_reserve(ledger.start, month, code),
            f"Reserve for demand: {text}",
            month,
            wednesday_before(_end_of(ledger.start, month)),
            "implemented",
            service,
            effect,
            likelihood=3,
            impact=3,
        )


def _forward_plan(start: int, months: Sequence[int]) -> Iterator[Decision]:
    """Yield a decision that is taken and in no forecast, and one that is to come."""
    month = min(4, max(months))
    on = wednesday_before(_end_of(start, month))
    higher = Effect("cost", "ADULT", start, "recurring", 42_000_000, "no")
    yield Decision(
        *(f"CAB/{start % 100}-31", "Higher rates for carers at night", month, on, "taken"),
        *("ADULT", higher, 4, 3),
    )
    later = wednesday_before(datetime.date(start + 1, 2, 20))
    offices = Effect("saving", "CORP", start + 1, "recurring", 60_000_000, "no")
    yield Decision(
        *(f"CAB/{start % 100}-40", "Move into fewer offices", month, later, "planned"),
        *("CORP", offices, 4, 4),
    )


def wednesday_before(day: datetime.date) -> datetime.date:
    """Return the last Wednesday up to a day: Cabinet meets on Wednesdays."""
    return day - datetime.timedelta(days=(day.weekday() - 2) % 7)


def _end_of(start: int, month: int) -> datetime.date:
    year, number = divmod(month + 3, 12)
    return datetime.date(start + year, number + 1, 1) - datetime.timedelta(days=1)


def estimates_of(council: Council, ledger: Ledger) -> Iterator[tuple[str, str, int]]:
    """Yield service, subjective and amount of the approved budget."""
    found: dict[tuple[str, str], int] = {}
    for line in ledger.lines:
        key = council.home(line.service), subjective_of(line.kind.account)
        found[key] = found.get(key, 0) + line.budget
    for (service, subjective), amount in found.items():
        yield service, subjective, amount


def subjective_of(account: str) -> str:
    """Return the subjective of an account: that of the longest beginning that fits."""
    fitting = [pair for pair in ACCOUNTS if account.startswith(pair[0].rstrip("*"))]
    return max(fitting, key=lambda pair: len(pair[0]))[1]
