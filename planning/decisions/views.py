"""The page of decisions of a report."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from council_finance.accounts.current_user import current_user
from council_finance.statements.presenting import for_page
from monitoring.people.rights import may_upload
from monitoring.reports.report_access import explain_missing_report, frame, report_for
from monitoring.reports.selectors.statements import statement
from planning.decisions.overview import DecisionsOverview
from planning.page_parts import has_statement


@require_safe
@explain_missing_report("decisions")
def decisions(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Show what decisions do beside the forecast, and each with its effects and sign-offs."""
    facts = report_for(request, start, number)
    overview = DecisionsOverview(facts)
    context = frame(request, facts, "decisions", "Decisions") | {
        "opens": "decisions",
        "decisions": overview.entries,
        "sentence": overview.sentence,
        "unknown": overview.unknown,
        "missing": overview.missing_rows,
        "broken": overview.broken,
        "unit": overview.display.unit_label,
        "may_upload": may_upload(current_user(request)) and facts.report is None,
    }
    if has_statement(facts, "decisions"):
        context["statement"] = for_page(statement(facts, "decisions"))
    return render(request, "planning/decisions.html", context)
