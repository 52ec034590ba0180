"""The page of a subject: everything reported on a service, in one table."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from council_finance.accounts.current_user import current_user
from monitoring.models import Period
from monitoring.people.rights import Reach
from monitoring.published.report_rows import ReportRow
from monitoring.reports.report_access import (
    asked_version,
    keep_published,
    kept_as_published,
    readable_report,
)
from monitoring.reports.selectors.report_data import ReportData, draft_data, has_draft
from monitoring.structure.selectors.calendar import periods
from performance.indicators import rights
from performance.indicators.selectors.subject import subject_of


@require_safe
@kept_as_published
def subject(request: HttpRequest, start: int, number: int, code: str) -> HttpResponse:
    """Show indicator, activity, saving, budget, grant and reserve of a service together."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    reach = rights.draft_reach(current_user(request), period.year)
    facts = _readable_report(request, period, reach)
    node = _find_row(facts, code) if facts else None
    partly = facts is not None and facts.report is None and not reach.everything
    if facts is None or node is None or (partly and node.service not in reach):
        raise Http404("There is no such service in a report that you may read.")
    context = {
        "facts": facts,
        "node": node,
        "period": period,
        "year": period.year,
        "council": period.year.council,
        "subject": subject_of(facts, node, reach if partly else None),
        "partly": partly,
        "nav_section": "reports",
    }
    page = render(request, "performance/indicators/subject.html", context)
    return keep_published(page, facts)


def _readable_report(request: HttpRequest, period: Period, reach: Reach) -> ReportData | None:
    version = asked_version(request)
    if version is None and reach and has_draft(period):
        return draft_data(period)
    return readable_report(current_user(request), period, version)


def _find_row(facts: ReportData, code: str) -> ReportRow | None:
    return next((node for node in facts.nodes if node.key == code), None)
