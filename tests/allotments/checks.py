"""Checks of the rents of a report."""

from collections.abc import Iterator

from allotments.report_section import rents_of
from allotments.settings_tables import least_rent
from council_finance import registry
from council_finance.statements.casting import Check
from monitoring.reports.selectors.report_data import ReportData


@registry.check("allotments-least-rent")
def rents_reach_the_least(report: ReportData) -> Iterator[Check]:
    """Compare the lowest rent with the least that the council's settings allow."""
    if rents := rents_of(report):
        lowest, least = min(each["rent"] for each in rents), least_rent(report.settings)
        yield Check.compare(
            "No rent is below the least rent", "allotment-rents", max(lowest, least), lowest
        )
