"""The page on which the carried forecasts of many services are confirmed at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from council_finance.typed_text import whole_number
from monitoring.forecasts.selectors.carried import carried_services
from monitoring.forecasts.services import confirm_services
from monitoring.people.rights import forecast_reach, may_see_exempt_lines, require
from monitoring.structure.selectors.calendar import periods

if TYPE_CHECKING:
    from monitoring.people.rights import Reach
    from monitoring.structure.models import Period


def confirm(request: LoggedInRequest, start: int, number: int) -> HttpResponse:
    """List the reader's services with carried figures, and confirm those of the ticked ones."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    reach = forecast_reach(request.user, period.year)
    require(bool(reach))
    is_open = period.batch is not None and not period.is_published and not period.year.is_archived
    if request.method != "POST":
        if not is_open:
            return redirect("month", start, number)
        return _render_page(request, period, reach)
    ticked = [pk for pk in request.POST.getlist("service") if whole_number(pk, digits=18)]
    shown = {int(pk): request.POST.get(f"seen-{pk}", "") for pk in ticked}
    try:
        saved = confirm_services(
            year=period.year,
            number=number,
            shown=shown,
            by=request.user,
            with_exempt=may_see_exempt_lines(request.user),
        )
    except Refused as refused:
        return _render_page(request, period, reach, refused)
    count = saved.changed
    messages.success(request, f"{count:,} figure{'' if count == 1 else 's'} confirmed.")
    return redirect("month", start, number)


def _render_page(
    request: LoggedInRequest, period: Period, reach: Reach, refused: Refused | None = None
) -> HttpResponse:
    exempt = may_see_exempt_lines(request.user)
    services = carried_services(period, reach, with_exempt=exempt) if period.batch else []
    context = {
        "period": period,
        "year": period.year,
        "council": period.year.council,
        "nav_section": "home",
        "services": services,
        "ticked": request.POST.getlist("service") if refused else None,
        "refused": refused.messages if refused else [],
    }
    status = 409 if refused else 200
    return render(request, "monitoring/forecasts_confirm.html", context, status=status)
