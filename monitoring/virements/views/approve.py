"""The page on which many virements are approved at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from council_finance.next_step import TO_MONTH
from monitoring.people.rights import (
    may_see_drafts,
    may_see_exempt_lines,
    may_see_virements,
    reach_of,
    require,
)
from monitoring.structure.council_settings import CouncilSettings, read_settings
from monitoring.structure.selectors.calendar import periods
from monitoring.virements.forms import ApproveForm
from monitoring.virements.many_services import ApprovalsRefused, ShownVirement, approve_virements
from monitoring.virements.rights import approval_limit, may_judge_virement, why_not_approve
from monitoring.virements.rules import legs_version
from monitoring.virements.selectors import effects
from monitoring.virements.selectors import register as selectors
from monitoring.virements.selectors.register import RegisterEntry
from monitoring.virements.views.wording import approval_rules, restatement_sentence

if TYPE_CHECKING:
    from monitoring.structure.models import Period

_NO_FIGURES = "It is shown once the figures of a month in which it takes effect are uploaded."
_PER_PAGE = 20
"""Each virement's effect is the whole council worked out once more."""


@dataclass(frozen=True)
class PendingItem:
    """A virement that waits: its mark, its effect in a sentence, and why it cannot be ticked.

    `number` names it in the form, as a reference may be any text.
    """

    number: int
    entry: RegisterEntry
    seen: str
    effect: str
    why_not: str
    ticked: bool = False
    fault: str = ""


def approve(request: LoggedInRequest, start: int, number: int) -> HttpResponse:
    """List the virements that wait for approval up to a period, and approve those ticked."""
    user = request.user
    require(may_see_virements(user))
    period = get_object_or_404(periods(), year__start=start, number=number)
    settings = read_settings(period.year.settings)
    require(approval_limit(user.role, settings) != 0)
    if period.year.is_archived:
        return redirect("virements", start, number)
    if request.method != "POST":
        return _render_page(request, period, settings)
    return _approve_ticked(request, period, settings)


def _approve_ticked(
    request: LoggedInRequest, period: Period, settings: CouncilSettings
) -> HttpResponse:
    user, ticked = request.user, request.POST.getlist("approve")
    entries = {str(each.first.pk): each for each in _entries_up_to(request, period)}
    known = {pk: entries[pk] for pk in ticked if pk in entries}
    for entry in known.values():
        require(may_judge_virement(user, entry.rows, settings))
    form = ApproveForm(request.POST)
    if not form.is_valid():
        return _render_page(request, period, settings, form=form, status=422)
    shown = [
        ShownVirement(entry.reference, request.POST.get(f"seen-{pk}", ""))
        for pk, entry in known.items()
    ]
    try:
        if len(known) < len(set(ticked)):
            raise Refused("Some of these are no longer in the register; nothing was approved.")
        approve_virements(
            year=period.year,
            virements=shown,
            approved_by=form.cleaned_data["approved_by"],
            by=user,
            today=timezone.localdate(),
        )
    except Refused as refused:
        return _render_page(request, period, settings, form=form, refused=refused, status=409)
    count = len(shown)
    message = f"{count} virement{' is' if count == 1 else 's are'} approved."
    messages.success(request, message, extra_tags=TO_MONTH)
    return redirect("virements", period.year.start, period.number)


def _entries_up_to(request: LoggedInRequest, period: Period) -> list[RegisterEntry]:
    """Return the virements up to the period that this person sees, the pending first."""
    user = request.user
    reach = None if may_see_drafts(user) else reach_of(user, period.year)
    entries = selectors.register(period.year, exempt=may_see_exempt_lines(user), reach=reach)
    return [entry for entry in entries if entry.first.period <= period.number]


def _build_items(
    request: LoggedInRequest,
    period: Period,
    settings: CouncilSettings,
    entries: Sequence[RegisterEntry],
    faults: Mapping[str, str],
) -> list[PendingItem]:
    ticked, ticks_all = request.POST.getlist("approve"), "tick" in request.GET
    texts = _describe_effects(request, period, settings, entries)
    items = []
    for entry in entries:
        number, why_not = entry.first.pk, why_not_approve(request.user, entry.rows, settings)
        items.append(
            PendingItem(
                number=number,
                entry=entry,
                seen=legs_version(entry.rows),
                effect=texts[entry.reference],
                why_not=why_not,
                ticked=not why_not and (str(number) in ticked or ticks_all),
                fault=faults.get(entry.reference, ""),
            )
        )
    return items


def _describe_effects(
    request: LoggedInRequest,
    period: Period,
    settings: CouncilSettings,
    entries: Sequence[RegisterEntry],
) -> dict[str, str]:
    """Return the effect of each virement on the draft in which it counts, by reference."""
    user, year, display = request.user, period.year, settings.display_for("annex-a")
    reach = None if may_see_drafts(user) else reach_of(user, year)
    by_period: dict[int, list[RegisterEntry]] = {}
    for entry in entries:
        by_period.setdefault(entry.first.period, []).append(entry)
    found: dict[str, str] = {}
    for number, group in by_period.items():
        drafts = [each for each in selectors.counting_periods(year, number) if each.batch_id]
        if not drafts:
            found |= dict.fromkeys([each.reference for each in group], _NO_FIGURES)
            continue
        made = effects.virement_effects([each.rows for each in group], drafts[0], reach)
        for entry, effect in zip(group, made, strict=True):
            found[entry.reference] = restatement_sentence(effect, display)
    return found


def _render_page(
    request: LoggedInRequest,
    period: Period,
    settings: CouncilSettings,
    *,
    form: ApproveForm | None = None,
    refused: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    entries = _entries_up_to(request, period)
    pending = [each for each in entries if each.state == selectors.PENDING]
    page = Paginator(pending, _PER_PAGE).get_page(request.GET.get("page"))
    faults = refused.faults if isinstance(refused, ApprovalsRefused) else {}
    items = _build_items(request, period, settings, list(page), faults)
    shown = {item.entry.reference for item in items if item.fault}
    others = [f"{name}: {fault}" for name, fault in faults.items() if name not in shown]
    user = request.user
    context = {
        "period": period,
        "year": period.year,
        "council": period.year.council,
        "spoken": selectors.name_in_sentence(period),
        "nav_section": "home",
        "page": page,
        "items": items,
        "some_tickable": any(not item.why_not for item in items),
        "form": form or ApproveForm(initial={"approved_by": user.get_role_display()}),
        "refused": others if faults else (refused.messages if refused else []),
        "rules": approval_rules(settings),
    }
    return render(request, "monitoring/virements_approve.html", context, status=status)
