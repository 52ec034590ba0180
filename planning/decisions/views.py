"""The page of decisions of a report, and that of one decision."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from council_finance.accounts.current_user import current_user
from council_finance.statements.presenting import for_page
from monitoring.people.rights import may_see_drafts, may_upload
from monitoring.reports.report_access import (
    explain_missing_report,
    frame,
    keep_for_readers,
    keep_published,
    kept_as_published,
    report_for,
)
from monitoring.reports.selectors.statements import statement
from monitoring.structure.council_settings import read_settings
from monitoring.structure.selectors.calendar import years
from planning.decisions.decision_page import DecisionPage
from planning.decisions.entry import DECISION
from planning.decisions.overview import DecisionsOverview
from planning.decisions.report_section import build_decisions, section_of
from planning.entry.record_views import enter
from planning.entry.storing import may_enter
from planning.page_parts import has_statement, last_report, own_page_context


@require_safe
@kept_as_published
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
        "provisions": overview.provisions,
        "missing": overview.missing_rows,
        "broken": overview.broken,
        "unit": overview.display.unit_label,
        "may_upload": may_upload(current_user(request)) and facts.report is None,
        "may_enter": may_enter(current_user(request), DECISION.kind, facts.period.year),
    }
    if has_statement(facts, "decisions"):
        context["statement"] = for_page(statement(facts, "decisions"))
    page = render(request, "planning/decisions.html", context)
    return keep_published(page, facts)


@require_safe
@kept_as_published
def decision(request: HttpRequest, start: int, reference: str) -> HttpResponse:
    """Show one decision with all that is kept of it: as it is now, or as last published.

    Who sees drafts reads what is stored now; others read the last published report.
    """
    year, user = get_object_or_404(years(), start=start), current_user(request)
    report, sees_drafts = last_report(user, year), may_see_drafts(user)
    if sees_drafts:
        rows = build_decisions(year)
    elif report is not None:
        rows = section_of(report).decisions
    else:
        raise Http404("There is no report to read it in.")
    row = next((each for each in rows if each.reference == reference), None)
    if row is None:
        raise Http404("There is no such decision.")
    settings = report.settings if report else read_settings(year.settings)
    context = own_page_context(user, year, DECISION, reference) | {
        "page": DecisionPage(row, year, settings, None if sees_drafts else report),
        "period": report.period if report else None,
    }
    return keep_for_readers(request, render(request, "planning/decision.html", context))


def new_decision(request: HttpRequest, start: int) -> HttpResponse:
    """Enter a decision with its effects and sign-offs."""
    return enter(request, DECISION, start, "decision")


def change_decision(request: HttpRequest, start: int, reference: str) -> HttpResponse:
    """Change a decision, its effects and its sign-offs."""
    return enter(request, DECISION, start, "decision", reference)
