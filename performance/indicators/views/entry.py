"""The page on which officers enter the values of their indicators in a period."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from council_finance.accounts.current_user import current_user
from council_finance.errors import Refused
from council_finance.next_step import TO_MONTH
from monitoring.people.rights import Reach, require
from monitoring.reports.selectors.report_data import draft_data
from monitoring.structure.council_settings import read_settings
from monitoring.structure.selectors.calendar import periods
from performance.indicators import rights
from performance.indicators.forms import SubmittedSheet, read_sheet
from performance.indicators.selectors.entry import entry_sheet
from performance.indicators.selectors.register import register
from performance.indicators.services import ValuesFaulty, carry_indicators, save_values
from performance.indicators.views.report_pages import page_context

if TYPE_CHECKING:
    from monitoring.models import Period


def entry(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Show and save the indicators that a person maintains in a period."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    reach = rights.maintained_services(current_user(request), period.year)
    require(bool(reach))
    if request.method != "POST":
        if period.is_published:
            messages.info(request, f"{period} is published, so its values are no longer entered.")
            return redirect("indicators", start, number)
        return _render_sheet(request, period, reach)
    if request.POST.get("action") == "copy":
        require(reach.everything)
        return _copy_last_year(request, period, reach)
    return _save_sheet(request, period, reach)


def _save_sheet(request: HttpRequest, period: Period, reach: Reach) -> HttpResponse:
    sent = read_sheet(request.POST, read_settings(period.year.settings))
    if sent.faults:
        refused = ValuesFaulty(sent.faults)
        return _render_sheet(request, period, reach, sent=sent, refused=refused, status=422)
    try:
        changed = save_values(
            period=period, changes=sent.changes, within=reach, by=current_user(request)
        )
    except Refused as refused:
        return _render_sheet(request, period, reach, sent=sent, refused=refused, status=409)
    if changed:
        indicators = "1 indicator is" if changed == 1 else f"{changed} indicators are"
        messages.success(request, f"{indicators} saved.", extra_tags=TO_MONTH)
    else:
        messages.info(request, "Nothing had changed, so nothing was saved.")
    return redirect(request.get_full_path())


def _copy_last_year(request: HttpRequest, period: Period, reach: Reach) -> HttpResponse:
    try:
        copied = carry_indicators(year=period.year, by=current_user(request))
    except Refused as refused:
        return _render_sheet(request, period, reach, refused=refused, status=409)
    messages.success(request, f"{copied} indicators were copied from the year before.")
    return redirect(request.get_full_path())


def _render_sheet(
    request: HttpRequest,
    period: Period,
    reach: Reach,
    *,
    sent: SubmittedSheet | None = None,
    refused: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the sheet as stored now, with what the person typed in its cells."""
    period = get_object_or_404(periods(), pk=period.pk)
    sheet = entry_sheet(period, draft_data(period), reach)
    faults = refused.faults if isinstance(refused, ValuesFaulty) else {}
    typed = sent.texts if sent else {}
    rows = [
        replace(row, texts=typed.get(row.pk, row.texts), fault=faults.get(row.pk, ""))
        for row in sheet.rows
    ]
    context: dict[str, Any] = page_context(request, period) | {
        "sheet": replace(sheet, rows=rows),
        "problems": [row for row in rows if row.fault],
        "refused": refused.messages if refused else [],
        "has_indicators": bool(register(period.year)),
        "may_copy": reach.everything,
    }
    return render(request, "performance/indicators/entry.html", context, status=status)
