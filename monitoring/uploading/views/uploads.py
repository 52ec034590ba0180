"""The pages of an upload: match its columns, look at the check, decide."""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from council_finance import registry
from council_finance.accounts.current_user import current_user
from council_finance.accounts.middleware import asked_by_itself
from council_finance.accounts.requests import LoggedInRequest
from council_finance.csv_safe import harmless
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from council_finance.periods import APPROVED_BUDGET
from monitoring.audit.selectors.audit_links import upload_record
from monitoring.audit.selectors.audit_trail import history_of
from monitoring.people.rights import may_see_audit, may_see_drafts, may_upload, require
from monitoring.uploading.changes import UploadChanges
from monitoring.uploading.decision_forms import confirm_form, sheets_form
from monitoring.uploading.matching.columns_form import ColumnsForm
from monitoring.uploading.matching.rows import (
    describe_kept,
    describe_missing,
    match_rows,
    more_groups,
    new_headings,
    steps_that_are_kept,
)
from monitoring.uploading.prepared import kind_of
from monitoring.uploading.rights import (
    kinds_to_upload,
    may_upload_files,
    may_upload_kind,
    why_not_upload,
)
from monitoring.uploading.selectors.layouts import layout_names, layout_to_begin_with
from monitoring.uploading.selectors.undo import may_be_undone, undo_refusal
from monitoring.uploading.selectors.uploads import (
    changes_of,
    kinds_in_use,
    may_be_matched,
    period_of,
    service_of,
    sheets_of,
    sheets_to_choose,
    stored_kinds,
    uploads,
    waits,
    warnings_by_kind,
)
from monitoring.uploading.selectors.warned_lines import WarnedLine, name_lines
from monitoring.uploading.services import uploads as services
from monitoring.uploading.views.frame import upload_address, year_context

if TYPE_CHECKING:
    from council_finance.accounts.models import User
    from monitoring.structure.models import Period
    from monitoring.uploading.models import Upload

_SHOWN = 100
_LONG_ID = 19
"""So many digits no row's number has."""


def columns(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Match the columns of a file that was refused, and check the kept file again."""
    require(may_upload_files(current_user(request)))
    upload = get_object_or_404(uploads(), pk=pk)
    period, kind = period_of(upload), kind_of(upload)
    require(may_upload_kind(current_user(request), kind))
    found = upload.headings
    if found is None or not may_be_matched(upload):
        raise Http404
    base = layout_to_begin_with(upload)
    form = ColumnsForm(kind, found, base, sheets_of(upload), request.POST or None)
    status = 200 if not form.is_bound or form.is_valid() else 422
    if form.is_bound and status == 200:
        try:
            return redirect("upload", _match_columns(request, upload, form).pk)
        except Refused as refused:
            status = 409
            for message in refused.messages:
                form.add_error("name", message)
    context = year_context(upload.year, period) | {
        "form": form,
        "upload": upload,
        "kind": kind,
        "layouts": layout_names([kind.name]),
        "base": base,
        "columns": match_rows(form),
        "groups": more_groups(form),
        "missing": describe_missing(form),
        "new_headings": new_headings(form),
        "kept_parts": describe_kept(form),
        "kept_steps": steps_that_are_kept(form),
        "heading_row": found["row"],
        "headings": form.headings.titles,
        "sample_rows": list(zip(found["rows"], found["cells"], strict=True)),
    }
    return render(request, "monitoring/upload_columns.html", context, status=status)


def _match_columns(request: LoggedInRequest, upload: Upload, form: ColumnsForm) -> Upload:
    matched = services.match_columns(
        upload=upload,
        name=form.cleaned_data["name"],
        definition=form.definition(),
        replace=form.cleaned_data["replace"],
        seen_version=_seen_version(form),
        by=current_user(request),
    )
    services.start_check(upload=matched)
    return matched


def _seen_version(form: ColumnsForm) -> int | None:
    """Return the version that the page began with, where it is saved under the same name."""
    data = form.cleaned_data
    same = form.base is not None and data["name"].strip() == form.base.name
    return data["seen_version"] if same else None


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
    user = current_user(request)
    may_bring = not why_not_upload(user, kind, upload.year, upload.scope)
    may_undo = may_bring and may_be_undone(upload)
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
        "known_columns": upload.has_known_columns,
        "against": upload.found_changes.comparison,
        "changes": changes_of(upload),
        "notes": upload.found_changes.notes,
        **(_open_questions(upload.found_changes) if waits(upload) else {}),
        "problems": upload.problems[:_SHOWN],
        "more_problems": max(0, upload.problem_count - _SHOWN),
        "warnings": _list_warnings(upload),
        "history": history_of(record),
        "history_record": record if may_see_audit(user) else "",
        "sheets": sheets_to_choose(upload) if may_upload(user) else [],
        "untold": upload.warning_count > len(upload.warnings),
        "again_url": _again_url(upload, period),
        "may_undo": may_undo,
        "undo_refusal": undo_refusal(upload, user) if may_undo else "",
        "files_to_come": _list_files_to_come(user, upload, period),
    }


def _list_files_to_come(
    user: User, upload: Upload, period: Period | None
) -> list[registry.AnyKind]:
    """Return the kinds in use, and aged debt, that a person may upload and that a month lacks.

    The ledger's kinds are left out: a month needs one of them, and has it.
    """
    if not upload.is_stored or period is None or period.number == APPROVED_BUDGET:
        return []
    # Every council has debts, and reports them less often than each month.
    wanted = kinds_in_use(upload.year) | {"aged_debt"}
    missing = wanted - stored_kinds(upload.year, period.number)
    others = [
        kind
        for kind in registry.upload_kinds()
        if kind.per_period and not kind.has_budget_lines and kind.name in missing
    ]
    return kinds_to_upload(user, others, upload.year)


def _list_warnings(upload: Upload) -> list[tuple[str, str, list[dict[str, Any]], int, int | None]]:
    """Return the first warnings of each kind: key, title, warnings, and how many more there are.

    The last item is the year's start where any warning names a line or service, else None.
    """
    kinds = warnings_by_kind(upload)
    named = iter(name_lines(upload, [each for *_, rows in kinds for each in rows[:_SHOWN]]))
    listed = []
    for key, title, rows in kinds:
        first = list(islice(named, min(len(rows), _SHOWN)))
        start = upload.year.start if any(each["line"] for each in first) else None
        listed.append((key, title, first, len(rows) - len(first), start))
    return listed


def _open_questions(changes: UploadChanges) -> dict[str, Any]:
    """Return the new codes and typed forecasts on which a person decides before storing."""
    return {
        "alike": changes.alike,
        "alike_count": len(changes.alike_codes),
        "typed": changes.typed,
        "typed_count": changes.typed_lines,
        "more_typed": changes.typed_lines - len(changes.typed),
        "to_decide": bool(changes.alike or changes.typed),
        "asked_again": changes.asked_again,
    }


def _again_url(upload: Upload, period: Period | None) -> str:
    query = ({"scope": upload.scope} if upload.scope else {}) | {"kind": upload.kind}
    return f"{upload_address(upload.year, period)}?{urlencode(query)}"


@require_safe
def problems(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Download every error and warning of an upload as a CSV file."""
    require(may_see_drafts(request.user))
    upload = get_object_or_404(uploads(), pk=pk)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="upload-{pk}-problems.csv"'
    writer = csv.writer(response)
    writer.writerow(["Kind", "Row", "Column", "Line", "Service", "Found", "What to do"])
    for kind, rows in (("error", upload.problems), ("warning", upload.warnings)):
        for row in name_lines(upload, rows):
            place = f"{row.get('sheet', '')} {row['row'] or ''}".strip()
            line: WarnedLine | None = row["line"]
            service = line.service.code if line and line.service else ""
            cells = (place, row["column"], line.code if line else "", service)
            writer.writerow([kind, *map(harmless, (*cells, row["found"], row["message"]))])
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
