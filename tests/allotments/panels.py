"""Rents of allotments on the overview of a report, and in the search."""

from typing import Any

from django.urls import reverse

from allotments.report_section import rents_of
from council_finance import registry
from monitoring.reports.selectors.report_data import ReportData


@registry.panel("allotments", place="overview", template="allotments/panel.html")
def allotments_in_brief(report: ReportData, _row: Any) -> dict[str, Any] | None:
    """Return the number of sites and their rent; None without sites."""
    rents = rents_of(report)
    if not rents:
        return None
    total = sum(each["rent"] for each in rents)
    return {"count": len(rents), "total": report.display("allotment-rents").in_words(total)}


@registry.finder("Allotments", noun="site")
def find_sites(report: ReportData, words: list[str]) -> list[registry.Found]:
    """Return the sites whose names have every word."""
    place = [report.period.year.start, report.period.number]
    return [
        registry.Found(each["site"], "allotments", reverse("allotments", args=place))
        for each in rents_of(report)
        if all(word in each["site"].casefold() for word in words)
    ]
