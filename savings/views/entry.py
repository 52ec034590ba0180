"""The page on which officers enter the positions of their savings in a period."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from council_finance.accounts.current_user import current_user
from council_finance.errors import Refused
from council_finance.forms.filters import Filter, filter_form
from council_finance.next_step import TO_MONTH
from monitoring.people.rights import Reach, require
from monitoring.structure.council_settings import read_settings
from monitoring.structure.selectors.calendar import periods
from savings import rights
from savings.forms import SubmittedSheet, read_sheet
from savings.selectors.entry import (
    EntrySheet,
    cell_texts,
    cells_digest,
    describe_clash,
    entry_sheet,
)
from savings.selectors.register import position_version
from savings.services.positions import (
    PositionsClashed,
    PositionsFaulty,
    carry_positions,
    save_positions,
)
from savings.views.report_pages import page_context

if TYPE_CHECKING:
    from monitoring.models import Period


def entry(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Show and save the savings that a person maintains in a period."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    reach = rights.maintained_services(current_user(request), period.year)
    require(bool(reach))
    if request.method != "POST":
        if period.is_published:
            messages.info(request, f"{period} is published, so its savings are no longer entered.")
            return redirect("savings", start, number)
        return _render_sheet(request, period, entry_sheet(period, reach, _search_text(request)))
    if request.POST.get("action") == "carry":
        return _carry_forward(request, period, reach)
    return _save_sheet(request, period, reach)


def _search_text(request: HttpRequest) -> str:
    return request.GET.get("text", "").strip()[:100]


def _save_sheet(request: HttpRequest, period: Period, reach: Reach) -> HttpResponse:
    sent = read_sheet(request.POST, read_settings(period.year.settings))
    if sent.faults:
        refused = PositionsFaulty(sent.faults)
        return _render_refusal(request, period, reach, sent, refused, status=422)
    try:
        changed = save_positions(
            period=period, changes=sent.changes, within=reach, by=current_user(request)
        )
    except Refused as refused:
        return _render_refusal(request, period, reach, sent, refused)
    return _confirm_count(request, changed, "saved", "Nothing had changed, so nothing was saved.")


def _carry_forward(request: HttpRequest, period: Period, reach: Reach) -> HttpResponse:
    try:
        carried = carry_positions(period=period, within=reach, by=current_user(request))
    except Refused as refused:
        return _render_refusal(request, period, reach, SubmittedSheet(), refused)
    nothing = "Every saving has figures of its own, so none was carried on."
    return _confirm_count(request, carried, "carried on from an earlier month", nothing)


def _confirm_count(request: HttpRequest, count: int, done: str, nothing: str) -> HttpResponse:
    if count:
        savings = "1 saving is" if count == 1 else f"{count} savings are"
        messages.success(request, f"{savings} {done}.", extra_tags=TO_MONTH)
    else:
        messages.info(request, nothing)
    return redirect(request.get_full_path())


def _render_refusal(
    request: HttpRequest,
    period: Period,
    reach: Reach,
    sent: SubmittedSheet,
    refused: Refused,
    status: int = 409,
) -> HttpResponse:
    """Render the sheet as stored now, with the text that the person typed in its cells."""
    period = get_object_or_404(periods(), pk=period.pk)
    sheet = entry_sheet(period, reach, _search_text(request))
    faults = refused.faults if isinstance(refused, PositionsFaulty) else {}
    theirs = refused.theirs if isinstance(refused, PositionsClashed) else {}
    settings = read_settings(period.year.settings)
    rows = []
    for row in sheet.rows:
        if row.pk in sent.texts:
            row = replace(row, texts=sent.texts[row.pk], fault=faults.get(row.pk, ""))
        if row.pk in theirs:
            position = theirs[row.pk]
            row = replace(
                row,
                clash=describe_clash(position, settings),
                seen=position_version(position),
                shown=cells_digest(cell_texts(position, settings)),
            )
        elif row.pk in sent.texts:
            row = replace(row, seen=request.POST.get(f"seen-{row.pk}", ""))
        rows.append(row)
    sheet = replace(sheet, rows=rows)
    return _render_sheet(request, period, sheet, status=status, refused=refused.messages)


def _render_sheet(
    request: HttpRequest, period: Period, sheet: EntrySheet, status: int = 200, **more: Any
) -> HttpResponse:
    context = page_context(request, period) | {
        "sheet": sheet,
        "text": _search_text(request),
        "filter": filter_form(Filter("text", "Find a saving", _search_text(request))),
        "problems": [row for row in sheet.rows if row.fault or row.clash],
        "query": request.GET.urlencode(),
    }
    return render(request, "savings/entry.html", context | more, status=status)
