"""The overview of a report: the council's position, its causes, changes and actions."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from council_finance import registry
from council_finance.accounts.requests import LoggedInRequest
from monitoring.people.rights import may_see_drafts
from monitoring.reports.report_access import (
    NoReport,
    asked_version,
    explain_missing_report,
    keep_published,
    kept_as_published,
    readable_report,
)
from monitoring.reports.selectors.breakdown import part_row
from monitoring.reports.selectors.overview import overview as overview_of
from monitoring.reports.selectors.overview import parts_of
from monitoring.reports.selectors.pages import position_sentence
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.selectors.calendar import period_or_404


@require_safe
@kept_as_published
@explain_missing_report("overview")
def overview(request: LoggedInRequest, start: int, number: int) -> HttpResponse:
    """Show the council's row of a report, with charts and the rows under it."""
    period = period_or_404(start, number)
    facts = readable_report(request.user, period, asked_version(request))
    if facts is None:
        raise NoReport(period)
    top = facts.top
    parts = parts_of(facts, top)
    display = facts.display("annex-a")
    rows = [part_row(display, part) for part in parts]
    context = {
        "facts": facts,
        "header": facts.header,
        "period": period,
        "year": period.year,
        "council": facts.header.council,
        "compared_with": facts.compared_with,
        "superseded": facts.is_comparative_superseded,
        "newer": facts.has_newer_version,
        "behind": _is_behind(facts),
        "position": position_sentence(facts),
        "overview": overview_of(facts, top, parts),
        "rows": rows,
        "any_restated": any(row["restated"] for row in rows),
        "own": part_row(display, top),
        "unit": display.unit_label,
        "panels": registry.panels("overview", facts, top),
        "periods": facts.calendar.readable(with_drafts=may_see_drafts(request.user)),
        "query": f"?version={facts.version}" if request.GET.get("version") else "",
        "nav_section": "reports",
    }
    return keep_published(render(request, "monitoring/overview.html", context), facts)


def _is_behind(facts: ReportData) -> bool:
    """Return whether a draft's figures are older than what they depend on; a bare tree never is."""
    period = facts.period
    if facts.report is not None or period.batch is None:
        return False
    return period.figures_revision != period.year.revision
