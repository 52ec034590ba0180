"""The page on which people enter the activity of their services in a period."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from council_finance.accounts.current_user import current_user
from council_finance.errors import Refused
from council_finance.next_step import TO_MONTH
from monitoring.people.rights import require
from monitoring.structure.selectors.calendar import periods
from performance.activity import rights
from performance.activity.forms import SubmittedSheet, read_sheet
from performance.activity.selectors.entry import (
    EntryRow,
    cell_texts,
    cells_digest,
    describe_clash,
    entry_sheet,
)
from performance.activity.selectors.stored import figures_version, groups_within
from performance.activity.services import FiguresClashed, FiguresFaulty, save_figures
from performance.activity.views.report_pages import page_context

if TYPE_CHECKING:
    from monitoring.models import Period


def entry(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Show and save the lines of activity that a person enters in a period."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    reach = rights.entry_reach(current_user(request), period.year)
    require(bool(reach))
    groups = groups_within(period.year, reach, all_of=reach.everything)
    if request.method == "POST":
        return _save_sheet(request, period, groups)
    if period.is_published:
        messages.info(request, f"{period} is published, so its activity is no longer entered.")
        return redirect("activity", start, number)
    return _render_sheet(request, period, entry_sheet(period, groups))


def _save_sheet(request: HttpRequest, period: Period, groups: set[str]) -> HttpResponse:
    sent = read_sheet(request.POST)
    if sent.faults:
        return _render_refusal(request, period, groups, sent, FiguresFaulty(sent.faults), 422)
    try:
        changed = save_figures(
            period=period, changes=sent.changes, groups=groups, by=current_user(request)
        )
    except Refused as refused:
        return _render_refusal(request, period, groups, sent, refused, 409)
    if changed:
        lines = "1 line is" if changed == 1 else f"{changed} lines are"
        messages.success(request, f"{lines} saved.", extra_tags=TO_MONTH)
    else:
        messages.info(request, "Nothing had changed, so nothing was saved.")
    return redirect(request.get_full_path())


def _render_refusal(
    request: HttpRequest,
    period: Period,
    groups: set[str],
    sent: SubmittedSheet,
    refused: Refused,
    status: int,
) -> HttpResponse:
    """Render the sheet as stored now, with the text that the person typed in its cells."""
    period = get_object_or_404(periods(), pk=period.pk)
    faults = refused.faults if isinstance(refused, FiguresFaulty) else {}
    theirs = refused.theirs if isinstance(refused, FiguresClashed) else {}
    rows = []
    for row in entry_sheet(period, groups):
        if row.pk in sent.texts:
            seen = request.POST.get(f"seen-{row.pk}", "")
            fault = faults.get(row.pk, "")
            row = replace(row, texts=sent.texts[row.pk], fault=fault, seen=seen)
        if row.pk in theirs:
            position = theirs[row.pk]
            row = replace(
                row,
                clash=describe_clash(position),
                seen=figures_version(position),
                shown=cells_digest(cell_texts(position)),
            )
        rows.append(row)
    return _render_sheet(request, period, rows, status, refused.messages)


def _render_sheet(
    request: HttpRequest,
    period: Period,
    rows: list[EntryRow],
    status: int = 200,
    refused: tuple[str, ...] | list[str] = (),
) -> HttpResponse:
    context = page_context(request, period) | {
        "rows": rows,
        "problems": [row for row in rows if row.fault or row.clash],
        "refused": refused,
    }
    return render(request, "performance/activity/entry.html", context, status=status)
