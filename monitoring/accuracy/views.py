"""The page of forecast accuracy."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from council_finance.accounts.requests import LoggedInRequest
from council_finance.statements.presenting import for_page
from monitoring.accuracy.findings import accuracy_chart, accuracy_sentence
from monitoring.accuracy.selectors import NAME
from monitoring.people.rights import may_review
from monitoring.reports.report_access import (
    explain_missing_report,
    frame,
    keep_published,
    kept_as_published,
    report_for,
)
from monitoring.reports.selectors.statements import statement, statement_titles


@require_safe
@kept_as_published
@explain_missing_report("report")
def accuracy(request: LoggedInRequest, start: int, number: int) -> HttpResponse:
    """Show how close forecasts came to the outturn, by month and by service."""
    facts = report_for(request, start, number)
    context = frame(request, facts, "forecast-accuracy", "Forecast accuracy") | {
        "sentence": accuracy_sentence(facts),
        "chart": accuracy_chart(facts),
        "may_review": may_review(request.user) and facts.report is None,
    }
    if NAME in dict(statement_titles(facts)):
        made = statement(facts, NAME)
        context["statement"] = for_page(made) if made.rows else None
    page = render(request, "monitoring/accuracy.html", context)
    return keep_published(page, facts)
