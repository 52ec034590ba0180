"""Pages to read: the activity of a report, and one group of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from council_finance.accounts.current_user import current_user
from council_finance.statements.presenting import for_page
from monitoring.people.rights import draft_reach, may_see_drafts
from monitoring.reports.report_access import (
    NoReport,
    asked_version,
    explain_missing_report,
    keep_published,
    kept_as_published,
)
from monitoring.reports.selectors.report_data import has_draft
from monitoring.structure.selectors.calendar import periods
from performance.activity import rights
from performance.activity.selectors.group_page import group_page
from performance.activity.selectors.overview import (
    activity_display,
    activity_statement,
    activity_summary,
)

if TYPE_CHECKING:
    from monitoring.models import Period
    from monitoring.reports.selectors.report_data import ReportData


@require_safe
@kept_as_published
@explain_missing_report("activity")
def overview(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Show the groups of activity, and why the variance of each is."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    is_empty = not period.is_published and not has_draft(period)
    if is_empty and draft_reach(current_user(request), period.year):
        return render(request, "performance/activity/none.html", page_context(request, period))
    facts, partly = find_report(request, period)
    context = report_context(request, facts, partly)
    if (summary := activity_summary(facts)) is not None:
        context |= {
            "summary": summary,
            "statement": for_page(activity_statement(facts, "activity")),
        }
    page = render(request, "performance/activity/overview.html", context)
    return keep_published(page, facts)


@require_safe
@kept_as_published
@explain_missing_report("activity")
def group(request: HttpRequest, start: int, number: int, code: str) -> HttpResponse:
    """Show one group: people and price, over the year, and what one more costs."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    facts, partly = find_report(request, period)
    page = group_page(facts, code)
    if page is None:
        raise Http404("There is no such group of activity.")
    context = report_context(request, facts, partly) | {
        "page": page,
        "effects": for_page(page.effects),
        "statement": for_page(page.activity),
        "unit": activity_display(facts).unit_label,
    }
    answer = render(request, "performance/activity/group.html", context)
    return keep_published(answer, facts)


def find_report(request: HttpRequest, period: Period) -> tuple[ReportData, bool]:
    """Return the report that a person reads, and whether it is limited to their part; or 404."""
    user = current_user(request)
    facts, partly = rights.readable_activity(user, period, asked_version(request))
    if facts is None:
        raise NoReport(period)
    return facts, partly


def page_context(request: HttpRequest, period: Period) -> dict[str, Any]:
    """Return the context that every page about a period's activity needs."""
    enters = bool(rights.entry_reach(current_user(request), period.year))
    return {
        "period": period,
        "year": period.year,
        "council": period.year.council,
        "may_enter": enters and not period.year.is_archived and not period.is_published,
        "nav_section": "home",
    }


def report_context(request: HttpRequest, facts: ReportData, partly: bool) -> dict[str, Any]:
    """Return the context of a page about a report's activity."""
    period = facts.period
    readable = facts.calendar.readable(with_drafts=may_see_drafts(request.user))
    asked = request.GET.get("version")
    return page_context(request, period) | {
        "facts": facts,
        "partly": partly,
        "header": facts.header,
        "compared_with": facts.compared_with,
        "version": facts.version if asked else None,
        "query": f"?version={facts.version}" if asked else "",
        "periods": sorted({*readable, period}, key=lambda each: each.number),
    }
