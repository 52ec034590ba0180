"""The page of budgets and forecasts by subjective."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from council_finance.accounts.current_user import current_user
from council_finance.statements.presenting import for_page
from monitoring.people.rights import may_upload
from monitoring.reports.report_access import explain_missing_report, frame, report_for
from monitoring.reports.selectors.statements import statement
from planning.page_parts import has_statement
from planning.subjectives.monitoring_table import NAME, MonitoringTable
from planning.subjectives.report_section import section_of


@require_safe
@explain_missing_report("decisions")
def subjectives(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Show current budget and forecast by subjective, and the budget of the estimates."""
    facts = report_for(request, start, number)
    table = MonitoringTable(facts)
    context = frame(request, facts, "subjectives", "Budget and forecast by subjective") | {
        "opens": "decisions",
        "sentence": table.sentence,
        "has_subjectives": bool(section_of(facts).subjectives),
        "may_upload": may_upload(current_user(request)) and facts.report is None,
    }
    if table.rules and facts.has_ledger:
        context["statement"] = for_page(table.statement())
    if has_statement(facts, NAME):
        context["budget"] = for_page(statement(facts, NAME))
    return render(request, "planning/subjectives.html", context)
