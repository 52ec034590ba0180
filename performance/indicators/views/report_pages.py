"""Pages to read: the indicators of a report, and one indicator with its months."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from council_finance.accounts.current_user import current_user
from council_finance.forms.filters import Filter, filter_form
from council_finance.typed_text import whole_number
from monitoring.audit.selectors.audit_trail import history_of
from monitoring.people.rights import may_see_audit, may_see_drafts
from monitoring.reports.report_access import (
    NoReport,
    asked_version,
    explain_missing_report,
    keep_published,
    kept_as_published,
)
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.selectors.calendar import calendar_of, periods, years
from performance.indicators import rights
from performance.indicators.selectors.indicator_page import indicator_page
from performance.indicators.selectors.printed_rows import groups_of, performance_overview
from performance.indicators.selectors.register import indicator_record
from performance.indicators.selectors.report_indicators import indicators_of, section_of

if TYPE_CHECKING:
    from monitoring.models import FinancialYear, Period


@require_safe
@kept_as_published
@explain_missing_report("indicators")
def overview(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Show the indicators of a report under their outcomes."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    facts, partly = rights.readable_indicators(
        current_user(request), period, asked_version(request)
    )
    if facts is None:
        raise NoReport(period)
    context = page_context(request, period) | _report_context(request, facts, partly)
    if indicators_of(facts):
        status = request.GET.get("status", "")[:40]
        service = request.GET.get("service", "")[:64]
        made = performance_overview(facts)
        groups, count = groups_of(facts, status, service)
        context |= {
            "overview": made,
            "groups": groups,
            "count": count,
            "all": len(indicators_of(facts)),
            "filter": filter_form(
                Filter("status", "Status", status, _status_options(made)),
                Filter("service", "Service", service, _service_options(facts)),
            ),
        }
    page = render(request, "performance/indicators/overview.html", context)
    return keep_published(page, facts)


def _status_options(made: Any) -> list[tuple[str, str]]:
    return [("", "All"), *((word, tag.word) for word, tag, _, _ in made.statuses)]


def _service_options(facts: ReportData) -> list[tuple[str, str]]:
    used = {row.home for row in indicators_of(facts)}
    return [("", "All"), *((node.key, node.label) for node in facts.nodes if node.key in used)]


def page_context(request: HttpRequest, period: Period) -> dict[str, Any]:
    """Return the context that every page about a period's indicators needs."""
    reach = rights.maintained_services(current_user(request), period.year)
    maintains = bool(reach) and not period.year.is_archived
    return {
        "period": period,
        "year": period.year,
        "council": period.year.council,
        "may_keep": maintains,
        "may_enter": maintains and not period.is_published,
        "nav_section": "home",
    }


def _report_context(request: HttpRequest, facts: ReportData, partly: bool) -> dict[str, Any]:
    version = facts.version if request.GET.get("version") else None
    readable = facts.calendar.readable(with_drafts=may_see_drafts(request.user))
    return {
        "facts": facts,
        "partly": partly,
        "header": facts.header,
        "version": version,
        "query": f"?version={version}" if version else "",
        "periods": sorted({*readable, facts.period}, key=lambda each: each.number),
    }


@require_safe
@kept_as_published
def indicator(request: HttpRequest, start: int, reference: str) -> HttpResponse:
    """Show one indicator in a period's report: the one asked for, or the last with a value."""
    year = get_object_or_404(years(), start=start)
    facts = _find_report(request, year, reference)
    if facts is None:
        raise Http404("There is no such indicator.")
    row = section_of(facts).find(reference)
    if row is None:
        raise Http404("There is no such indicator.")
    record = indicator_record(year, reference)
    sees_drafts = may_see_drafts(request.user)
    context = page_context(request, facts.period) | {
        "facts": facts,
        "reference": reference,
        "page": indicator_page(facts, row),
        "history": history_of(record) if sees_drafts else [],
        "history_record": record if may_see_audit(current_user(request)) else "",
    }
    page = render(request, "performance/indicators/indicator.html", context)
    # The draft of a later month takes its place for those who read their part of drafts.
    reads_drafts = bool(rights.draft_reach(current_user(request), year))
    return keep_published(page, facts, for_everybody=not reads_drafts)


def _find_report(request: HttpRequest, year: FinancialYear, reference: str) -> ReportData | None:
    """Return the report of the period asked for; else the last that names the indicator."""
    asked = whole_number(request.GET.get("period", ""))
    for period in reversed(calendar_of(year).periods):
        if asked is not None and period.number != asked:
            continue
        found = periods().get(pk=period.pk)
        facts, _ = rights.readable_indicators(current_user(request), found)
        if facts is None:
            continue
        row = section_of(facts).find(reference)
        if row is not None and (row.is_listed or asked is not None):
            return facts
    return None
