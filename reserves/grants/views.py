"""Pages of grants: those of a report, one grant, and those on which positions are entered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from council_finance.accounts.current_user import current_user
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from council_finance.next_step import TO_MONTH
from council_finance.statements.presenting import PageStatement, for_page
from monitoring.audit.selectors.audit_trail import history_of
from monitoring.people.rights import forecast_reach, may_see_audit, may_see_drafts, require
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
from monitoring.structure.selectors.calendar import periods, years
from reserves.grants import grant_page, overview, services
from reserves.grants.carry_forward_view import carry_forward_address
from reserves.grants.entry import entry_rows
from reserves.grants.forms import ConditionsForm, PositionForm, condition_fields, position_fields
from reserves.grants.report_section import section_of
from reserves.grants.rights import entry_reach, may_change_conditions, may_enter_position
from reserves.grants.rules import grant_record
from reserves.grants.selectors import find_grant, position_of, shares_of
from reserves.grants.statements.by_service import NAME as BY_SERVICE
from reserves.grants.statements.register import NAME as STATEMENT

if TYPE_CHECKING:
    from monitoring.models import FinancialYear, Period
    from reserves.grants.models import Grant


@require_safe
@kept_as_published
@explain_missing_report("balances", part="grants")
def grants(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Show a report's grants: what is expected, unspent by condition, ring-fenced, and ends."""
    facts = report_for(request, start, number)
    found = overview.GrantsOverview(facts)
    context = frame(request, facts, "grants", "Grants") | {
        "grants": found.grants,
        "sentence": overview.summary_sentence(found),
        "stats": overview.key_figures(found),
        "unit": found.display.unit_label,
        "conditions": overview.condition_rows(found),
        "balances": overview.balance_rows(found),
        "ring_fenced": overview.ring_fenced_rows(found),
        "ending": overview.ending_rows(found),
        "position": overview.position_rows(found),
        "table": _page_table(facts, STATEMENT),
        "by_service": _page_table(facts, BY_SERVICE),
        "forward": carry_forward_address(current_user(request), facts),
        "may_enter": _has_entry(request, facts),
    }
    page = render(request, "reserves/grants/overview.html", context)
    return keep_published(page, facts)


def _has_entry(request: HttpRequest, facts: ReportData) -> bool:
    """Return whether this person enters grants here: a draft of a year that is not archived."""
    open_draft = facts.report is None and not facts.period.year.is_archived
    return open_draft and bool(forecast_reach(current_user(request), facts.period.year))


def _page_table(facts: ReportData, name: str) -> PageStatement | None:
    """Return a statement with links to its grants; None if the report has no such statement."""
    if name not in {each for each, _ in statement_titles(facts)}:
        return None
    start = facts.period.year.start
    links = {
        each.reference: reverse("grant", args=[start, each.reference])
        for each in section_of(facts).grants
    }
    return for_page(statement(facts, name), links)


@require_safe
def entry(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """List the grants that a person enters in a period."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    reach = forecast_reach(current_user(request), period.year)
    require(bool(reach))
    rows = entry_rows(period, reach)
    missing = sum(row.position is None for row in rows)
    context = _period_context(period) | {"rows": rows, "missing": missing}
    return render(request, "reserves/grants/entry.html", context)


def _period_context(period: Period) -> dict[str, Any]:
    return {
        "period": period,
        "year": period.year,
        "council": period.year.council,
        "nav_section": "reports",
        "part": "grants",
    }


def position(request: HttpRequest, start: int, number: int, reference: str) -> HttpResponse:
    """Show and store the position of a grant in a period."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    grant = _find_grant(period.year, reference)
    require(may_enter_position(entry_reach(current_user(request), grant), _read_shares(grant)))
    if period.is_published:
        messages.info(request, f"{period} is published, so its grants are no longer entered.")
        return redirect("grants", start, number)
    if request.method != "POST":
        form = PositionForm(initial=position_fields(position_of(grant, period)))
        return _render_position(request, period, grant, form)
    form = PositionForm(request.POST)
    if not form.is_valid():
        return _render_position(request, period, grant, form, status=422)
    try:
        services.enter_position(
            period=period,
            grant=grant,
            details=form.details,
            seen=form.cleaned_data["seen"],
            by=current_user(request),
        )
    except Refused as refused:
        # What was typed stays, with the fingerprint of what is stored now, to be saved over it.
        stored = position_fields(position_of(grant, period))
        form = PositionForm({**request.POST.dict(), "seen": stored["seen"]})
        return _render_position(request, period, grant, form, refused.messages, status=409)
    messages.success(request, f"{grant.name} is saved.", extra_tags=TO_MONTH)
    return redirect("grants-entry", start, number)


def _render_position(
    request: HttpRequest,
    period: Period,
    grant: Grant,
    form: PositionForm,
    refused: Sequence[str] = (),
    status: int = 200,
) -> HttpResponse:
    stored = position_fields(position_of(grant, period))
    context = _period_context(period) | {
        "grant": grant,
        "form": form,
        "refused": refused,
        "opening": plain_pounds(grant.opening_balance_pence or 0),
        "stored": stored if refused else None,
    }
    return render(request, "reserves/grants/position.html", context, status=status)


def _find_grant(year: FinancialYear, reference: str) -> Grant:
    """Return the grant of that reference, or answer 404."""
    found = find_grant(year, reference)
    if found is None:
        raise Http404("There is no such grant.")
    return found


def _read_shares(grant: Grant) -> Sequence[Any]:
    return shares_of([grant])[grant.pk]


@kept_as_published
def grant(request: HttpRequest, start: int, reference: str) -> HttpResponse:
    """Show one grant with its conditions, balance and history; store changed conditions."""
    year = get_object_or_404(years(), start=start)
    found = grant_page.readable_grant(year, reference, drafts=may_see_drafts(request.user))
    if found is None:
        raise Http404("There is no such grant.")
    if request.method != "POST":
        return keep_for_readers(request, _render_grant(request, found))
    stored = _find_grant(year, reference)
    require(may_change_conditions(current_user(request), stored, _read_shares(stored)))
    form = ConditionsForm(request.POST)
    if not form.is_valid():
        return _render_grant(request, found, form, status=422)
    try:
        services.change_conditions(
            grant=stored,
            conditions=form.conditions,
            seen=form.cleaned_data["seen"],
            by=current_user(request),
        )
    except Refused as refused:
        return _render_grant(request, found, form, refused.messages, status=409)
    messages.success(request, f"The conditions of {stored.name} are saved.")
    return redirect("grant", start, reference)


def _render_grant(
    request: HttpRequest,
    found: grant_page.ReadableGrant,
    form: ConditionsForm | None = None,
    refused: Sequence[str] = (),
    status: int = 200,
) -> HttpResponse:
    year, row = found.year, found.grant
    held = row.carried_forward
    context = {
        "year": year,
        "period": found.period,
        "council": year.council,
        "draft": found.draft,
        "grant": row,
        "condition": overview.condition_of(row),
        "expected": "" if row.expected is None else plain_pounds(row.expected),
        "carried_forward": "" if held is None else plain_pounds(held),
        "deficit": plain_pounds(-held) if held is not None and held < 0 else "",
        "steps": grant_page.balance_steps(row),
        "shares": grant_page.share_rows(row),
        "reports": grant_page.report_rows(year, row.reference),
        "refused": refused,
        "nav_section": "reports",
        "form": _conditions_form(request, found, form),
        **_history_context(request, year, row.reference),
    }
    return render(request, "reserves/grants/grant.html", context, status=status)


def _conditions_form(
    request: HttpRequest, found: grant_page.ReadableGrant, sent: ConditionsForm | None
) -> ConditionsForm | None:
    """Return the form of conditions, as sent or as stored; None for who may not change them."""
    stored = find_grant(found.year, found.grant.reference)
    if stored is None or found.year.is_archived or not request.user.is_authenticated:
        return None
    if not may_change_conditions(current_user(request), stored, _read_shares(stored)):
        return None
    return sent or ConditionsForm(initial=condition_fields(stored))


def _history_context(request: HttpRequest, year: FinancialYear, reference: str) -> dict[str, Any]:
    """Return the history of a grant for those who read drafts."""
    if not may_see_drafts(request.user):
        return {}
    record = grant_record(year.label, reference)
    return {
        "history": history_of(record),
        "history_record": record if may_see_audit(current_user(request)) else "",
    }
