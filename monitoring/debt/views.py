"""The page of aged debt: a table of a report with sentences about it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from council_finance.accounts.requests import LoggedInRequest
from council_finance.statements.presenting import for_page
from monitoring.debt import selectors
from monitoring.people.rights import may_upload
from monitoring.reports.report_access import (
    explain_missing_report,
    frame,
    keep_published,
    kept_as_published,
    report_for,
)
from monitoring.reports.selectors.statements import statement


@require_safe
@kept_as_published
@explain_missing_report("balances", part="debt")
def debt(request: LoggedInRequest, start: int, number: int) -> HttpResponse:
    """Show debt by how long it is overdue, with last year's share over 90 days."""
    facts = report_for(request, start, number)
    before = selectors.last_years_debt(facts)
    context = frame(request, facts, "debt", "Aged debt")
    if selectors.debt_rows(facts):
        context |= {
            "sentence": selectors.debt_sentence(facts, before),
            "statement": for_page(statement(facts, selectors.NAME)),
            "chart": selectors.debt_chart(facts),
            "overdue": selectors.overdue(facts, before),
            "before": before,
            "unit": facts.display(selectors.NAME).unit_label,
        }
    context["may_upload"] = may_upload(request.user) and facts.report is None
    page = render(request, "monitoring/debt.html", context)
    return keep_published(page, facts)
