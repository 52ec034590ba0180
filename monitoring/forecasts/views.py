"""The forecast grid of a service."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from council_finance.forms.fields import describe_bad_amount
from council_finance.forms.filters import Filter, filter_form
from council_finance.money import NotAnAmount, parse_amount
from council_finance.periods import PERIODS
from council_finance.sheets import rows_to_xlsx
from council_finance.typed_text import whole_number
from monitoring.forecasts.selectors.grid import (
    GRID_COLUMNS,
    Grid,
    figure,
    grid_workbook_rows,
    service_grid,
    signed,
)
from monitoring.forecasts.selectors.lines import find_service
from monitoring.forecasts.services import (
    Cell,
    Clash,
    ForecastChange,
    ForecastsClashed,
    ForecastsFaulty,
    SaveOutcome,
    confirm_carried,
    save_forecasts,
)
from monitoring.forecasts.sums import read_figure
from monitoring.ledger.selectors.line_names import lines_at
from monitoring.ledger.selectors.typed_forecasts import FORECAST
from monitoring.people.rights import (
    Reach,
    forecast_reach,
    may_forecast,
    may_see_draft_of,
    may_see_exempt_lines,
    may_upload,
    require,
)
from monitoring.structure.selectors.calendar import periods

if TYPE_CHECKING:
    from monitoring.structure.models import Period, Service

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def forecasts(request: LoggedInRequest, start: int, number: int, code: str) -> HttpResponse:
    """Show the lines of a service and save the forecasts that people enter."""
    if request.method == "POST":
        service = _find_service(start, number, code)
        reach = forecast_reach(request.user, service.year)
        require(service.pk in reach)
        confirms = request.POST.get("action") == "confirm"
        try:
            if confirms:
                saved = _confirm_carried(request, service, number)
            else:
                saved = _save_changes(request, service, number, reach)
        except Refused as refused:
            return _show_refusal(request, number, service, refused)
        address = reverse("forecasts", args=[start, number, code])
        return redirect(_with_query(request, address, saved=saved.changed, left=saved.left or None))
    period, service = _find_draft(request, start, number, code)
    return _render_page(request, period, service, _find_grid(request, period, service))


@require_safe
def forecasts_file(request: LoggedInRequest, start: int, number: int, code: str) -> HttpResponse:
    """Download the lines as a workbook, to be edited and uploaded again for this service."""
    period, service = _find_draft(request, start, number, code)
    rows = grid_workbook_rows(period, service, with_exempt=may_see_exempt_lines(request.user))
    content = rows_to_xlsx("forecasts", GRID_COLUMNS, rows)
    response = HttpResponse(content, content_type=XLSX)
    name = quote(f"{service.code}-{period.year.slug}-{period.number:02d}.xlsx", safe="")
    response["Content-Disposition"] = f"attachment; filename*=utf-8''{name}"
    response["Cache-Control"] = "private, no-store"
    return response


def _find_service(start: int, number: int, code: str) -> Service:
    """Return the service. Raise `Http404` where it or the period does not exist."""
    service = find_service(start, code)
    if service is None or number not in PERIODS:
        raise Http404("There is no such service.")
    return service


def _find_draft(
    request: LoggedInRequest, start: int, number: int, code: str
) -> tuple[Period, Service]:
    """Return the period and the service, where this person may see the draft; else 403 or 404."""
    service = _find_service(start, number, code)
    require(may_see_draft_of(request.user, service))
    return get_object_or_404(periods(), year=service.year, number=number), service


def _find_grid(request: LoggedInRequest, period: Period, service: Service) -> Grid:
    """Return the page of the grid that was requested. Raise `Http404` where there is no grid."""
    page = request.GET.get("page", "1")
    grid = service_grid(
        period,
        service,
        with_exempt=may_see_exempt_lines(request.user),
        text=request.GET.get("q", "").strip()[:100],
        page=whole_number(page) or 1,
    )
    if grid is None:
        raise Http404("There are no lines here to forecast.")
    return grid


def _with_query(request: LoggedInRequest, address: str, **more: object) -> str:
    """Return the address with the request's query; `more` replaces the counts of a save."""
    query = request.GET.copy()
    for name in ("saved", "left"):
        query.pop(name, None)
    query.update({name: str(value) for name, value in more.items() if value is not None})
    return f"{address}?{query.urlencode()}" if query else address


def _save_changes(
    request: LoggedInRequest, service: Service, number: int, reach: Reach
) -> SaveOutcome:
    changes, faults = _read_changes(request.POST)
    if faults:
        raise ForecastsFaulty(faults)
    return save_forecasts(
        node=service,
        number=number,
        changes=changes,
        reason=request.POST.get("reason", ""),
        by=request.user,
        with_exempt=may_see_exempt_lines(request.user),
        reach=reach,
    )


def _confirm_carried(request: LoggedInRequest, service: Service, number: int) -> SaveOutcome:
    return confirm_carried(
        node=service,
        number=number,
        by=request.user,
        with_exempt=may_see_exempt_lines(request.user),
    )


def _show_refusal(
    request: LoggedInRequest, number: int, service: Service, refused: Refused
) -> HttpResponse:
    """Show the grid again with the refusal, keeping what the person typed."""
    period = get_object_or_404(periods(), year=service.year, number=number)
    grid = _keep_sent_cells(request, _find_grid(request, period, service), refused)
    context = {"refused": refused.messages, "shared_reason": request.POST.get("reason", "")}
    return _render_page(request, period, service, grid, status=409, **context)


def _read_changes(post: QueryDict) -> tuple[list[ForecastChange], dict[Cell, str]]:
    """Return the changes that were sent, and the faults of cells that cannot be read."""
    changes: dict[int, ForecastChange] = {}
    faults: dict[Cell, str] = {}
    for name in post:
        start, _, number = name.partition("-")
        if start != "forecast" or whole_number(number, digits=18) is None:
            continue
        line, text = int(number), post.get(name, "")
        reason = post.get(f"reason-{number}", "").strip()
        seen = post.get(f"seen-{number}", "")
        try:
            held = int(seen) if seen else None
            changes[line] = ForecastChange(line, held, read_figure(text, held), reason)
        except NotAnAmount as fault:
            faults[line, FORECAST] = describe_bad_amount(text, fault)
        except ValueError:
            faults[line, FORECAST] = (
                "The page was not sent whole. Load it afresh and type the figure again."
            )
    return list(changes.values()), faults


def _keep_sent_cells(request: LoggedInRequest, grid: Grid, refused: Refused) -> Grid:
    """Return the current grid with what the person typed still in its cells."""
    faults = refused.faults if isinstance(refused, ForecastsFaulty) else {}
    clashes = refused.clashes if isinstance(refused, ForecastsClashed) else {}
    rows = []
    for row in grid.rows:
        pk = row.line.line.pk
        if _was_changed(request, pk):
            row = replace(
                row,
                sent=True,
                typed=request.POST[f"forecast-{pk}"].strip(),
                typed_reason=request.POST.get(f"reason-{pk}", ""),
                fault=faults.get((pk, FORECAST), ""),
                clash=_describe_clash(clashes[pk, FORECAST]) if (pk, FORECAST) in clashes else "",
            )
        rows.append(row)
    return replace(grid, rows=rows)


def _was_changed(request: LoggedInRequest, pk: int) -> bool:
    """Return True where the person edited the line, rather than sent back what was shown."""
    if f"forecast-{pk}" not in request.POST:
        return False
    try:
        forecast = parse_amount(request.POST[f"forecast-{pk}"])
    except NotAnAmount:
        return True
    seen = "" if forecast is None else str(forecast)
    return seen != request.POST.get(f"seen-{pk}") or bool(request.POST.get(f"reason-{pk}"))


def _describe_clash(clash: Clash) -> str:
    saved_by = f"{clash.by} saved" if clash.by else "A colleague or an upload saved"
    theirs = "no forecast" if clash.theirs is None else figure(clash.theirs)
    mine = "nothing" if clash.mine is None else figure(clash.mine)
    return f"{saved_by} {theirs} meanwhile; you typed {mine}."


def _render_page(
    request: LoggedInRequest,
    period: Period,
    service: Service,
    grid: Grid,
    status: int = 200,
    **more: object,
) -> HttpResponse:
    user, rows, totals = request.user, grid.rows, grid.totals
    is_open = not (period.is_published or period.year.is_archived)
    context = {
        "period": period,
        "year": period.year,
        "service": service,
        "council": period.year.council,
        "grid": grid,
        "rows": [row.shown for row in rows],
        "lines_at": lines_at(period),
        "total": {
            "budget": figure(totals.budget_pence),
            "forecast": figure(totals.forecast_pence),
            "variance": signed(totals.net_variance_pence),
            "movement": signed(totals.movement_pence),
        },
        "problems": [row for row in rows if row.fault or row.clash],
        "may_forecast": may_forecast(user, service) and is_open,
        "may_upload": may_upload(user) and is_open,
        "q": request.GET.get("q", ""),
        "filter": filter_form(Filter("q", "Find a line", request.GET.get("q", ""))),
        "saved": request.GET.get("saved", ""),
        "left": request.GET.get("left", ""),
        "query": _with_query(request, ""),
        "nav_section": "home",
    }
    return render(request, "monitoring/forecasts.html", context | more, status=status)
