"""Pages to read: the capital programme of a report, and one scheme with its history."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from capital import overview, scheme_page
from capital.deadlines import funding_deadlines
from capital.overview import ProgrammeOverview
from capital.past_slippage import past_slippage
from capital.printed_rows import print_reasons, print_schemes
from capital.report_section import section_of
from capital.roll_forward_view import roll_forward_address
from capital.scheme_list import list_page
from council_finance.accounts.current_user import current_user
from council_finance.forms.filters import Filter, filter_form
from council_finance.statements.presenting import PageStatement, for_page
from monitoring.people.rights import forecast_reach, may_see_drafts
from monitoring.reports.report_access import (
    explain_missing_report,
    frame,
    keep_for_readers,
    keep_published,
    kept_as_published,
    report_for,
)
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.statements import statement, statement_titles
from monitoring.structure.selectors.calendar import years

FUNDING = "capital-funding"
SEARCH_LENGTH = 100


@require_safe
@kept_as_published
@explain_missing_report("capital")
def programme(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Show the programme: how far it is from its budgets and why, scheme by scheme."""
    facts = report_for(request, start, number)
    whole = ProgrammeOverview(facts)
    context = frame(request, facts, "capital", "Capital programme") | {
        "has_schemes": bool(whole.totals.lines),
        "forward": roll_forward_address(current_user(request), facts),
        "may_enter": facts.report is None
        and bool(forecast_reach(current_user(request), facts.period.year)),
    }
    if whole.totals.lines:
        context |= _programme_context(whole) | _list_context(request, whole)
        context |= {
            "funding": _funding_table(facts),
            "deadlines": funding_deadlines(facts, whole.display),
            "past": past_slippage(facts, whole.display),
        }
    page = render(request, "capital/programme.html", context)
    return keep_published(page, facts)


def _list_context(request: HttpRequest, whole: ProgrammeOverview) -> dict[str, Any]:
    """Return a page of the schemes that were searched for, with what was typed and chosen."""
    facts, typed = whole.facts, request.GET.get("q", "")[:SEARCH_LENGTH].strip()
    services = [row for row in overview.service_rows(whole) if row.key]
    chosen = request.GET.get("service", "")
    chosen = chosen if chosen in {row.key for row in services} else ""
    keys = facts.keys_under(chosen) if chosen else None
    page, listed = list_page(
        facts, keys=keys, words=typed.casefold().split(), page=request.GET.get("page")
    )
    choices = [("", "All"), *((row.key, row.label) for row in services)]
    kept = {"version": request.GET.get("version", ""), "q": typed, "service": chosen}
    return {
        "page": page,
        "rows": print_schemes(listed.lines, listed.reasons, whole.display),
        "filter": filter_form(
            Filter("q", "Find a scheme", typed),
            Filter("service", "Service", chosen, choices),
        ),
        "filtered": bool(typed or chosen),
        "kept": urlencode({name: value for name, value in kept.items() if value}),
    }


def _programme_context(whole: ProgrammeOverview) -> dict[str, Any]:
    return {
        "sentence": overview.summary_sentence(whole),
        "reasons": overview.reasons_sentence(whole),
        "stats": overview.key_figures(whole),
        "services": overview.service_rows(whole),
        "cost": overview.cost_to_revenue(whole),
        "unit": whole.display.unit_label,
        "charts": overview.programme_charts(whole),
    }


def _funding_table(facts: ReportData) -> PageStatement | None:
    """Return the statement of funding; None where there is none."""
    if FUNDING not in {name for name, _ in statement_titles(facts)}:
        return None
    return for_page(statement(facts, FUNDING)) if section_of(facts).funding else None


@require_safe
@kept_as_published
def scheme(request: HttpRequest, start: int, reference: str) -> HttpResponse:
    """Show one scheme: its terms, the reasons of its variance, and its history over reports."""
    year = get_object_or_404(years(), start=start)
    reports = scheme_page.reports_of_scheme(
        year, reference, with_drafts=may_see_drafts(request.user)
    )
    if not any(each.period.year_id == year.pk for each in reports):
        raise Http404("There is no such scheme.")
    last, settings = reports[-1], scheme_page.settings_of_year(year)
    display = scheme_page.display_in_pounds(settings)
    context = {
        "year": year,
        "council": year.council,
        "nav_section": "reports",
        "last": last,
        "scheme": last.scheme,
        "finding": scheme_page.finding_of(last, display),
        "terms": scheme_page.terms_of(last, scheme_page.service_name(last), settings),
        "reasons": print_reasons(last.reasons, display),
        "rows": scheme_page.history_rows(reports, display),
        "programme": reverse("capital", args=[last.period.year.start, last.period.number]),
    }
    return keep_for_readers(request, render(request, "capital/scheme.html", context))
