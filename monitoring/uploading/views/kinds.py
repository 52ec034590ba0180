"""The pages that explain a kind of file."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

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
from monitoring.uploading.rights import may_upload_files, may_upload_kind, why_not_upload
from monitoring.uploading.selectors.templates import TEMPLATE_FORMATS, template_file
from monitoring.uploading.selectors.uploads import scope_service
from monitoring.uploading.views.frame import template_links, upload_address, year_context

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
    kind = _find_kind(request, name, period)
    scope = _find_scope(request, year, period)
    fault = why_not_upload(current_user(request), kind, year, scope.code if scope else "")
    query = {"kind": kind.name} | ({"scope": scope.code} if scope else {})
    context = year_context(year, period) | {
        "kind": kind,
        "explained": explain_kind(kind),
        "scope": scope,
        "templates": [] if fault else template_links(kind, year, period, scope),
        "upload_url": f"{upload_address(year, period)}?{urlencode(query)}",
    }
    return render(request, "monitoring/upload_about.html", context)


@require_safe
def year_template(
    request: LoggedInRequest, start: int, name: str, format_name: str
) -> HttpResponse:
    """Download the template of a kind of file for the whole year."""
    year = get_object_or_404(years(), start=start)
    return _download_template(request, year, None, name, format_name)


@require_safe
def period_template(
    request: LoggedInRequest, start: int, number: int, name: str, format_name: str
) -> HttpResponse:
    """Download the template of a kind of file for a period; `?scope=CODE` for one service."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    return _download_template(request, period.year, period, name, format_name)


def _download_template(
    request: LoggedInRequest,
    year: FinancialYear,
    period: Period | None,
    name: str,
    format_name: str,
) -> HttpResponse:
    kind = _find_kind(request, name, period)
    if format_name not in TEMPLATE_FORMATS:
        raise Http404("Templates are XLSX or CSV files.")
    scope = _find_scope(request, year, period)
    reader = current_user(request)
    require(not why_not_upload(reader, kind, year, scope.code if scope else ""))
    content = template_file(kind, year, period, scope=scope, reader=reader, format_name=format_name)
    response = HttpResponse(content, content_type=TEMPLATE_FORMATS[format_name])
    month = "" if period is None else f"-{period.number:02d}"
    part = f"-{scope.code}" if scope else ""
    file_name = quote(f"{kind.name}-{year.slug}{month}{part}.{format_name}", safe="")
    response["Content-Disposition"] = f"attachment; filename*=utf-8''{file_name}"
    response["Cache-Control"] = "private, no-store"
    return response


def _find_kind(request: LoggedInRequest, name: str, period: Period | None) -> registry.AnyKind:
    """Return the kind of that name, which this person may upload; else answer 403 or 404."""
    require(may_upload_files(current_user(request)))
    try:
        kind = registry.upload_kind(name, per_period=period is not None)
    except Refused as refused:
        raise Http404(refused.messages[0]) from refused
    require(may_upload_kind(current_user(request), kind))
    return kind


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
