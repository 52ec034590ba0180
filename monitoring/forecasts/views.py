"""The forecast grid of a service, a directorate or the whole council."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from council_finance.one_reading import one_reading
from council_finance.periods import PERIODS
from council_finance.typed_text import whole_number
from monitoring.forecasts.bulk_acts import FILLS, fill_cells
from monitoring.forecasts.changes import ForecastsFaulty
from monitoring.forecasts.entered_cells import (
    SentCells,
    SentLine,
    kept_cells,
    mark_refused,
    read_cells,
)
from monitoring.forecasts.page_context import find_problems, head_context, lines_context
from monitoring.forecasts.page_parts import respond
from monitoring.forecasts.returned_workbook import MOST_BYTES, read_workbook
from monitoring.forecasts.selectors.area import Area, find_area
from monitoring.forecasts.selectors.grid import Grid, node_grid
from monitoring.forecasts.selectors.grid_choice import COLUMNS, SHOWN, SORTS, GridChoice
from monitoring.forecasts.selectors.lines import find_service
from monitoring.forecasts.services import SaveOutcome, save_and_confirm_rest, save_forecasts
from monitoring.forecasts.workbook import grid_workbook
from monitoring.people.rights import (
    Reach,
    draft_reach,
    forecast_reach,
    may_see_exempt_lines,
    require,
)
from monitoring.structure.selectors.calendar import period_or_404

if TYPE_CHECKING:
    from monitoring.structure.models import Period, Service

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MOST_SENT_WHOLE = 300
"""The most lines of a page that is sent in one piece."""

_COLUMNS_OF_PERSON = "forecast_columns"
"""The key of a session under which the columns are that its person chose last."""


def forecasts(request: LoggedInRequest, start: int, number: int, code: str) -> HttpResponseBase:
    """Show the lines of a row of the tree and save the figures that people enter."""
    node = _find_node(start, number, code)
    if request.method == "POST":
        return _take_entries(request, node, number)
    period, area = _find_area(request, node, number)
    return _render_page(request, period, area)


@require_safe
def forecasts_file(request: LoggedInRequest, start: int, number: int, code: str) -> HttpResponse:
    """Download the lines as a workbook, to be edited and uploaded again on the same page."""
    period, area = _find_area(request, _find_node(start, number, code), number)
    content = grid_workbook(period, area, with_exempt=may_see_exempt_lines(request.user))
    response = HttpResponse(content, content_type=XLSX)
    name = quote(f"{code}-{period.year.slug}-{period.number:02d}.xlsx", safe="")
    response["Content-Disposition"] = f"attachment; filename*=utf-8''{name}"
    response["Cache-Control"] = "private, no-store"
    return response


def _find_node(start: int, number: int, code: str) -> Service:
    """Return the row of the tree. Raise `Http404` where it or the period does not exist."""
    node = find_service(start, code)
    if node is None or number not in PERIODS:
        raise Http404("There is no such service.")
    return node


def _find_area(request: LoggedInRequest, node: Service, number: int) -> tuple[Period, Area]:
    """Return the period and what this person sees of a row of the tree; else 403 or 404."""
    sees = draft_reach(request.user, node.year)
    require(bool(sees))
    period = period_or_404(node.year.start, number)
    area = find_area(period, node, sees=sees, forecasts=forecast_reach(request.user, node.year))
    if area is None:
        require(node.pk in sees)
        raise Http404("There are no lines here to forecast.")
    require(bool(area.sections))
    return period, area


def _find_grid(request: LoggedInRequest, period: Period, area: Area) -> Grid:
    """Return the page of the grid that was requested."""
    with_exempt = may_see_exempt_lines(request.user)
    return node_grid(period, area, _read_choice(request), with_exempt=with_exempt)


def _read_choice(request: LoggedInRequest) -> GridChoice:
    """Return the lines and columns that the address names; columns are kept for the next page."""
    asked = request.GET
    columns = [name for name in asked.getlist("column") if name in COLUMNS]
    if columns:
        request.session[_COLUMNS_OF_PERSON] = columns
    elif "column" in asked:
        request.session.pop(_COLUMNS_OF_PERSON, None)
    show, sort = asked.get("show", ""), asked.get("sort", "")
    return GridChoice(
        text=asked.get("q", "").strip()[:100],
        show=show if show in SHOWN else "",
        sort=sort if sort in SORTS else "",
        page=whole_number(asked.get("page", "1")) or 1,
        columns=columns or request.session.get(_COLUMNS_OF_PERSON),
    )


def _with_query(request: LoggedInRequest, address: str, **more: object) -> str:
    """Return the address with the request's query; `more` replaces the counts of a save."""
    query = request.GET.copy()
    for name in ("saved", "left"):
        query.pop(name, None)
    query.update({name: str(value) for name, value in more.items() if value is not None})
    return f"{address}?{query.urlencode()}" if query else address


def _take_entries(request: LoggedInRequest, node: Service, number: int) -> HttpResponseBase:
    """Save what was sent, or show it again: refused, or with more cells filled."""
    reach = forecast_reach(request.user, node.year)
    require(bool(reach))
    if request.POST.get("action") == "workbook":
        return _show_returned(request, node, number)
    sent = read_cells(request.POST)
    if request.POST.get("action") in FILLS:
        return _show_filled(request, node, number, sent)
    try:
        saved = _save_cells(request, node, number, sent, reach)
    except Refused as refused:
        return _show_refusal(request, node, number, sent, refused)
    address = reverse("forecasts", args=[node.year.start, number, node.code])
    return redirect(_with_query(request, address, saved=saved.changed, left=saved.left or None))


def _save_cells(
    request: LoggedInRequest, node: Service, number: int, sent: SentCells, reach: Reach
) -> SaveOutcome:
    """Save the changes that were sent. Raise `Refused` where some cannot be taken."""
    if node.pk not in reach:
        _, area = _find_area(request, node, number)
        require(area.takes_forecasts)
    if sent.faults:
        raise ForecastsFaulty(dict(sent.faults))
    entered: dict[str, Any] = {
        "node": node,
        "number": number,
        "changes": sent.changes,
        "reason": request.POST.get("reason", ""),
        "by": request.user,
        "with_exempt": may_see_exempt_lines(request.user),
        "reach": reach,
        "shown": request.POST.getlist("shown"),
    }
    if request.POST.get("action") == "confirm":
        return save_and_confirm_rest(**entered, lines=_lines_to_confirm(request, node, number))
    return save_forecasts(**entered)


def _lines_to_confirm(request: LoggedInRequest, node: Service, number: int) -> list[int] | None:
    """Return the lines that are ticked, or shown where others are not; None for all."""
    if ticked := _ticked_lines(request):
        return sorted(ticked)
    period, area = _find_area(request, node, number)
    grid = _find_grid(request, period, area)
    is_all = grid.pages == 1 and not _read_choice(request).narrows
    return None if is_all else [line.line.pk for line in grid.lines]


def _ticked_lines(request: LoggedInRequest) -> set[int]:
    numbers = (whole_number(text, digits=18) for text in request.POST.getlist("tick"))
    return {number for number in numbers if number is not None}


def _show_refusal(
    request: LoggedInRequest, node: Service, number: int, sent: SentCells, refused: Refused
) -> HttpResponseBase:
    """Show the grid again with the refusal, keeping what the person typed."""
    period, area = _find_area(request, node, number)
    grid = _find_grid(request, period, area)
    kept = kept_cells(request.POST, sent, grid.section_of)
    mark_refused(kept, refused)
    return _render_page(
        request, period, area, grid=grid, kept=kept, status=409, refused=refused.messages
    )


def _show_filled(
    request: LoggedInRequest, node: Service, number: int, sent: SentCells
) -> HttpResponseBase:
    """Show the grid again with cells filled as the person chose; nothing is saved."""
    period, area = _find_area(request, node, number)
    require(area.takes_forecasts)
    grid = _find_grid(request, period, area)
    kept = kept_cells(request.POST, sent, grid.section_of)
    filled = fill_cells(request.POST["action"], grid, _ticked_lines(request), kept)
    return _render_page(request, period, area, grid=grid, kept=kept, filled=filled)


def _show_returned(request: LoggedInRequest, node: Service, number: int) -> HttpResponseBase:
    """Show the grid with what was edited in the workbook that came back; nothing is saved."""
    period, area = _find_area(request, node, number)
    require(area.takes_forecasts)
    with_exempt = may_see_exempt_lines(request.user)
    grid = node_grid(period, area, GridChoice(), with_exempt=with_exempt)
    file = request.FILES.get("workbook")
    try:
        if file is None:
            raise Refused("Choose the workbook that you downloaded here.")
        returned = read_workbook(file.read(MOST_BYTES + 1), grid)
    except Refused as refused:
        context: dict[str, Any] = {
            "refused": refused.messages,
            "refused_title": "The workbook was not read",
        }
        return _render_page(request, period, area, grid=grid, status=409, **context)
    return _render_page(request, period, area, grid=grid, kept=returned.kept, returned=returned)


def _render_page(
    request: LoggedInRequest,
    period: Period,
    area: Area,
    *,
    grid: Grid | None = None,
    kept: Mapping[int, SentLine] | None = None,
    status: int = 200,
    **more: object,
) -> HttpResponseBase:
    """Return the page with a grid; without one, read it when the head of a long page is sent."""
    choice, kept = _read_choice(request), kept or {}
    head = head_context(request.user, period, area) | {
        "saved": request.GET.get("saved", ""),
        "left": request.GET.get("left", ""),
        "query": _with_query(request, ""),
        "shared_reason": request.POST.get("reason", ""),
        "problems": list(find_problems(grid, kept)) if grid else [],
        **more,
    }

    def draw_lines() -> Iterator[bytes]:
        with one_reading():  # that of the request has ended where the head has been sent
            found = grid or _find_grid(request, period, area)
            context = lines_context(head, found, kept, choice, _ticked_lines(request))
            lines = render_to_string("monitoring/forecasts_lines.html", context, request)
        yield from context["rows"].fill(lines)

    whole = grid is not None or area.line_count <= _MOST_SENT_WHOLE
    page = "monitoring/forecasts.html"
    return respond(request, page, head, draw_lines, status=status, whole=whole)
