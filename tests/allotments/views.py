"""The page of a period's rents."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from allotments.report_section import rents_of
from council_finance.statements.presenting import for_page
from monitoring.reports.report_access import frame, report_for
from monitoring.reports.selectors.statements import statement


@require_safe
def allotments(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Show the rents of the report that the person reads."""
    report = report_for(request, start, number)
    context = frame(request, report, "allotments", "Allotments") | {
        "statement": for_page(statement(report, "allotment-rents")),
        "sites": len(rents_of(report)),
    }
    return render(request, "allotments/allotments.html", context)
