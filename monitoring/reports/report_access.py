"""The report that an address names, for people who may read it; used by every page."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.typed_text import whole_number
from monitoring.people.rights import may_see_drafts, may_see_exempt_lines
from monitoring.published.models import Report
from monitoring.published.selectors.reports import latest_report
from monitoring.reports.selectors.report_data import ReportData, current_data, published_data
from monitoring.structure.models import Period
from monitoring.structure.selectors.calendar import periods


def asked_version(request: HttpRequest) -> int | None:
    """Return the version that the address names, or None; raise 404 if it is no number."""
    text = request.GET.get("version", "")
    if not text:
        return None
    version = whole_number(text, digits=3)
    if version is None:
        raise Http404("There is no such version.")
    return version


def report_for(request: HttpRequest, start: int, number: int) -> ReportData:
    """Return the report that this person may read, logged in or not.

    Raise 404 where there is none for them, with the same words whether or not a draft exists.
    """
    period = get_object_or_404(periods(), year__start=start, number=number)
    facts = readable_report(request.user, period, asked_version(request))
    if facts is None:
        raise Http404("There is no report for this period yet.")
    return facts


def frame(request: HttpRequest, facts: ReportData, here: str, title: str) -> dict[str, Any]:
    """Return the context of templates/components/balances_frame.html; `here` names the URL."""
    period = facts.period
    return {
        "title": title,
        "facts": facts,
        "period": period,
        "year": period.year,
        "council": facts.header.council,
        "here": here,
        "query": f"?version={facts.version}" if request.GET.get("version") else "",
        "periods": facts.calendar.readable(with_drafts=may_see_drafts(request.user)),
        "nav_section": "reports",
    }


def readable_report(
    user: User | AnonymousUser, period: Period, version: int | None = None
) -> ReportData | None:
    """Return the version asked for, else the draft if they may see it, else the latest published.

    Return the redacted version in place of one that is withheld from them. Return None where there
    is nothing for them to read, whether or not a draft exists.
    """
    if version is not None:
        reports = Report.objects.filter(period=period).select_related("period__year")
        report = reports.filter(version=version).first()
        if report and report.withheld_for_id and not may_see_exempt_lines(user):
            report = reports.get(pk=report.withheld_for_id)
        return published_data(report) if report else None
    if may_see_drafts(user):
        try:
            return current_data(period)
        except Refused:
            return None
    report = latest_report(period)
    return published_data(report) if report else None
