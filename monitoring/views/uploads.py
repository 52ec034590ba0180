"""Bring figures in, and see what happened to them."""

import csv

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh

from council_finance import registry
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from monitoring.forms import UploadForm
from monitoring.rights import may_see_drafts, may_upload, require
from monitoring.selectors.layouts import layout_names
from monitoring.selectors.reports import periods, years
from monitoring.selectors.uploads import period_of, uploads
from monitoring.services import uploads as services

_SHOWN = 100


def new_for_year(request: HttpRequest, start: int) -> HttpResponse:
    """Choose a file for the whole year."""
    require(may_upload(request.user))
    return _new(request, get_object_or_404(years(), start=start), None)


def new_for_period(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Choose a file for a period."""
    require(may_upload(request.user))
    period = get_object_or_404(periods(), year__start=start, number=number)
    return _new(request, period.year, period)


def _new(request: HttpRequest, year, period) -> HttpResponse:
    kinds = [kind for kind in registry.upload_kinds() if kind.per_period == (period is not None)]
    layouts = layout_names([kind.name for kind in kinds])
    form = UploadForm(kinds, layouts, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            upload = services.receive_upload(
                kind=form.cleaned_data["kind"],
                year=year,
                period=period.number if period else None,
                content=file.read(),
                file_name=file.name,
                by=request.user,
                layout=form.cleaned_data["layout"],
            )
            services.start_check(upload=upload)
            return redirect("upload", upload.pk)
        except Refused as refused:
            for message in refused.messages:
                form.add_error("file", message)
    context = {
        "form": form,
        "year": year,
        "period": period,
        "layouts": layouts,
        "council": year.council,
        "nav_section": "home",
    }
    return render(
        request, "monitoring/upload_new.html", context, status=422 if form.errors else 200
    )


def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One upload: how far it is, what is wrong, what to do next."""
    require(may_see_drafts(request.user))
    return render(request, "monitoring/upload.html", _context(request, pk))


def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that follows a running upload; at its end the page is drawn afresh."""
    require(may_see_drafts(request.user))
    context = _context(request, pk)
    if not context["running"]:
        return HttpResponseClientRefresh()
    return render(request, "monitoring/upload_progress.html", context)


def _context(request: HttpRequest, pk: int) -> dict:
    upload = get_object_or_404(uploads(), pk=pk)
    period = period_of(upload)
    kind = registry.upload_kind(upload.kind, per_period=period is not None)
    return {
        "upload": upload,
        "kind": kind,
        "year": upload.year,
        "period": period,
        "council": upload.year.council,
        "nav_section": "home",
        "running": upload.is_running,
        "may_upload": may_upload(request.user),
        "totals": [
            (name.replace("_", " ").capitalize(), "" if pence is None else plain_pounds(pence))
            for name, pence in upload.totals.items()
        ],
        "problems": upload.problems[:_SHOWN],
        "more_problems": max(0, upload.problem_count - _SHOWN),
        "warnings": upload.warnings[:_SHOWN],
        "more_warnings": max(0, upload.warning_count - _SHOWN),
        "again_url": reverse("upload-for-period", args=[upload.year.start, period.number])
        if period
        else reverse("upload-for-year", args=[upload.year.start]),
    }


def problems(request: HttpRequest, pk: int) -> HttpResponse:
    """Every error and warning of an upload as a CSV file."""
    require(may_see_drafts(request.user))
    upload = get_object_or_404(uploads(), pk=pk)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="upload-{pk}-problems.csv"'
    writer = csv.writer(response)
    writer.writerow(["Kind", "Row", "Column", "Found", "What to do"])
    for kind, rows in (("error", upload.problems), ("warning", upload.warnings)):
        for row in rows:
            cells = [row["column"], row["found"], row["message"]]
            # A cell of the file that would run as a formula gets an apostrophe before it.
            safe = [
                f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell for cell in cells
            ]
            writer.writerow([kind, row["row"] or "", *safe])
    return response


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Store what was checked."""
    return _act(request, pk, services.confirm_upload)


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave a checked file aside."""
    return _act(request, pk, services.withdraw_upload)


@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Run a failed upload again."""
    return _act(request, pk, services.run_again)


def _act(request: HttpRequest, pk: int, service) -> HttpResponse:
    require(may_upload(request.user))
    upload = get_object_or_404(uploads(), pk=pk)
    try:
        service(upload=upload, by=request.user)
    except Refused as refused:
        context = _context(request, pk) | {"refused": refused.messages}
        return render(request, "monitoring/upload.html", context, status=409)
    return redirect("upload", pk)
