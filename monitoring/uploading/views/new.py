"""The page on which a person chooses a file and says what it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from council_finance import registry
from council_finance.accounts.current_user import current_user
from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from council_finance.periods import APPROVED_BUDGET
from monitoring.people.rights import may_upload, require
from monitoring.structure.selectors.calendar import periods, years
from monitoring.uploading.explanations import explain_kind
from monitoring.uploading.forms import UploadForm
from monitoring.uploading.rights import (
    kinds_to_upload,
    may_upload_files,
    parts_of,
    why_not_upload,
)
from monitoring.uploading.selectors.layouts import layout_names
from monitoring.uploading.selectors.uploads import (
    kinds_in_use,
    last_uploads,
    scope_service,
    uploads_under_way,
)
from monitoring.uploading.services import uploads as services
from monitoring.uploading.views.frame import kind_address, template_links, year_context

if TYPE_CHECKING:
    from monitoring.structure.models import FinancialYear, Period, Service
    from monitoring.uploading.models import Upload


def new_for_year(request: LoggedInRequest, start: int) -> HttpResponse:
    """Choose a file for the whole year."""
    require(may_upload_files(current_user(request)))
    return _upload_page(request, get_object_or_404(years(), start=start), None)


def new_for_period(request: LoggedInRequest, start: int, number: int) -> HttpResponse:
    """Choose a file for a period; `?scope=CODE` limits it to the lines of one service."""
    require(may_upload_files(current_user(request)))
    period = get_object_or_404(periods(), year__start=start, number=number)
    code = request.POST.get("scope") or request.GET.get("scope") or ""
    try:
        scope = scope_service(period.year, code) if code else None
    except Refused as refused:
        context = year_context(period.year, period) | {"refused": refused.messages}
        return render(request, "monitoring/upload_new.html", context, status=404)
    return _upload_page(request, period.year, period, scope)


def _upload_page(
    request: LoggedInRequest,
    year: FinancialYear,
    period: Period | None,
    scope: Service | None = None,
) -> HttpResponse:
    kinds = _kinds_to_offer(period, scope)
    offered = kinds_to_upload(current_user(request), kinds, year, scope.code if scope else "")
    if not offered:
        return _choose_part(request, year, period, kinds)
    layouts = layout_names([kind.name for kind in offered])
    asked = request.GET.get("kind", "")
    form = UploadForm(
        offered,
        layouts,
        request.POST or None,
        request.FILES or None,
        asked=asked,
        in_use=kinds_in_use(year) | {asked, request.POST.get("kind", "")},
        explained={kind.name: _draw_explanation(kind, year, period, scope) for kind in offered},
    )
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("upload", _receive_file(request, form, year, period).pk)
        except Refused as refused:
            for message in refused.messages:
                form.add_error("file", message)
    number = period.number if period else None
    context = year_context(year, period) | {
        "form": form,
        "layouts": layouts,
        "scope": scope,
        "under_way": uploads_under_way(year),
        "last": last_uploads(year, number),
    }
    return render(
        request, "monitoring/upload_new.html", context, status=422 if form.errors else 200
    )


def _draw_explanation(
    kind: registry.AnyKind, year: FinancialYear, period: Period | None, scope: Service | None
) -> SafeString:
    """Return the markup that explains a kind while it is chosen on the upload page."""
    context = {
        "kind": kind,
        "explained": explain_kind(kind),
        "templates": template_links(kind, year, period, scope),
        "about_url": kind_address("upload-about", kind, year, period, scope),
    }
    return render_to_string("monitoring/upload_kind.html", context)


def _kinds_to_offer(period: Period | None, scope: Service | None) -> list[registry.AnyKind]:
    """Return the kinds of files to choose from.

    For one part of the tree, and for the approved budget, they are those that hold budget lines.
    """
    kinds = [kind for kind in registry.upload_kinds() if kind.per_period == (period is not None)]
    if scope or (period and period.number == APPROVED_BUDGET):
        return [kind for kind in kinds if kind.has_budget_lines]
    return kinds


def _choose_part(
    request: LoggedInRequest,
    year: FinancialYear,
    period: Period | None,
    kinds: list[registry.AnyKind],
) -> HttpResponse:
    """Offer the services that a person looks after, who may not upload for the whole council."""
    require(may_upload(current_user(request)) and period is not None)
    context = year_context(year, period) | {
        "parts": parts_of(current_user(request), year),
        "asked": request.GET.get("kind", ""),
    }
    if "scope" in request.GET or request.method == "POST":
        code = request.POST.get("scope") or request.GET.get("scope", "")
        context["refused"] = [why_not_upload(current_user(request), kinds[0], year, code)]
    status = 403 if "refused" in context else 200
    return render(request, "monitoring/upload_part.html", context, status=status)


def _receive_file(
    request: LoggedInRequest, form: UploadForm, year: FinancialYear, period: Period | None
) -> Upload:
    file = form.cleaned_data["file"]
    upload = services.receive_upload(
        kind=form.cleaned_data["kind"],
        year=year,
        period=period.number if period else None,
        content=file.read(),
        file_name=file.name,
        by=current_user(request),
        scope=form.cleaned_data["scope"],
        layout=form.cleaned_data["layout"],
    )
    services.start_check(upload=upload)
    return upload
