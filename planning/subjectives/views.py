"""The page of budgets and forecasts by subjective."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from council_finance.accounts.current_user import current_user
from council_finance.accounts.models import User
from council_finance.statements.presenting import for_page
from monitoring.people.rights import may_see_drafts
from monitoring.reports.report_access import (
    explain_missing_report,
    frame,
    keep_published,
    kept_as_published,
    report_for,
)
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.statements import statement
from planning.entry.storing import may_enter
from planning.page_parts import has_statement, last_report
from planning.subjectives.monitoring_table import NAME, MonitoringTable
from planning.subjectives.report_section import section_of
from planning.subjectives.selectors import account_rules_of


@require_safe
@kept_as_published
@explain_missing_report("decisions")
def subjectives(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Show current budget and forecast by subjective, and the budget of the estimates."""
    facts = report_for(request, start, number)
    table, user, year = MonitoringTable(facts), current_user(request), facts.period.year
    context = frame(request, facts, "subjectives", "Budget and forecast by subjective") | {
        "opens": "decisions",
        "sentence": table.sentence,
        "has_subjectives": bool(section_of(facts).subjectives),
        "may_enter": may_enter(user, "subjectives", year) and not year.is_archived,
    }
    if facts.report is not None and not table.rules:
        context |= _find_analysis_since(user, facts)
    if table.rules and facts.has_ledger:
        context["statement"] = for_page(table.statement())
    if has_statement(facts, NAME):
        context["budget"] = for_page(statement(facts, NAME))
    page = render(request, "planning/subjectives.html", context)
    return keep_published(page, facts)


def _find_analysis_since(user: User, facts: ReportData) -> dict[str, Any]:
    """Return where a report that has no accounts leads: to the last one, if that has them.

    People who see drafts learn too that accounts are matched now, for the next report.
    """
    year = facts.period.year
    last = last_report(user, year)
    has_analysis = last is not None and bool(section_of(last).account_rules)
    return {
        "analysed": last if has_analysis else None,
        "is_matched_now": may_see_drafts(user) and bool(account_rules_of(year)),
    }
