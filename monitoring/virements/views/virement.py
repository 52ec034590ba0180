"""The page of one virement: its legs, the effect of approving it, and its forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.forms import Form
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from council_finance.accounts.models import User
from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from council_finance.next_step import TO_MONTH
from council_finance.statements import Display
from monitoring.audit.selectors.audit_links import record_url
from monitoring.audit.selectors.audit_trail import history_of
from monitoring.ledger.selectors.line_names import public_line_name
from monitoring.people.rights import (
    may_enter_virements,
    may_see_drafts,
    may_see_exempt_lines,
    may_see_virements,
    reach_of,
    require,
)
from monitoring.structure.council_settings import CouncilSettings, read_settings
from monitoring.structure.selectors.calendar import years
from monitoring.virements import services
from monitoring.virements.forms import ApproveForm, DeclineForm, ReverseForm
from monitoring.virements.rights import (
    may_decline_virement,
    may_judge_virement,
    may_see_virement,
    why_not_approve,
)
from monitoring.virements.rules import audit_name
from monitoring.virements.selectors import effects
from monitoring.virements.selectors import register as selectors
from monitoring.virements.selectors.ends import officers_line_name
from monitoring.virements.selectors.register import RegisterEntry
from monitoring.virements.views.wording import (
    approval_rules,
    format_amount,
    restatement_sentence,
)

if TYPE_CHECKING:
    from monitoring.published.models import Report
    from monitoring.structure.models import FinancialYear, Period
    from monitoring.virements.models import Virement

_LEDGER_WORDS = {
    effects.IN_LEDGER: "Yes, the ledger’s budget has it already",
    effects.NOT_YET: "Not yet",
    effects.UNCLEAR: "Cannot be told: the budget differs by {} from what was approved",
    effects.NO_FIGURES: "The line has no figures",
}


def show(request: LoggedInRequest, start: int, reference: str) -> HttpResponse:
    """Show one virement; approve, decline or reverse it."""
    require(may_see_virements(request.user))
    year = get_object_or_404(years(), start=start)
    entry = _find_entry(request, year, reference)
    if not may_see_virement(request.user, entry.rows):
        raise Http404("There is no such virement.")
    action = _ACTIONS.get(request.POST.get("action", ""))
    if request.method != "POST":
        return _render_page(request, entry)
    if action is None:
        raise BadRequest("There is no such act.")
    return action(request, entry)


def _find_entry(request: LoggedInRequest, year: FinancialYear, reference: str) -> RegisterEntry:
    """Return a virement with the names that this person may see. Raise `Http404` without one."""
    reach = None if may_see_drafts(request.user) else reach_of(request.user, year)
    exempt = may_see_exempt_lines(request.user)
    entry = selectors.find_entry(year, reference, exempt=exempt, reach=reach)
    if entry is None:
        raise Http404("There is no such virement.")
    return entry


def _approve_virement(request: LoggedInRequest, entry: RegisterEntry) -> HttpResponse:
    settings = read_settings(entry.first.year.settings)
    require(may_judge_virement(request.user, entry.rows, settings))
    form = ApproveForm(request.POST)
    if not form.is_valid():
        return _render_page(request, entry, approve=form, status=422)
    return _run_service(
        request,
        entry,
        services.approve_virement,
        f"{entry.reference} is approved",
        by=request.user,
        today=timezone.localdate(),
        **form.cleaned_data,
    )


def _decline_virement(request: LoggedInRequest, entry: RegisterEntry) -> HttpResponse:
    settings = read_settings(entry.first.year.settings)
    require(may_decline_virement(request.user, entry.rows, settings))
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return _render_page(request, entry, decline=form, status=422)
    return _run_service(
        request,
        entry,
        services.decline_virement,
        f"{entry.reference} is declined",
        by=request.user,
        today=timezone.localdate(),
        reason=form.cleaned_data["decline_reason"],
    )


def _reverse_virement(request: LoggedInRequest, entry: RegisterEntry) -> HttpResponse:
    require(may_enter_virements(request.user))
    form = _make_reverse_form(entry, request.POST)
    if not form.is_valid():
        return _render_page(request, entry, reverse=form, status=422)
    reference = form.cleaned_data["new_reference"]
    return _run_service(
        request,
        entry,
        services.reverse_virement,
        f"{reference} is entered; it takes {entry.reference} back once somebody approves it",
        then=reference,
        by=request.user,
        new_reference=reference,
        period=form.cleaned_data["period"],
        reason=form.cleaned_data["reason"],
        amounts=form.amounts,
    )


_ACTIONS = {
    "approve": _approve_virement,
    "decline": _decline_virement,
    "reverse": _reverse_virement,
}


def _run_service(
    request: LoggedInRequest,
    entry: RegisterEntry,
    service: Callable[..., None],
    said: str,
    then: str = "",
    **arguments: Any,
) -> HttpResponse:
    """Run a service and show the virement `then`; where it refuses, show the page with why."""
    year, reference = entry.first.year, entry.reference
    try:
        service(year=year, reference=reference, **arguments)
    except Refused as refused:
        # Somebody else may just have decided.
        entry = _find_entry(request, year, reference)
        return _render_page(request, entry, refused=refused.messages, status=409)
    messages.success(request, f"{said}.", extra_tags=TO_MONTH)
    return redirect("virement", year.start, then or reference)


def _render_page(
    request: LoggedInRequest,
    entry: RegisterEntry,
    status: int = 200,
    refused: Sequence[str] = (),
    **forms: Form,
) -> HttpResponse:
    first, user = entry.first, request.user
    settings = read_settings(first.year.settings)
    periods = selectors.counting_periods(first.year, first.period)
    reflected_in = selectors.first_report(first)
    context = {
        "entry": entry,
        "virement": first,
        "year": first.year,
        "council": first.year.council,
        "nav_section": "home",
        "counting": periods[0] if periods else None,
        "period": selectors.period_of(first),
        "counting_name": selectors.name_in_sentence(periods[0]) if periods else "",
        "reflected_in": reflected_in,
        "reflected_name": selectors.name_in_sentence(reflected_in.period) if reflected_in else "",
        "by_file": not selectors.entered_here(first.year, [entry.reference]),
        "refused": refused,
        "invalid": [field for form in forms.values() for field in form if field.errors],
        "history": history_of(audit_name(first.year, entry.reference)),
        "decision_url": _find_decision_page(user, first),
    }
    if entry.state == selectors.PENDING:
        context |= _pending_context(user, entry, settings, periods, forms)
    is_archived = first.year.is_archived
    if entry.state == selectors.APPROVED and may_enter_virements(user) and not is_archived:
        context["reverse"] = forms.get("reverse") or _make_reverse_form(entry)
    return render(request, "monitoring/virement.html", context, status=status)


def _find_decision_page(user: User, virement: Virement) -> str | None:
    """Return the address of the decision that allowed a virement, for those who may read it.

    Who does not see drafts may find the decision in no published report.
    """
    if not virement.decision_reference or not may_see_drafts(user):
        return None
    return record_url(f"decision {virement.year.label} {virement.decision_reference}")


def _pending_context(
    user: User,
    entry: RegisterEntry,
    settings: CouncilSettings,
    periods: Sequence[Period],
    forms: Mapping[str, Form],
) -> dict[str, Any]:
    """Return what the page of a pending virement shows besides the virement."""
    reach = None if may_see_drafts(user) else reach_of(user, entry.first.year)
    drafts = [period for period in periods if period.batch_id is not None]
    effect = effects.virement_effect(entry.rows, drafts[0], reach) if drafts else None
    is_archived = entry.first.year.is_archived
    why_not = why_not_approve(user, entry.rows, settings)
    if is_archived:
        why_not = f"{entry.first.year} is archived, so it is neither approved nor declined."
    context: dict[str, Any] = {
        "effect": effect and _build_effect_page(effect, settings.display_for("annex-a"), user),
        "why_not": why_not,
        "rules": approval_rules(settings),
    }
    if not why_not:
        by = {"approved_by": user.get_role_display()}
        context["approve"] = forms.get("approve") or ApproveForm(initial=by)
    if may_decline_virement(user, entry.rows, settings) and not is_archived:
        context["decline"] = forms.get("decline") or DeclineForm()
    return context


def _make_reverse_form(entry: RegisterEntry, data: QueryDict | None = None) -> ReverseForm:
    year, first = entry.first.year, entry.first
    rest = selectors.left_to_take_back(year, entry.reference)
    words = {leg.leg.leg: leg.way_back for leg in entry.legs}
    choices = [
        (period.number, f"{period.name}, {period.month}")
        for period in selectors.year_periods(year)
        if period.number >= first.period
    ]
    counting = selectors.counting_periods(year, first.period)
    initial = {
        "new_reference": selectors.reversal_reference(year, entry.reference),
        "period": counting[0].number if counting else first.period,
    }
    left = [(number, words[number], pence) for number, pence in rest]
    return ReverseForm(left, choices, data, initial=initial)


@dataclass(frozen=True)
class EffectPage:
    """An effect as printed; `services` and `lines` are the rows of their tables."""

    period: Period
    previous: Report | None
    unit: str
    finding: str
    services: list[dict[str, str]]
    lines: list[dict[str, str]]
    partial: bool


def _build_effect_page(effect: effects.Effect, display: Display, user: User) -> EffectPage:
    amounts = ("budget", "variance", "published", "restated", "restated_after")
    exempt = may_see_exempt_lines(user)
    return EffectPage(
        period=effect.period,
        previous=effect.previous,
        unit=display.unit_label,
        finding=restatement_sentence(effect, display),
        services=[
            {"name": each.name}
            | {
                name: format_amount(getattr(each, name), display)
                for name in (*amounts, "movement", "movement_after")
            }
            for each in effect.services
        ],
        lines=[_build_line_row(each, exempt) for each in effect.lines],
        partial=effect.partial,
    )


def _build_line_row(each: effects.LineEffect, exempt: bool) -> dict[str, str]:
    name = officers_line_name if exempt else public_line_name
    if each.line.exempt and not exempt:
        hidden = dict.fromkeys(("base", "explained", "budget"), "–")
        ledger = "Shown to finance officers only."
        known = {"name": name(each.line), "moves": _format_signed(each.moves), "base_is": ""}
        return {**known, **hidden, "ledger": ledger}
    return {
        "name": name(each.line),
        "moves": _format_signed(each.moves),
        "base": "–" if each.base is None else plain_pounds(each.base),
        "base_is": "approved budget" if each.base_is_approved_budget else "previous report",
        "explained": _format_signed(each.explained),
        "budget": "–" if each.budget is None else plain_pounds(each.budget),
        "ledger": _LEDGER_WORDS[each.ledger].format(_format_signed(each.unexplained or 0)),
    }


def _format_signed(pence: int) -> str:
    return f"+{plain_pounds(pence)}" if pence > 0 else plain_pounds(pence)
