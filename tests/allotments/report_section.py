"""The rents of a report: read live for a draft, frozen when it is published."""

from allotments.models import Rent
from council_finance import registry
from monitoring.models import Period
from monitoring.reports.selectors.report_data import ReportData

NAME = "allotments"


@registry.report_section(NAME)
def allotments_section(period: Period) -> list[dict[str, str | int]]:
    """Return the period's rents by site, in pence."""
    rents = Rent.objects.filter(period=period).order_by("site")
    return [{"site": r.site, "service": r.service, "rent": r.rent_pence} for r in rents]


def rents_of(report: ReportData) -> list[dict[str, str | int]]:
    """Return the rents of a draft or a published report."""
    return report.report_section(NAME) or []
