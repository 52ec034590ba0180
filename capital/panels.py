"""Panels about the capital programme on the overview and on services' pages, and the search."""

from typing import Any

from django.urls import reverse

from capital.calculations import difference
from capital.overview import (
    ProgrammeOverview,
    key_figures,
    reasons_sentence,
    summary_sentence,
)
from capital.printed_rows import print_schemes
from capital.report_section import section_of
from capital.scheme_list import has_words, list_service
from council_finance import registry
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData

FOUND_AT_MOST = 20
SHOWN_OF_A_SERVICE = 10
Context = dict[str, Any]


@registry.panel("capital", place="overview", template="capital/overview_panel.html")
def capital_in_brief(facts: ReportData, _node: ReportRow) -> Context | None:
    """Return the programme in two sentences and its key figures; None without schemes."""
    overview = ProgrammeOverview(facts)
    if not overview.totals.lines:
        return None
    return _report_address(facts) | {
        "sentence": summary_sentence(overview),
        "reasons": reasons_sentence(overview),
        "stats": key_figures(overview),
    }


@registry.panel("capital-of-service", place="service", template="capital/service_panel.html")
def capital_of_service(facts: ReportData, node: ReportRow) -> Context | None:
    """Return the schemes of a service, those furthest from budget first; None without any."""
    overview = ProgrammeOverview(facts, node.key)
    if node.key == facts.top.key or not overview.totals.lines:
        return None
    listed = list_service(facts, facts.keys_under(node.key))
    furthest = sorted(
        listed.lines, key=lambda line: -abs(difference(line.forecast, line.budget) or 0)
    )
    return _report_address(facts) | {
        "sentence": summary_sentence(overview),
        "rows": print_schemes(furthest[:SHOWN_OF_A_SERVICE], listed.reasons, overview.display),
        "count": len(listed.lines),
        "unit": overview.display.unit_label,
        # Everybody may open the page of a published scheme; of others only readers of drafts.
        "published": {
            line.reference for line in listed.lines if facts.report is not None or line.previous
        },
    }


@registry.finder("Capital schemes", noun="capital scheme")
def find_schemes(facts: ReportData, words: list[str]) -> list[registry.Found]:
    """Return schemes of the report that have all the words in reference, name or programme."""
    start = facts.period.year.start
    return [
        registry.Found(
            scheme.reference,
            ", ".join(each for each in (scheme.name, scheme.programme) if each),
            reverse("capital-scheme", args=[start, scheme.reference]),
        )
        for scheme in section_of(facts).schemes
        if has_words(words, scheme.reference, scheme.name, scheme.programme)
    ][:FOUND_AT_MOST]


def _report_address(facts: ReportData) -> Context:
    return {"start": facts.period.year.start, "number": facts.period.number}
