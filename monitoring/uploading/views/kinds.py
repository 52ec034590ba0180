"""The pages that explain a kind of file."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from council_finance import registry
from council_finance.accounts.current_user import current_user
from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from monitoring.people.rights import require
from monitoring.structure.selectors.calendar import periods, years
from monitoring.uploading.explanations import explain_kind
from monitoring.uploading.rights import may_upload_files, may_upload_kind
from monitoring.uploading.selectors.uploads import scope_service
from monitoring.uploading.views.frame import upload_address, year_context

if TYPE_CHECKING:
    from monitoring.structure.models import FinancialYear, Period, Service


@require_safe
def about_year_kind(request: LoggedInRequest, start: int, name: str) -> HttpResponse:
    """Explain a kind of file for the whole year."""
    return _render_about(request, get_object_or_404(years(), start=start), None, name)


@require_safe
def about_period_kind(request: LoggedInRequest, start: int, number: int, name: str) -> HttpResponse:
    """Explain a kind of file for a period."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    return _render_about(request, period.year, period, name)


def _render_about(
    request: LoggedInRequest, year: FinancialYear, period: Period | None, name: str
) -> HttpResponse:
    require(may_upload_files(current_user(request)))
    kind = _find_kind(name, period)
    require(may_upload_kind(current_user(request), kind))
    scope = _find_scope(request, year, period)
    back = {"kind": kind.name} | ({"scope": scope.code} if scope else {})
    context = year_context(year, period) | {
        "kind": kind,
        "explained": explain_kind(kind),
        "scope": scope,
        "upload_url": f"{upload_address(year, period)}?{urlencode(back)}",
    }
    return render(request, "monitoring/upload_about.html", context)


def _find_kind(name: str, period: Period | None) -> registry.AnyKind:
    """Return the kind of file of that name. Raise `Http404` where there is none."""
    try:
        return registry.upload_kind(name, per_period=period is not None)
    except Refused as refused:
        raise Http404(refused.messages[0]) from refused


def _find_scope(
    request: LoggedInRequest, year: FinancialYear, period: Period | None
) -> Service | None:
    """Return the service that the address limits a file to. Raise `Http404` for an unknown one."""
    code = request.GET.get("scope", "")
    if not code or period is None:
        return None
    try:
        return scope_service(year, code)
    except Refused as refused:
        raise Http404(refused.messages[0]) from refused
