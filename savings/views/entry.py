"""The sheet on which officers say what becomes of their savings in a period."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from council_finance.errors import Refused
from monitoring.council_settings import read_settings
from monitoring.rights import require
from monitoring.selectors.reports import periods
from savings import rights
from savings.forms import Sent, read_sheet
from savings.selectors.entry import EntryRow, Sheet, cell_texts, mark_of, sheet
from savings.selectors.register import position_version
from savings.services.positions import (
    PositionsClashed,
    PositionsFaulty,
    carry_positions,
    save_positions,
)
from savings.views.reading import frame


def entry(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """The savings that a person keeps, with what they say of them in the period."""
    period = get_object_or_404(periods(), year__start=start, number=number)
    reach = rights.keeping(request.user, period.year)
    require(bool(reach))
    if request.method != "POST":
        if period.is_published:
            messages.info(request, f"{period} is published, so its savings are no longer entered.")
            return redirect("savings", start, number)
        return _page(request, period, sheet(period, reach, _text(request)))
    if request.POST.get("action") == "carry":
        return _carry(request, period, reach)
    return _save(request, period, reach)


def _text(request: HttpRequest) -> str:
    return request.GET.get("text", "").strip()[:100]


def _save(request: HttpRequest, period, reach) -> HttpResponse:
    sent = read_sheet(request.POST, read_settings(period.year.settings))
    if sent.faults:
        return _refused(request, period, reach, sent, PositionsFaulty(sent.faults), status=422)
    try:
        changed = save_positions(period=period, changes=sent.changes, within=reach, by=request.user)
    except Refused as refused:
        return _refused(request, period, reach, sent, refused)
    return _done(request, changed, "saved", "Nothing had changed, so nothing was saved.")


def _carry(request: HttpRequest, period, reach) -> HttpResponse:
    try:
        carried = carry_positions(period=period, within=reach, by=request.user)
    except Refused as refused:
        return _refused(request, period, reach, Sent([], {}, {}), refused)
    nothing = "Every saving has figures of its own, so none was carried on."
    return _done(request, carried, "carried on from an earlier month", nothing)


def _done(request: HttpRequest, count: int, done: str, nothing: str) -> HttpResponse:
    if count:
        savings = "1 saving is" if count == 1 else f"{count} savings are"
        messages.success(request, f"{savings} {done}.")
    else:
        messages.info(request, nothing)
    return redirect(request.get_full_path())


def _refused(
    request: HttpRequest, period, reach, sent: Sent, refused: Refused, status: int = 409
) -> HttpResponse:
    """The sheet as it stands now, with what the person typed still in its cells."""
    period = get_object_or_404(periods(), pk=period.pk)
    found = sheet(period, reach, _text(request))
    faults = refused.faults if isinstance(refused, PositionsFaulty) else {}
    theirs = refused.theirs if isinstance(refused, PositionsClashed) else {}
    settings = read_settings(period.year.settings)
    rows = []
    for row in found.rows:
        if row.pk in sent.texts:
            row = replace(row, texts=sent.texts[row.pk], fault=faults.get(row.pk, ""))
        if row.pk in theirs:
            position = theirs[row.pk]
            standing = cell_texts(position, settings)
            clash = _clash_text(position, standing)
            seen = position_version(position)
            row = replace(row, clash=clash, seen=seen, shown=mark_of(standing))
        elif row.pk in sent.texts:
            row = replace(row, seen=request.POST.get(f"seen-{row.pk}", ""))
        rows.append(row)
    found = replace(found, rows=rows)
    return _page(request, period, found, status=status, refused=refused.messages)


def _clash_text(position, standing: dict[str, str]) -> str:
    """Who saved what meanwhile."""
    if position is None:
        return "A colleague or a file took back what stood here meanwhile."
    who = position.written_by.name if position.written_by else "A file"
    labels = {"forecast": "forecast", "delivered": "delivered", "status": "status"}
    told = [f"{label} {standing[cell]}" for cell, label in labels.items() if standing.get(cell)]
    return f"{who} saved meanwhile: {', '.join(told) or 'no figures'}."


def _page(request: HttpRequest, period, found: Sheet, status: int = 200, **more) -> HttpResponse:
    rows: list[EntryRow] = found.rows
    context = frame(request, period) | {
        "sheet": found,
        "text": _text(request),
        "problems": [row for row in rows if row.fault or row.clash],
        "query": request.GET.urlencode(),
    }
    return render(request, "savings/entry.html", context | more, status=status)
