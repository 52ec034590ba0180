"""Carrying reserves forward: a year opens at the published closing balances of the year before."""

from dataclasses import dataclass

from council_finance.periods import CLOSE, financial_year_label
from monitoring.models import FinancialYear, Report
from monitoring.published.selectors.published_data import frozen_of
from reserves.models import Reserve
from reserves.report_rows import ReserveRow, ReservesSection
from reserves.report_section import NAME, balances


@dataclass(frozen=True)
class OpeningBalance:
    """A reserve of the published close with its closing balance, in pence.

    `existing` is the reserve of that code in the new year, None where there is none yet.
    """

    before: ReserveRow
    closing: int
    existing: Reserve | None

    @property
    def changes(self) -> bool:
        """Return whether carrying it forward adds it or changes its opening balance."""
        return self.existing is None or self.existing.opening_balance_pence != self.closing


@dataclass(frozen=True)
class CarryForwardPlan:
    """The opening balances to carry into `year`; `refusal` says why it cannot be done, or ""."""

    year: FinancialYear
    openings: tuple[OpeningBalance, ...] = ()
    refusal: str = ""

    @property
    def has_changes(self) -> bool:
        """Return whether there is anything to carry forward."""
        return any(each.changes for each in self.openings)


def plan_carry_forward(year: FinancialYear) -> CarryForwardPlan:
    """Return what the published close of the year before would open in `year`."""
    close = Report.objects.filter(
        period__year__start=year.start - 1,
        period__year__council=year.council,
        period__number=CLOSE,
    )
    report = close.order_by("version").last()
    section = ReservesSection(frozen_of(report).get("parts", {}).get(NAME) if report else None)
    if not section.reserves:
        before = financial_year_label(year.start - 1)
        return CarryForwardPlan(
            year,
            refusal=f"The close of {before} has not been published with reserves. Publish it "
            f"first: its closing balances are what {year} begins with.",
        )
    closing = balances(section.reserves, section.movements, at_close=True)
    existing = {each.code: each for each in Reserve.objects.filter(year=year)}
    openings = (
        OpeningBalance(each, closing[each.code].closing, existing.get(each.code))
        for each in section.reserves
    )
    return CarryForwardPlan(year, tuple(openings))


def next_year(year: FinancialYear) -> FinancialYear | None:
    """Return the year after, where it has been set up."""
    return FinancialYear.objects.filter(start=year.start + 1, council=year.council).first()
