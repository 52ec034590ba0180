"""Carrying grants forward: a year opens at the published closing balances of the year before."""

import datetime
from dataclasses import dataclass

from council_finance.periods import CLOSE, financial_year_label
from monitoring.models import FinancialYear, Report
from monitoring.published.selectors.published_data import frozen_of
from reserves.grants.models import Grant
from reserves.grants.report_rows import GrantRow, GrantsSection
from reserves.grants.report_section import NAME


@dataclass(frozen=True)
class GrantOpening:
    """A grant of the published close with its closing balance in pence, None where not reported.

    `existing` is the grant of that reference in the new year, None where there is none yet.
    """

    before: GrantRow
    existing: Grant | None
    order: int

    @property
    def closing(self) -> int | None:
        """Return the balance to carry forward."""
        return self.before.carried_forward

    @property
    def opening_now(self) -> int | None:
        """Return the opening balance that the new year has now."""
        return self.existing.opening_balance_pence if self.existing else None

    @property
    def changes(self) -> bool:
        """Return whether carrying it forward adds the grant or changes its opening balance."""
        if self.existing is None:
            return True
        return self.closing is not None and self.opening_now != self.closing


@dataclass(frozen=True)
class GrantsForwardPlan:
    """The opening balances to carry into `year`; `refusal` says why it cannot be done, or ""."""

    year: FinancialYear
    openings: tuple[GrantOpening, ...] = ()
    refusal: str = ""

    @property
    def has_changes(self) -> bool:
        """Return whether there is anything to carry forward."""
        return any(each.changes for each in self.openings)


def plan_grants_forward(year: FinancialYear) -> GrantsForwardPlan:
    """Return what the published close of the year before would open in `year`.

    Grants that ended before 1 April and have no balance are left behind.
    """
    close = Report.objects.filter(
        period__year__start=year.start - 1,
        period__year__council=year.council,
        period__number=CLOSE,
    )
    report = close.order_by("version").last()
    section = GrantsSection(frozen_of(report).get("parts", {}).get(NAME) if report else None)
    if not section.grants:
        before = financial_year_label(year.start - 1)
        return GrantsForwardPlan(
            year,
            refusal=f"The close of {before} has not been published with grants. Publish it first: "
            f"its closing balances are what {year} begins with.",
        )
    existing = {each.reference: each for each in Grant.objects.filter(year=year)}
    start = datetime.date(year.start, 4, 1).isoformat()
    openings = (
        GrantOpening(each, existing.get(each.reference), order)
        for order, each in enumerate(section.grants, start=1)
        if not (each.end_date and each.end_date < start and not each.carried_forward)
    )
    return GrantsForwardPlan(year, tuple(openings))
