"""Panels about savings on the overview and on services' pages, and the search for savings."""

from typing import Any

from django.urls import reverse

from council_finance import registry
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from savings.selectors.overview import savings_display, savings_overview
from savings.selectors.report_savings import savings_of
from savings.selectors.service_savings import (
    describe_service_savings,
    service_savings,
    shortfall_flags,
)

FOUND_AT_MOST = 20
Context = dict[str, Any]


@registry.panel("savings-of-service", place="service", template="savings/of_service.html")
def savings_of_service(facts: ReportData, node: ReportRow) -> Context | None:
    """Return the savings of a service with their totals, flagged where its forecast is short."""
    found = service_savings(facts, node)
    return None if found is None else _report_address(facts) | {"node": node, "savings": found}


@registry.panel("savings", place="overview", template="savings/in_brief.html")
def savings_in_brief(facts: ReportData, _node: ReportRow) -> Context | None:
    """Return the council's savings in brief: a sentence, their statuses, and the flags."""
    if not savings_of(facts):
        return None
    return _report_address(facts) | {
        "overview": savings_overview(facts),
        "unit": savings_display(facts).unit_label,
        "flags": shortfall_flags(facts),
    }


@registry.panel("savings-of-mover", place="mover", template="savings/of_mover.html")
def savings_of_mover(facts: ReportData, node: ReportRow) -> Context | None:
    """Return the outlook of the savings of a service that moved, where the council has any."""
    return {"text": describe_service_savings(facts, node)} if savings_of(facts) else None


@registry.finder("Savings", noun="saving")
def find_savings(facts: ReportData, words: list[str]) -> list[registry.Found]:
    """Return savings of the report that have all the words in reference or title."""
    start = facts.period.year.start
    return [
        registry.Found(
            saving.reference,
            f"{saving.title}, {saving.service_name}",
            reverse("saving", args=[start, saving.reference]),
        )
        for saving in savings_of(facts)
        if all(word in f"{saving.reference} {saving.title}".casefold() for word in words)
    ][:FOUND_AT_MOST]


def _report_address(facts: ReportData) -> Context:
    """Return the parts of a link to this report; the version only of a published one."""
    return {
        "start": facts.period.year.start,
        "number": facts.period.number,
        "version": facts.version if facts.report is not None else None,
    }
