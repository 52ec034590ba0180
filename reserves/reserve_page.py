"""The page of one reserve: its balance, its movements, and its balances at earlier closes."""

from dataclasses import dataclass

from council_finance.periods import CLOSE, financial_year_label, period_name
from council_finance.statements import Display
from monitoring.audit.selectors.audit_links import record_url
from monitoring.models import FinancialYear, Period, Report
from monitoring.published.selectors.published_data import frozen_of
from monitoring.structure.council_settings import read_settings
from monitoring.structure.selectors.calendar import calendar_of
from reserves.calculations import Balance
from reserves.models import MovementKind, Reserve, ReserveKind
from reserves.report_rows import ReserveRow, ReservesSection
from reserves.report_section import NAME, balances, reserves_data


@dataclass(frozen=True)
class BalanceStep:
    """A step from the opening to the closing balance, in pounds; `kind` is total for a sum."""

    label: str
    amount: str
    kind: str = "line"


@dataclass(frozen=True)
class PrintedMovement:
    """A movement with its amount in pounds; `other` names the other reserve of a transfer.

    `decision` is the reference of the decision that allowed it, and `decision_url` its page, ""
    for people who may not read it.
    """

    period: str
    kind: str
    description: str
    approved_by: str
    other: str
    amount: str
    decision: str
    decision_url: str


@dataclass(frozen=True)
class ReadableReserves:
    """The reserves of a year that a person may read, up to `period`; `draft` if not published.

    With `with_drafts` the person sees drafts.
    """

    year: FinancialYear
    period: Period | None
    section: ReservesSection
    draft: bool
    with_drafts: bool

    @property
    def number(self) -> int:
        """The number of the period; 0 where there are no figures yet."""
        return self.period.number if self.period else 0

    @property
    def display(self) -> Display:
        """The display in pounds, with the council's sign of a negative amount."""
        return Display(
            unit="pounds", favourable=read_settings(self.year.settings).display.favourable
        )


def readable_reserves(year: FinancialYear, *, with_drafts: bool) -> ReadableReserves | None:
    """Return the latest reserves of a year to read; None where nothing was published.

    With drafts they include movements entered for later periods.
    """
    period = calendar_of(year).last_readable(with_drafts=with_drafts)
    if with_drafts:
        close = Period.objects.select_related("year").get(year=year, number=CLOSE)
        draft = period is None or not period.is_published
        section = ReservesSection(reserves_data(close))
        return ReadableReserves(year, period, section, draft, with_drafts=True)
    report = Report.objects.filter(period=period).last() if period else None
    data = frozen_of(report).get("parts", {}).get(NAME) if report else None
    if not data:
        return None
    return ReadableReserves(year, period, ReservesSection(data), draft=False, with_drafts=False)


def find_reserve(year: FinancialYear, code: str) -> Reserve | None:
    """Return the stored reserve of that code."""
    return Reserve.objects.select_related("year").filter(year=year, code=code).first()


def open_periods(year: FinancialYear) -> list[Period]:
    """Return the periods whose report is still to be published: later ones, and reopened ones."""
    periods = list(year.periods.order_by("number"))
    reported = set(Report.objects.filter(period__year=year).values_list("period_id", flat=True))
    last = max((each.number for each in periods if each.pk in reported), default=-1)
    return [
        each
        for each in periods
        if not each.is_published and (each.number > last or each.pk in reported)
    ]


def balance_now(readable: ReadableReserves, code: str) -> Balance:
    """Return a reserve's balance by the movements up to the period that is read."""
    section, number = readable.section, readable.number
    so_far = [side for side in section.movements if side.period <= number]
    return balances(section.reserves, so_far, at_close=number == CLOSE)[code]


def balance_steps(readable: ReadableReserves, code: str) -> list[BalanceStep]:
    """Return the steps from the opening to the closing balance of a reserve."""
    balance, start = balance_now(readable, code), readable.year.start
    at_close, amount = readable.number == CLOSE, readable.display.amount
    opening = BalanceStep(f"Balance on 31 March {start}", amount(balance.opening))
    closing = BalanceStep(f"Balance on 31 March {start + 1}", amount(balance.closing), "total")
    booked = "Actual movements" if at_close else "Actual to date"
    if at_close and balance.booked:
        return [opening, BalanceStep(booked, amount(balance.actual)), closing]
    return [
        opening,
        BalanceStep("Budgeted movements", amount(balance.budgeted)),
        BalanceStep("Anticipated movements", amount(balance.anticipated)),
        closing,
        BalanceStep(booked, amount(balance.actual), "beside"),
    ]


def print_movements(
    readable: ReadableReserves, code: str, *, to_come: bool
) -> list[PrintedMovement]:
    """Return a reserve's movements so far, or those entered for later periods."""
    names = {reserve.code: reserve.name for reserve in readable.section.reserves}
    return [
        PrintedMovement(
            period_name(side.period),
            MovementKind(side.kind).label,
            side.description,
            side.approved_by,
            names.get(side.other, ""),
            readable.display.amount(side.amount),
            side.decision_reference,
            _find_decision_page(readable, side.decision_reference),
        )
        for side in readable.section.movements
        if side.reserve == code and (side.period > readable.number) == to_come
    ]


def _find_decision_page(readable: ReadableReserves, reference: str) -> str:
    """Return the address of a decision's page for those who see drafts.

    Others may find the decision in no published report.
    """
    if not reference or not readable.with_drafts:
        return ""
    return record_url(f"decision {readable.year.label} {reference}") or ""


def earlier_closes(readable: ReadableReserves, code: str) -> list[tuple[str, str]]:
    """Return year and closing balance at each earlier published close of the reserve's code."""
    reports = Report.objects.filter(
        period__number=CLOSE, period__year__start__lt=readable.year.start
    ).order_by("period__year__start", "version")
    latest = dict(reports.values_list("period__year__start", f"frozen__parts__{NAME}"))
    found = []
    for start, data in sorted(latest.items(), reverse=True):
        section = ReservesSection(data)
        closing = balances(section.reserves, section.movements, at_close=True).get(code)
        if closing is not None:
            found.append((financial_year_label(start), readable.display.amount(closing.closing)))
    return found


def kind_label(reserve: ReserveRow) -> str:
    """Return the kind of a reserve in words."""
    return ReserveKind(reserve.kind).label
