"""The page of a month: its steps, and the services with work due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from council_finance.accounts.models import User
from council_finance.accounts.requests import LoggedInRequest
from council_finance.registry import month_steps
from monitoring.commentary.selectors import due_rule
from monitoring.ledger_files.selectors import HELD, missing_rest_of
from monitoring.month.selectors.month import Duties, month_of, service_with_id, waiting_for
from monitoring.people.rights import (
    EVERYTHING,
    Reach,
    may_comment,
    may_forecast,
    may_keep_people,
    may_publish,
    may_review,
    may_see_drafts,
    may_see_month,
    may_sign_off,
    may_upload,
    reach_of,
    require,
)
from monitoring.structure.selectors.calendar import periods

if TYPE_CHECKING:
    from monitoring.structure.models import Period

_WAITING_SHOWN = 12


@require_safe
def month(request: LoggedInRequest, start: int, number: int) -> HttpResponse:
    """Show a month's progress, in the services that the reader looks after."""
    user = request.user
    require(may_see_month(user))
    period = get_object_or_404(periods(), year__start=start, number=number)
    own = reach_of(user, period.year)
    may_see_all = may_see_drafts(user) and not own.everything
    shows_all = may_see_all and request.GET.get("show") == "all"
    shown = EVERYTHING if shows_all else own
    found = month_of(period, shown=shown, own=own, duties=duties_of(user, period, own))
    steps = month_steps(found)
    waiting = waiting_for(found, steps)
    context = {
        "month": found,
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
        "rule": due_rule(found.facts.settings.commentary),
        "unit": found.facts.display("annex-a").unit_label,
        "behind": found.has_figures
        and not period.is_published
        and period.figures_revision != period.year.revision,
    }
    return render(request, "monitoring/month.html", context)


def duties_of(user: User, period: Period, own: Reach) -> Duties:
    """Return what a person does in a month; forecasts and commentary for the services of `own`.

    In an archived year that is to read: nobody changes anything of it.
    """
    if period.year.is_archived:
        return Duties(review=may_review(user))
    within: dict[str, bool] = {}
    if own:
        service = service_with_id(period, min(own.services, default=0))
        signs = may_sign_off(user, service)
        within = {
            "forecast": may_forecast(user, service),
            "comment": signs or may_comment(user, service),
            "sign_off": signs,
        }
    return Duties(
        upload=may_upload(user), review=may_review(user), publish=may_publish(user), **within
    )
