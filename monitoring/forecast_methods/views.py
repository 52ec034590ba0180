"""The page on which methods are chosen for a service or group, and for what is under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from monitoring.forecast_methods.forms import MethodsForm, read_changes
from monitoring.forecast_methods.selectors.in_force import method_labels
from monitoring.forecast_methods.selectors.methods_page import MethodsPage, methods_page
from monitoring.forecast_methods.services import choose_methods
from monitoring.ledger.selectors.line_names import lines_at
from monitoring.people.rights import (
    may_forecast,
    may_see_draft_of,
    may_see_exempt_lines,
    require,
)
from monitoring.structure.selectors.calendar import periods

if TYPE_CHECKING:
    from monitoring.structure.models import Period, Service


@require_http_methods(["GET", "HEAD", "POST"])
def methods(request: LoggedInRequest, start: int, number: int, code: str) -> HttpResponse:
    """Show the methods of a service with what each proposes in a period, and store others."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    service = get_object_or_404(period.year.services.select_related("year"), code=code)
    require(may_see_draft_of(request.user, service))
    refused: list[str] = []
    if request.method == "POST":
        require(may_forecast(request.user, service))
        try:
            changed = choose_methods(
                node=service,
                changes=read_changes(request.POST),
                by=request.user,
                with_exempt=may_see_exempt_lines(request.user),
            )
        except Refused as refusal:
            refused = refusal.messages
        else:
            messages.success(request, _describe_saved(changed))
            return redirect(request.get_full_path())
    return _render_page(request, period, service, refused)


def _describe_saved(changed: int) -> str:
    if not changed:
        return "Nothing was changed, so nothing was stored."
    return f"{changed:,} forecast method{'' if changed == 1 else 's'} stored."


def _find_page(request: LoggedInRequest, period: Period, service: Service) -> MethodsPage:
    """Return the page that was requested. Raise `Http404` where the service has closed."""
    page = methods_page(
        period,
        service,
        with_exempt=may_see_exempt_lines(request.user),
        page=request.GET.get("page", "1"),
    )
    if page is None:
        raise Http404("This service has closed.")
    return page


def _render_page(
    request: LoggedInRequest, period: Period, service: Service, refused: list[str]
) -> HttpResponse:
    """Draw the page; after a refusal with what was sent still chosen."""
    page = _find_page(request, period, service)
    form = MethodsForm(page.targets, method_labels(), request.POST if refused else None)
    may_choose = may_forecast(request.user, service) and not period.year.is_archived
    context = {
        "period": period,
        "year": period.year,
        "service": service,
        "council": period.year.council,
        "page": page,
        "node_field": form[page.node.field],
        "lines": [(row, form[row.target.field]) for row in page.lines],
        "services": [(row, form[row.target.field]) for row in page.services],
        "labels": method_labels(),
        "lines_at": lines_at(period),
        "may_choose": may_choose,
        "refused": refused,
        "nav_section": "home",
    }
    status = 409 if refused else 200
    return render(request, "monitoring/forecast_methods.html", context, status=status)
