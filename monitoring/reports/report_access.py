"""The report that an address names, for people who may read it; used by every page."""

import datetime
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from council_finance.accounts.models import User
from council_finance.accounts.throttle import PDFS_WITHIN
from council_finance.errors import Refused
from council_finance.kept_pages import allow_to_keep, kept_while_unchanged
from council_finance.typed_text import whole_number
from monitoring.people.rights import (
    may_see_drafts,
    may_see_exempt_lines,
    may_see_month,
    may_upload,
)
from monitoring.published.models import Report
from monitoring.published.selectors.reports import latest_report
from monitoring.reports.changes_of_drafts import unshown_changes
from monitoring.reports.selectors.report_data import ReportData, current_data, published_data
from monitoring.structure.models import Period
from monitoring.structure.selectors.calendar import calendar_of, period_or_404

View = Callable[..., HttpResponse]

kept_as_published = kept_while_unchanged(unshown_changes)
"""Decorator of views whose pages the two functions below let readers keep: they answer 304."""


class NoReport(Http404):
    """The refusal of a page of a period that has no report which this person may read."""

    def __init__(self, period: Period) -> None:
        super().__init__("There is no report for this period yet.")
        self.period = period


def explain_missing_report(here: str, *, part: str = "") -> Callable[[View], View]:
    """Return a decorator that answers `NoReport` with a page that says what is missing.

    Menus and links lead to such months. `here` is the name of the page's item in the menu of a
    period, or of the menu that it opens; `part` is its name in that menu. The page has the same
    words whether or not there is a draft. Strangers, and addresses that name a version, get 404.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def explain(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except NoReport as missing:
                reads = request.method in ("GET", "HEAD") and not request.GET.get("version")
                if not reads or not request.user.is_authenticated:
                    raise
                context = _missing_report_context(request.user, missing.period)
                context |= {"here": here, "part": part}
                return render(request, "monitoring/no_report.html", context)

        return explain

    return decorate


def _missing_report_context(user: User, period: Period) -> dict[str, Any]:
    year = period.year
    return {
        "period": period,
        "year": year,
        "council": year.council,
        "sees_drafts": may_see_drafts(user),
        "takes_part": may_see_month(user),
        "may_upload": may_upload(user) and not year.is_archived,
        "periods": calendar_of(year).readable(with_drafts=may_see_drafts(user)),
        "nav_section": "reports",
    }


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

    Raise `NoReport` where there is none for them, whether or not a draft exists.
    """
    period = period_or_404(start, number)
    facts = readable_report(request.user, period, asked_version(request))
    if facts is None:
        raise NoReport(period)
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


def keep_published(
    response: HttpResponse, facts: ReportData, *, for_everybody: bool = True
) -> HttpResponse:
    """Let the reader's browser keep a page or a file of a published report; return it.

    Not of a version that is withheld from most readers, nor where it shows what only some of them
    may see, such as exempt lines (`for_everybody`). Nor of a month that was opened again and has
    no figures: its first file makes a draft, which some are then shown in place of the report.
    """
    if facts.report is None or facts.report.withheld_for_id or not for_everybody:
        return response
    if facts.period.batch_id is None and not facts.period.is_published:
        return response
    return allow_to_keep(response)


def keep_for_readers(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let people who see no drafts keep a page that shows them what was published alone.

    For pages of several reports, such as that of a saving: `keep_published` asks about one.
    """
    return response if may_see_drafts(request.user) else allow_to_keep(response)


def refuse_more_pdfs(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Refuse a PDF to someone who had many: making them keeps everybody else waiting."""
    minutes = PDFS_WITHIN // datetime.timedelta(minutes=1)
    reason = Refused(
        f"You have asked for {settings.PDFS_MOST} PDFs within {minutes} minutes. Wait {minutes} "
        "minutes, or choose another format of the report: the others are made at once."
    )
    answer = explain_no_file(request, start, number, reason, status=429)
    answer["Retry-After"] = str(int(PDFS_WITHIN.total_seconds()))
    return answer


def explain_no_file(
    request: HttpRequest, start: int, number: int, refusal: Refused, *, status: int = 503
) -> HttpResponse:
    """Return the page that says why a file of a report was not made."""
    version = request.GET.get("version", "")
    context = {
        "reason": " ".join(refusal.messages),
        "start": start,
        "number": number,
        "query": f"?version={version}" if version else "",
    }
    return render(request, "monitoring/not_made.html", context, status=status)
