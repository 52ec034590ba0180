"""The movements of reserves that name a decision as their authority, for the decision's page."""

from collections.abc import Iterator

from django.urls import reverse

from council_finance import registry
from council_finance.periods import CLOSE
from monitoring.models import FinancialYear, Period
from monitoring.reports.selectors.report_data import ReportData
from reserves.models import MovementKind
from reserves.report_rows import ReservesSection
from reserves.report_section import reserves_data, section_of


@registry.authorised_moves("reserve movements")
def movements_under(
    year: FinancialYear, report: ReportData | None, reference: str
) -> Iterator[registry.AuthorisedMove]:
    """Yield the movements that name a decision: those of a report, or all that are stored.

    What is drawn is negative. A transfer is one movement, of the reserve that it leaves.
    """
    for side in _read_section(year, report).movements:
        if side.decision_reference != reference or (side.is_transfer and side.amount > 0):
            continue
        kind = "Transfer from reserve" if side.is_transfer else "Movement of reserve"
        yield registry.AuthorisedMove(
            kind,
            side.reserve,
            side.description,
            side.amount,
            MovementKind(side.kind).label,
            reverse("reserve", args=[year.start, side.reserve]),
        )


def _read_section(year: FinancialYear, report: ReportData | None) -> ReservesSection:
    if report is not None:
        return section_of(report)
    close = Period.objects.select_related("year").get(year=year, number=CLOSE)
    return ReservesSection(reserves_data(close))
