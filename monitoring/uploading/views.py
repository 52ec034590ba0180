"""The pages of an upload: choose a file, match its columns, look at the check, decide."""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from council_finance import registry
from council_finance.accounts.current_user import current_user
from council_finance.accounts.middleware import asked_by_itself
from council_finance.accounts.requests import LoggedInRequest
from council_finance.csv_safe import harmless
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from monitoring.audit.selectors.audit_links import upload_record
from monitoring.audit.selectors.audit_trail import history_of
from monitoring.people.rights import may_see_audit, may_see_drafts, may_upload, require
from monitoring.structure.selectors.calendar import periods, years
from monitoring.uploading.changes import UploadChanges
from monitoring.uploading.decision_forms import confirm_form, sheets_form
from monitoring.uploading.forms import ColumnsForm, UploadForm
from monitoring.uploading.prepared import kind_of
from monitoring.uploading.rights import (
    kinds_to_upload,
    may_upload_files,
    may_upload_kind,
    parts_of,
    why_not_upload,
)
from monitoring.uploading.selectors.layouts import layout_names
from monitoring.uploading.selectors.uploads import (
    changes_of,
    has_known_columns,
    last_uploads,
    may_be_matched,
    period_of,
    scope_service,
    service_of,
    sheets_to_choose,
    uploads,
    uploads_under_way,
    waits,
    warnings_by_kind,
)
from monitoring.uploading.services import uploads as services

if TYPE_CHECKING:
    from monitoring.structure.models import FinancialYear, Period, Service
    from monitoring.uploading.models import Upload

_SHOWN = 100
_LONG_ID = 19
"""So many digits no row's number has."""


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
        context = _year_context(period.year, period) | {"refused": refused.messages}
        return render(request, "monitoring/upload_new.html", context, status=404)
    return _upload_page(request, period.year, period, scope)


def _year_context(year: FinancialYear, period: Period | None) -> dict[str, Any]:
    """Return what every page of an upload says of its year and period."""
    return {"year": year, "period": period, "council": year.council, "nav_section": "home"}


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
    form = UploadForm(offered, layouts, request.POST or None, request.FILES or None, asked=asked)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("upload", _receive_file(request, form, year, period).pk)
        except Refused as refused:
            for message in refused.messages:
                form.add_error("file", message)
    number = period.number if period else None
    context = _year_context(year, period) | {
        "form": form,
        "layouts": layouts,
        "scope": scope,
        "under_way": uploads_under_way(year),
        "last": last_uploads(year, number),
    }
    return render(
        request, "monitoring/upload_new.html", context, status=422 if form.errors else 200
    )


def _kinds_to_offer(period: Period | None, scope: Service | None) -> list[registry.AnyKind]:
    kinds = [kind for kind in registry.upload_kinds() if kind.per_period == (period is not None)]
    return [kind for kind in kinds if kind.has_budget_lines] if scope else kinds


def _choose_part(
    request: LoggedInRequest,
    year: FinancialYear,
    period: Period | None,
    kinds: list[registry.AnyKind],
) -> HttpResponse:
    """Offer the services that a person looks after, who may not upload for the whole council."""
    require(may_upload(current_user(request)) and period is not None)
    context = _year_context(year, period) | {"parts": parts_of(current_user(request), year)}
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


def columns(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Match the columns of a file that was refused, and check the kept file again."""
    require(may_upload_files(current_user(request)))
    upload = get_object_or_404(uploads(), pk=pk)
    period, kind = period_of(upload), kind_of(upload)
    require(may_upload_kind(current_user(request), kind))
    found = upload.headings
    if found is None or not may_be_matched(upload):
        raise Http404
    layout = upload.layout_name, upload.layout
    form = ColumnsForm(kind, found, layout, request.POST or None)
    status = 200 if not form.is_bound or form.is_valid() else 422
    if form.is_bound and status == 200:
        try:
            return redirect("upload", _match_columns(request, upload, form).pk)
        except Refused as refused:
            status = 409
            for message in refused.messages:
                form.add_error("name", message)
    context = _year_context(upload.year, period) | {
        "form": form,
        "upload": upload,
        "kind": kind,
        "layouts": layout_names([kind.name]),
        "heading_row": found["row"],
        "headings": found["headings"],
        "sample_rows": list(zip(found["rows"], found["cells"], strict=True)),
    }
    return render(request, "monitoring/upload_columns.html", context, status=status)


def _match_columns(request: LoggedInRequest, upload: Upload, form: ColumnsForm) -> Upload:
    matched = services.match_columns(
        upload=upload,
        name=form.cleaned_data["name"],
        definition=form.definition(),
        replace=form.cleaned_data["replace"],
        by=current_user(request),
    )
    services.start_check(upload=matched)
    return matched


@require_safe
def show(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Show one upload: its progress, its errors, and what to do next."""
    require(may_see_drafts(request.user))
    return _render_upload(request, pk)


def _render_upload(request: LoggedInRequest, pk: int, **sent: Any) -> HttpResponse:
    """Return the page of an upload; `sent` is what was sent, with why it was refused."""
    context = _upload_context(request, pk) | sent
    refused, sheets_refused = sent.get("refused", ()), sent.get("sheets_refused", ())
    chosen = sent.get("chosen", context["upload"].reading.get("sheets", ()))
    context["confirm_form"] = confirm_form(context, sent, refused)
    context["sheets_form"] = sheets_form(context["sheets"], chosen, sheets_refused)
    status = 409 if refused or sheets_refused else 200
    return render(request, "monitoring/upload.html", context, status=status)


@asked_by_itself
@require_safe
def progress(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Show the progress of a running upload; reload its page when it has ended."""
    require(may_see_drafts(request.user))
    context = _upload_context(request, pk)
    if not context["running"]:
        return HttpResponseClientRefresh()
    return render(request, "monitoring/upload_progress.html", context)


def _upload_context(request: LoggedInRequest, pk: int) -> dict[str, Any]:
    upload = get_object_or_404(uploads(), pk=pk)
    period, kind = period_of(upload), kind_of(upload)
    record = upload_record(upload)
    may_bring = not why_not_upload(current_user(request), kind, upload.year, upload.scope)
    return {
        "upload": upload,
        "kind": kind,
        "year": upload.year,
        "period": period,
        "council": upload.year.council,
        "nav_section": "home",
        "running": upload.is_running,
        "may_upload": may_bring,
        "totals": [
            (name.replace("_", " ").capitalize(), "" if pence is None else plain_pounds(pence))
            for name, pence in upload.totals.items()
        ],
        "scope": service_of(upload),
        "may_match": may_bring and may_be_matched(upload),
        "known_columns": has_known_columns(upload),
        "against": upload.found_changes.comparison,
        "changes": changes_of(upload),
        **(_open_questions(upload.found_changes) if waits(upload) else {}),
        "problems": upload.problems[:_SHOWN],
        "more_problems": max(0, upload.problem_count - _SHOWN),
        "warnings": [
            (key, title, rows[:_SHOWN], max(0, len(rows) - _SHOWN))
            for key, title, rows in warnings_by_kind(upload)
        ],
        "history": history_of(record),
        "history_record": record if may_see_audit(current_user(request)) else "",
        "sheets": sheets_to_choose(upload) if may_upload(current_user(request)) else [],
        "untold": upload.warning_count > len(upload.warnings),
        "again_url": _again_url(upload, period),
    }


def _open_questions(changes: UploadChanges) -> dict[str, Any]:
    """Return the new codes and typed forecasts on which a person decides before storing."""
    return {
        "alike": changes.alike,
        "alike_count": len(changes.alike_codes),
        "typed": changes.typed,
        "typed_count": len(changes.asked),
        "more_typed": len(changes.asked) - len(changes.typed),
        "to_decide": bool(changes.alike or changes.typed),
        "asked_again": changes.asked_again,
    }


def _again_url(upload: Upload, period: Period | None) -> str:
    if period is None:
        return reverse("upload-for-year", args=[upload.year.start])
    address = reverse("upload-for-period", args=[upload.year.start, period.number])
    return f"{address}?{urlencode({'scope': upload.scope})}" if upload.scope else address


@require_safe
def problems(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Download every error and warning of an upload as a CSV file."""
    require(may_see_drafts(request.user))
    upload = get_object_or_404(uploads(), pk=pk)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="upload-{pk}-problems.csv"'
    writer = csv.writer(response)
    writer.writerow(["Kind", "Row", "Column", "Found", "What to do"])
    for kind, rows in (("error", upload.problems), ("warning", upload.warnings)):
        for row in rows:
            cells = [harmless(row[name]) for name in ("column", "found", "message")]
            place = f"{row.get('sheet', '')} {row['row'] or ''}".strip()
            writer.writerow([kind, harmless(place), *cells])
    return response


@require_POST
def confirm(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Store a checked file, with the forecasts that a person chose."""
    kept, choice = _read_ids(request, "keep_typed"), request.POST.get("typed_choice", "")
    job = next(iter(_read_ids(request, "job")), None)
    codes_are_new = request.POST.get("codes_are_new") == "yes"
    act = partial(
        services.confirm_upload,
        typed_choice=choice,
        keep_typed=kept,
        codes_are_new=codes_are_new,
        seen_job=job,
    )
    return _act_on_upload(
        request, pk, act, typed_choice=choice, kept=kept, codes_are_new=codes_are_new
    )


def _read_ids(request: LoggedInRequest, name: str) -> list[int]:
    sent = request.POST.getlist(name)
    return [int(each) for each in sent if each.isdecimal() and len(each) < _LONG_ID]


@require_POST
def sheets(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Read a file that is not stored from other sheets of its workbook."""
    require(may_upload(current_user(request)))
    upload = get_object_or_404(uploads(), pk=pk)
    chosen = request.POST.getlist("sheet")
    try:
        other = services.choose_sheets(upload=upload, sheets=chosen, by=current_user(request))
    except Refused as refused:
        return _render_upload(request, pk, sheets_refused=refused.messages, chosen=chosen)
    services.start_check(upload=other)
    return redirect("upload", other.pk)


@require_POST
def withdraw(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Leave a checked file aside."""
    return _act_on_upload(request, pk, services.withdraw_upload)


@require_POST
def again(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Run a failed upload again."""
    return _act_on_upload(request, pk, services.run_again)


def _act_on_upload(
    request: LoggedInRequest, pk: int, service: Callable[..., None], **sent: Any
) -> HttpResponse:
    require(may_upload_files(current_user(request)))
    upload = get_object_or_404(uploads(), pk=pk)
    require(may_upload_kind(current_user(request), kind_of(upload)))
    try:
        service(upload=upload, by=current_user(request))
    except Refused as refused:
        return _render_upload(request, pk, refused=refused.messages, **sent)
    return redirect("upload", pk)
