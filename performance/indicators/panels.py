"""Panels about indicators on the overview and on services' pages, and the search for them."""

from typing import Any

from django.urls import reverse

from council_finance import registry
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from performance.indicators.selectors.printed_rows import performance_overview, print_row
from performance.indicators.selectors.report_indicators import indicators_of, indicators_under

FOUND_AT_MOST = 20
Context = dict[str, Any]


@registry.panel(
    "indicators-of-service",
    place="service",
    template="performance/indicators/of_service.html",
)
def indicators_of_service(facts: ReportData, node: ReportRow) -> Context | None:
    """Return the indicators of a service and those below it; None where there are none."""
    rows = indicators_under(facts, node.key)
    if not rows or node.key == facts.top.key:
        return None
    return _report_address(facts) | {
        "node": node,
        "sentence": performance_overview(facts, rows).sentence,
        "rows": [print_row(row, facts) for row in rows],
    }


@registry.panel("indicators", place="overview", template="performance/indicators/in_brief.html")
def indicators_in_brief(facts: ReportData, _node: ReportRow) -> Context | None:
    """Return the council's indicators in brief: a sentence and their number by status."""
    if not indicators_of(facts):
        return None
    return _report_address(facts) | {"overview": performance_overview(facts)}


@registry.finder("Performance indicators", noun="indicator")
def find_indicators(facts: ReportData, words: list[str]) -> list[registry.Found]:
    """Return indicators of the report that have all the words in reference, code or measure."""
    start, number = facts.period.year.start, facts.period.number
    return [
        registry.Found(
            row.measure,
            ", ".join(each for each in (row.reference, row.service_name) if each),
            f"{reverse('indicator', args=[start, row.reference])}?period={number}",
        )
        for row in indicators_of(facts)
        if all(word in f"{row.reference} {row.code} {row.measure}".casefold() for word in words)
    ][:FOUND_AT_MOST]


def _report_address(facts: ReportData) -> Context:
    """Return the parts of a link to this report; the version only of a published one."""
    return {
        "start": facts.period.year.start,
        "number": facts.period.number,
        "version": facts.version if facts.report is not None else None,
    }
