"""The page of a month: its steps, and the services with work due."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from council_finance.accounts.requests import LoggedInRequest
from monitoring.commentary.selectors import due_rule
from monitoring.ledger_files.selectors import HELD, missing_rest_of
from monitoring.month.selectors.duties import duties_of
from monitoring.month.selectors.month import month_of
from monitoring.month.selectors.steps import dated_steps, waiting_for
from monitoring.month.service_markup import draw_services
from monitoring.people.rights import (
    EVERYTHING,
    may_keep_people,
    may_see_drafts,
    may_see_month,
    reach_of,
    require,
)
from monitoring.questions.selectors import questions_waiting_for
from monitoring.structure.selectors.calendar import period_or_404

_WAITING_SHOWN = 12


@require_safe
def month(request: LoggedInRequest, start: int, number: int) -> HttpResponse:
    """Show a month's progress, in the services that the reader looks after."""
    user = request.user
    require(may_see_month(user))
    period = period_or_404(start, number)
    own = reach_of(user, period.year)
    may_see_all = may_see_drafts(user) and not own.everything
    shows_all = may_see_all and request.GET.get("show") == "all"
    shown = EVERYTHING if shows_all else own
    found = month_of(period, shown=shown, own=own, duties=duties_of(user, period, own))
    steps = dated_steps(found, timezone.localdate())
    waiting = waiting_for(found, steps)
    context = {
        "month": found,
        "services": draw_services(found),
        "steps": steps,
        "rest": missing_rest_of(period) if found.may_lack_the_rest else None,
        "period": period,
        "year": period.year,
        "council": period.year.council,
        "nav_section": "home",
        "looks_after_something": bool(own) or shows_all,
        "may_see_all": may_see_all,
        "may_keep_people": may_keep_people(user),
        "shows_all": shows_all,
        "whole_council": shown.everything,
        "held": HELD,
        "waiting": waiting[:_WAITING_SHOWN],
        "more_waiting": waiting[_WAITING_SHOWN:],
        "questions": questions_waiting_for(user, period),
        "rule": due_rule(found.facts.settings.commentary),
        "unit": found.facts.display("annex-a").unit_label,
        "behind": found.has_figures
        and not period.is_published
        and period.figures_revision != period.year.revision,
    }
    return render(request, "monitoring/month.html", context)


@require_safe
def next_step(request: LoggedInRequest, start: int, number: int) -> HttpResponse:
    """Lead to what the reader does next in a month; to the month's page where nothing waits."""
    user = request.user
    require(may_see_month(user))
    period = period_or_404(start, number)
    own = reach_of(user, period.year)
    step = month_of(period, shown=own, own=own, duties=duties_of(user, period, own)).next_step
    return redirect(step.url) if step else redirect("month", start, number)
