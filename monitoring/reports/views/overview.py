"""The overview of a report: the council's position, its causes, changes and actions."""

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from council_finance import registry
from council_finance.accounts.requests import LoggedInRequest
from monitoring.people.rights import may_see_drafts, may_upload
from monitoring.reports.report_access import asked_version, readable_report
from monitoring.reports.selectors.breakdown import part_row
from monitoring.reports.selectors.overview import overview as overview_of
from monitoring.reports.selectors.overview import parts_of
from monitoring.reports.selectors.pages import position_sentence
from monitoring.structure.selectors.calendar import periods

if TYPE_CHECKING:
    from monitoring.structure.models import Period


@require_safe
def overview(request: LoggedInRequest, start: int, number: int) -> HttpResponse:
    """Show the council's row of a report, with charts and the rows under it."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    facts = readable_report(request.user, period, asked_version(request))
    if facts is None:
        return _page_without_report(request, period)
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
        "behind": facts.report is None and period.figures_revision != period.year.revision,
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
    return render(request, "monitoring/overview.html", context)


def _page_without_report(request: LoggedInRequest, period: "Period") -> HttpResponse:
    """Show that there is no report yet; raise 404 for those who may not see drafts."""
    if not may_see_drafts(request.user) or request.GET.get("version"):
        raise Http404("There is no report for this period yet.")
    context = {
        "period": period,
        "year": period.year,
        "council": period.year.council,
        "may_upload": may_upload(request.user),
        "nav_section": "reports",
    }
    return render(request, "monitoring/overview_empty.html", context)
