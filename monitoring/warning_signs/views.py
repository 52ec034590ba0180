"""The page of warning signs of a report."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from council_finance.accounts.requests import LoggedInRequest
from council_finance.prose import in_series
from council_finance.registry import SignState, WarningSign, warning_signs
from monitoring.people.rights import may_read_settings, may_review
from monitoring.reports.report_access import (
    explain_missing_report,
    frame,
    keep_published,
    kept_as_published,
    report_for,
)


@require_safe
@kept_as_published
@explain_missing_report("warning-signs")
def signs(request: LoggedInRequest, start: int, number: int) -> HttpResponse:
    """Show each sign with its figure, rule and threshold; of a draft to those who see drafts."""
    facts = report_for(request, start, number)
    found = warning_signs(facts)
    context = frame(request, facts, "warning-signs", "Warning signs") | {
        "signs": found,
        "sentence": _sum_up(found),
        "may_set": may_read_settings(request.user),
        "may_review": may_review(request.user) and facts.report is None,
    }
    page = render(request, "monitoring/warning_signs.html", context)
    return keep_published(page, facts)


def _sum_up(signs: list[WarningSign]) -> str:
    """Return which signs are present, in a sentence; they are named, never added up."""
    shown = [sign.title for sign in signs if sign.finding.state is SignState.SHOWN]
    names = in_series([f"“{title}”" for title in shown])
    return f"Present: {names}." if shown else "None of the signs that can be judged is present."
