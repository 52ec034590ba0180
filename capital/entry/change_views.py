"""Pages on which changes of the programme are proposed, approved and rejected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from capital.entry.changes import (
    NewScheme,
    ProposedChange,
    approve_change,
    change_record,
    preview_change,
    propose_change,
    reject_change,
)
from capital.entry.forms import ChangeForm
from capital.entry.rights import (
    approves_changes,
    forecasts_scheme,
    scheme_reach,
    schemes_in_reach,
)
from capital.entry.selectors import (
    ChangeEffect,
    change_legs,
    decided_changes,
    effect_of_legs,
    in_reported_order,
    legs_of_waiting,
    waiting_changes,
)
from capital.entry.views import find_period, in_pounds, page_context
from capital.models import ChangeKind, ChangeState
from capital.selectors import funding_of
from council_finance.accounts.current_user import current_user
from council_finance.errors import Refused
from council_finance.next_step import TO_MONTH
from monitoring.audit.selectors.audit_trail import history_of
from monitoring.people.rights import may_see_audit, may_see_drafts, require
from monitoring.structure.selectors.calendar import periods_alone
from monitoring.structure.selectors.tree import open_service_choices

if TYPE_CHECKING:
    from capital.models import ProgrammeChange
    from council_finance.accounts.models import User
    from monitoring.models import Period

CHANGES_A_PAGE = 25
WAITING_PAGE = "waiting"
"""The name by which an address gives the page of the changes that wait."""
_TONES = {
    ChangeState.PROPOSED: "amber",
    ChangeState.APPROVED: "green",
    ChangeState.REJECTED: "grey",
}


@require_safe
def changes(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """List the changes of the programme that wait, and those decided up to a period."""
    period = get_object_or_404(periods_alone(), year__start=start, number=number)
    user = current_user(request)
    reach = scheme_reach(user, period.year)
    require(may_see_drafts(user) or bool(reach))
    own = None if may_see_drafts(user) else schemes_in_reach(reach, period.year)
    decided = decided_changes(period)
    if own is not None:
        decided = decided.filter(scheme__in=own)
    waiting = _page_of(request, waiting_changes(period, own), WAITING_PAGE)
    page = _page_of(request, in_reported_order(decided, period.year), "page", decided.count())
    legs_of_page = legs_of_waiting(period.year, list(waiting))
    context = page_context(period) | {
        "waiting": waiting,
        "waiting_rows": [(legs[0], _describe_legs(legs)) for legs in legs_of_page],
        "page": page,
        "decided": [(each, _describe_legs([each])[0]) for each in page.object_list],
        "kept_of_waiting": _keep_page("page", page),
        "kept_of_decided": _keep_page(WAITING_PAGE, waiting),
        "may_propose": bool(reach) and not period.is_published,
    }
    return render(request, "capital/entry/changes.html", context)


def _page_of(
    request: HttpRequest, rows: QuerySet[Any, Any], name: str, count: int | None = None
) -> Page[Any]:
    """Return the page of a list that the address asks for by `name`; `count` is its length."""
    paginator = Paginator(rows, CHANGES_A_PAGE)
    if count is not None:
        paginator.count = count
    return paginator.get_page(request.GET.get(name))


def _keep_page(name: str, page: Page[Any]) -> str:
    """Return the query with which the other list's links keep this one's page."""
    return f"{name}={page.number}" if page.number > 1 else ""


def _takes_part(user: User, period: Period) -> bool:
    """Return whether a person proposes or approves changes, or reads drafts."""
    return may_see_drafts(user) or bool(scheme_reach(user, period.year))


def _may_read(user: User, period: Period, legs: Sequence[ProgrammeChange]) -> bool:
    """Return whether a person reads a change: of their own schemes, or with every draft."""
    if may_see_drafts(user):
        return True
    reach = scheme_reach(user, period.year)
    return all(forecasts_scheme(reach, leg.scheme) for leg in legs)


def _describe_legs(legs: Sequence[ProgrammeChange]) -> list[tuple[str, str, str]]:
    """Return scheme, amount of this year and of the whole scheme of each leg."""
    return [
        (leg.scheme.name, in_pounds(leg.amount_pence), in_pounds(leg.total_amount_pence))
        for leg in legs
    ]


def new_change(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Show a form for a change, then its effect, and store it once that was seen."""
    period, user = find_period(start, number), current_user(request)
    require(bool(scheme_reach(user, period.year)))
    if request.method != "POST":
        return _render_new(request, period, _change_form(user, period))
    form = _change_form(user, period, request.POST)
    if not form.is_valid():
        return _render_new(request, period, form, status=422)
    proposed = _proposed_of(form.cleaned_data)
    try:
        if request.POST.get("action") != "store":
            effect = preview_change(period=period, proposed=proposed)
            return _render_new(request, period, form, effect=effect)
        propose_change(period=period, proposed=proposed, by=user)
    except Refused as refused:
        return _render_new(request, period, form, refused=refused.messages, status=409)
    text = f"{proposed.reference} waits for approval; no budget has changed yet."
    messages.success(request, text, extra_tags=TO_MONTH)
    return redirect("capital-changes", start, number)


def _change_form(user: User, period: Period, data: Any = None) -> ChangeForm:
    """Return the form with the schemes and services that the person looks after."""
    reach = scheme_reach(user, period.year)
    schemes = schemes_in_reach(reach, period.year).order_by("order", "reference")
    # Funding is the whole council's: who looks after a part names none, and finance adds it.
    sources = funding_of(period.year) if reach.everything else []
    named = [(each.reference, each.name) for each in sources]
    within = None if reach.everything else reach
    return ChangeForm(schemes, named, open_service_choices(period.year, within), data)


def _proposed_of(data: dict[str, Any]) -> ProposedChange:
    is_new = data["kind"] == ChangeKind.NEW_SCHEME
    new = NewScheme(data["new_reference"], data["new_name"], data["new_service"])
    return ProposedChange(
        reference=data["reference"],
        kind=data["kind"],
        scheme="" if is_new else data["scheme"],
        to_scheme=data["to_scheme"] if data["kind"] == ChangeKind.VIREMENT else "",
        amount_pence=data["amount"],
        total_amount_pence=data["total_amount"],
        reason=data["reason"],
        source=data["source"],
        new_scheme=new if is_new else None,
    )


def _render_new(
    request: HttpRequest,
    period: Period,
    form: ChangeForm,
    *,
    effect: ChangeEffect | None = None,
    refused: Sequence[str] = (),
    status: int = 200,
) -> HttpResponse:
    context = page_context(period) | {
        "form": form,
        "refused": refused,
        "effect": _print_effect(effect, whole=may_see_drafts(request.user)) if effect else None,
        "closed": period.is_published,
    }
    return render(request, "capital/entry/new_change.html", context, status=status)


def _print_effect(effect: ChangeEffect, *, whole: bool) -> dict[str, Any]:
    """Return the effect of a change on both scales and on funding, in pounds.

    The funding is shown to those who read the draft of the whole council.
    """
    return {
        "schemes": [
            (
                each.scheme.name,
                in_pounds(each.before.this_year),
                in_pounds(each.after.this_year),
                in_pounds(each.before.whole),
                in_pounds(each.after.whole),
            )
            for each in effect.schemes
        ],
        "funding": [
            (each.source.name, in_pounds(each.before), in_pounds(each.after))
            for each in effect.funding
        ],
        "short_before": in_pounds(effect.shortfall_before),
        "short_after": in_pounds(effect.shortfall_after),
        "balances": effect.shortfall_after == 0,
        "whole": whole,
    }


def change(request: HttpRequest, start: int, number: int, reference: str) -> HttpResponse:
    """Show a change with its effect; approve or reject it."""
    period, user = find_period(start, number), current_user(request)
    legs = change_legs(period.year, reference)
    require(_takes_part(user, period))
    if not legs or not _may_read(user, period, legs):
        raise Http404("There is no such change.")
    if request.method != "POST":
        return _render_change(request, period, legs)
    require(approves_changes(user))
    try:
        if request.POST.get("action") == "reject":
            reason = request.POST.get("reason", "")
            reject_change(period=period, reference=reference, reason=reason, by=user)
            done = "rejected"
        else:
            approve_change(
                period=period,
                reference=reference,
                seen=request.POST.get("seen", ""),
                by=user,
                today=timezone.localdate(),
            )
            done = "approved"
    except Refused as refused:
        return _render_change(request, period, legs, refused.messages, status=409)
    messages.success(request, f"{reference} is {done}.", extra_tags=TO_MONTH)
    return redirect("capital-changes", start, number)


def _render_change(
    request: HttpRequest,
    period: Period,
    legs: Sequence[ProgrammeChange],
    refused: Sequence[str] = (),
    status: int = 200,
) -> HttpResponse:
    user, first = current_user(request), legs[0]
    waits = first.state == ChangeState.PROPOSED
    effect = effect_of_legs(period, legs) if waits else None
    record = change_record(period.year.label, first.reference)
    context = page_context(period) | {
        "change": first,
        "legs": _describe_legs(legs),
        "state": ChangeState(first.state).label,
        "tone": _TONES[ChangeState(first.state)],
        "effect": _print_effect(effect, whole=may_see_drafts(request.user)) if effect else None,
        "seen": effect.digest if effect else "",
        "may_decide": waits and approves_changes(user) and first.entered_by_id != user.pk,
        "own": waits and first.entered_by_id == user.pk,
        "refused": refused,
        "back": reverse("capital-changes", args=[period.year.start, period.number]),
        "history": history_of(record) if may_see_drafts(user) else [],
        "history_record": record if may_see_audit(user) else "",
    }
    return render(request, "capital/entry/change.html", context, status=status)
