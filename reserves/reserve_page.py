"""One reserve: what it holds, what moved it, what is to come, and how earlier years closed."""

from collections.abc import Mapping
from dataclasses import dataclass

from council_finance.periods import CLOSE, financial_year_label, period_name
from council_finance.statements import Display
from monitoring.models import FinancialYear, Period, Report
from monitoring.published.selectors.published_data import frozen_of
from monitoring.structure.council_settings import read_settings
from monitoring.structure.selectors.calendar import calendar_of
from reserves.calculations import Balance
from reserves.models import MovementKind, Reserve, ReserveKind
from reserves.selectors import PART, balances, reserves_part


@dataclass(frozen=True)
class Step:
    """A step from the opening to the closing balance, in pounds; `kind` is total for a sum."""

    label: str
    amount: str
    kind: str = "line"


@dataclass(frozen=True)
class MovementRow:
    """A movement as a page shows it, in pounds; `other` names the other reserve of a transfer."""

    period: str
    kind: str
    description: str
    approved_by: str
    other: str
    amount: str


@dataclass(frozen=True)
class Reading:
    """What a person reads of a year's reserves: up to which period, and whether as a draft."""

    year: FinancialYear
    period: Period | None
    part: Mapping
    draft: bool

    @property
    def number(self) -> int:
        """The number of the period; 0 where there are no figures yet."""
        return self.period.number if self.period else 0

    @property
    def display(self) -> Display:
        """Pounds, with the council's sign of a negative amount."""
        return Display(
            unit="pounds", favourable=read_settings(self.year.settings).display.favourable
        )

    def find(self, code: str) -> dict | None:
        """A reserve by its code."""
        return next((each for each in self.part["reserves"] if each["code"] == code), None)


def read_reserves(year: FinancialYear, *, with_drafts: bool) -> Reading | None:
    """The latest that a person reads of the year's reserves; None where nothing was published.

    With drafts everything that was entered, for periods to come as well.
    """
    period = calendar_of(year).last_readable(with_drafts=with_drafts)
    if with_drafts:
        everything = Period.objects.select_related("year").get(year=year, number=CLOSE)
        draft = period is None or not period.is_published
        return Reading(year, period, reserves_part(everything), draft)
    report = Report.objects.filter(period=period).last() if period else None
    part = frozen_of(report).get("parts", {}).get(PART) if report else None
    return Reading(year, period, part, False) if part else None


def find_reserve(year: FinancialYear, code: str) -> Reserve | None:
    """A reserve as it is stored."""
    return Reserve.objects.select_related("year").filter(year=year, code=code).first()


def open_periods(year: FinancialYear) -> list[Period]:
    """The periods that a report may still be published of: those ahead, and reopened ones."""
    periods = list(year.periods.order_by("number"))
    reported = set(Report.objects.filter(period__year=year).values_list("period_id", flat=True))
    last = max((each.number for each in periods if each.pk in reported), default=-1)
    return [
        each
        for each in periods
        if not each.is_published and (each.number > last or each.pk in reported)
    ]


def balance_now(reading: Reading, code: str) -> Balance:
    """What the reserve holds by the movements up to the period that is read."""
    sides = [each for each in reading.part["movements"] if each["period"] <= reading.number]
    part = {"reserves": reading.part["reserves"], "movements": sides}
    return balances(part, at_close=reading.number == CLOSE)[code]


def steps(reading: Reading, code: str) -> list[Step]:
    """From the opening to the closing balance."""
    balance, start = balance_now(reading, code), reading.year.start
    amount = reading.display.amount
    booked = Step("Actual movements" if reading.number == CLOSE else "Actual to date", "")
    rows = [
        Step(f"Balance on 31 March {start}", amount(balance.opening)),
        Step("Budgeted movements", amount(balance.budgeted)),
        Step("Anticipated movements", amount(balance.anticipated)),
        Step(f"Balance on 31 March {start + 1}", amount(balance.closing), "total"),
        Step(booked.label, amount(balance.actual), "beside"),
    ]
    if reading.number == CLOSE and balance.booked:
        rows = [rows[0], Step(booked.label, amount(balance.actual)), rows[3]]
    return rows


def movements(reading: Reading, code: str, *, to_come: bool) -> list[MovementRow]:
    """The reserve's movements so far, or those entered for later periods."""
    names = {each["code"]: each["name"] for each in reading.part["reserves"]}
    return [
        MovementRow(
            period_name(side["period"]),
            MovementKind(side["kind"]).label,
            side["description"],
            side["approved_by"],
            names.get(side["other"], ""),
            reading.display.amount(side["amount"]),
        )
        for side in reading.part["movements"]
        if side["reserve"] == code and (side["period"] > reading.number) == to_come
    ]


def earlier_closes(reading: Reading, code: str) -> list[tuple[str, str]]:
    """Year and closing balance of the reserve of this code at each published close before."""
    reports = Report.objects.filter(
        period__number=CLOSE, period__year__start__lt=reading.year.start
    ).order_by("period__year__start", "version")
    parts = dict(reports.values_list("period__year__start", f"frozen__parts__{PART}"))
    found = []
    for start, part in sorted(parts.items(), reverse=True):
        closing = balances(part, at_close=True).get(code) if part else None
        if closing is not None:
            found.append((financial_year_label(start), reading.display.amount(closing.closing)))
    return found


def kind_label(reserve: dict) -> str:
    """What kind of reserve it is, in words."""
    return ReserveKind(reserve["kind"]).label
