"""The forecast grid of a service."""

from dataclasses import replace
from urllib.parse import quote

from django.http import Http404, HttpResponse
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
    GridRow,
    figure,
    grid_workbook_rows,
    service_grid,
    signed,
)
from monitoring.forecasts.selectors.lines import find_service
from monitoring.forecasts.services import (
    Clash,
    Clashed,
    Faulty,
    ForecastChange,
    Saved,
    confirm_carried,
    save_forecasts,
)
from monitoring.ledger.selectors.line_names import lines_at
from monitoring.people.rights import (
    may_forecast,
    may_see_draft_of,
    may_see_exempt_lines,
    may_upload,
    require,
)
from monitoring.structure.selectors.calendar import periods

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def forecasts(request: LoggedInRequest, start: int, number: int, code: str) -> HttpResponse:
    """The lines of a service with the forecasts that people enter."""
    if request.method == "POST":
        service = _service(start, number, code)
        require(may_forecast(request.user, service))
        act = _confirm if request.POST.get("action") == "confirm" else _save
        try:
            saved = act(request, service, number)
        except Refused as refused:
            return _refused(request, number, service, refused)
        address = reverse("forecasts", args=[start, number, code])
        return redirect(_with_query(request, address, saved=saved.changed, left=saved.left or None))
    period, service = _place(request, start, number, code)
    return _page(request, period, service, _grid(request, period, service))


@require_safe
def forecasts_file(request: LoggedInRequest, start: int, number: int, code: str) -> HttpResponse:
    """The same lines as a workbook, to be edited and uploaded again for this service."""
    period, service = _place(request, start, number, code)
    rows = grid_workbook_rows(period, service, with_exempt=may_see_exempt_lines(request.user))
    content = rows_to_xlsx("forecasts", GRID_COLUMNS, rows)
    response = HttpResponse(content, content_type=XLSX)
    name = quote(f"{service.code}-{period.year.slug}-{period.number:02d}.xlsx", safe="")
    response["Content-Disposition"] = f"attachment; filename*=utf-8''{name}"
    response["Cache-Control"] = "private, no-store"
    return response


def _service(start: int, number: int, code: str):
    service = find_service(start, code)
    if service is None or number not in PERIODS:
        raise Http404("There is no such service.")
    return service


def _place(request: LoggedInRequest, start: int, number: int, code: str):
    """The period and the service, where this person may see their draft; else 403 or 404."""
    service = _service(start, number, code)
    require(may_see_draft_of(request.user, service))
    return get_object_or_404(periods(), year=service.year, number=number), service


def _grid(request: LoggedInRequest, period, service) -> Grid:
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
    query = request.GET.copy()
    for name in ("saved", "left"):
        query.pop(name, None)
    query.update({name: str(value) for name, value in more.items() if value is not None})
    return f"{address}?{query.urlencode()}" if query else address


def _save(request: LoggedInRequest, service, number: int) -> Saved:
    cells, faults = _cells(request.POST)
    if faults:
        raise Faulty(faults)
    return save_forecasts(
        service=service,
        number=number,
        changes=[
            ForecastChange(line, seen, forecast, reason)
            for line, (seen, forecast, reason) in cells.items()
        ],
        reason=request.POST.get("reason", ""),
        by=request.user,
        with_exempt=may_see_exempt_lines(request.user),
    )


def _confirm(request: LoggedInRequest, service, number: int) -> Saved:
    return confirm_carried(
        service=service,
        number=number,
        by=request.user,
        with_exempt=may_see_exempt_lines(request.user),
    )


def _refused(request: LoggedInRequest, number: int, service, refused: Refused) -> HttpResponse:
    period = get_object_or_404(periods(), year=service.year, number=number)
    grid = _with_what_was_sent(request, _grid(request, period, service), refused)
    context = {"refused": refused.messages, "shared_reason": request.POST.get("reason", "")}
    return _page(request, period, service, grid, status=409, **context)


def _cells(post) -> tuple[dict[int, tuple], dict[int, str]]:
    """What was sent, by line: seen (pence), forecast (pence), reason; and faults by line."""
    cells, faults = {}, {}
    for name, text in post.items():
        start, _, number = name.partition("-")
        if start != "forecast" or whole_number(number, digits=18) is None:
            continue
        line, reason = int(number), post.get(f"reason-{number}", "").strip()
        try:
            forecast = parse_amount(text)
            seen = post.get(f"seen-{number}", "")
            seen = int(seen) if seen else None
        except NotAnAmount as fault:
            faults[line] = describe_bad_amount(text, fault)
            forecast = seen = None
        except ValueError:
            faults[line] = "The page was not sent whole. Load it afresh and type the figure again."
            forecast = seen = None
        cells[line] = (seen, forecast, reason)
    return cells, faults


def _with_what_was_sent(request: LoggedInRequest, grid: Grid, refused: Refused) -> Grid:
    """The grid as it stands now, with what the person typed still in its cells."""
    faults = refused.faults if isinstance(refused, Faulty) else {}
    clashes = refused.clashes if isinstance(refused, Clashed) else {}
    rows = []
    for row in grid.rows:
        pk = row.line.line.pk
        if _was_changed(request, pk):
            row = replace(
                row,
                sent=True,
                typed=request.POST[f"forecast-{pk}"].strip(),
                typed_reason=request.POST.get(f"reason-{pk}", ""),
                fault=faults.get(pk, ""),
                clash=_clash_text(clashes[pk]) if pk in clashes else "",
            )
        rows.append(row)
    return replace(grid, rows=rows)


def _was_changed(request: LoggedInRequest, pk: int) -> bool:
    """Whether the person typed into the line, rather than sent back what they saw."""
    if f"forecast-{pk}" not in request.POST:
        return False
    try:
        forecast = parse_amount(request.POST[f"forecast-{pk}"])
    except NotAnAmount:
        return True
    seen = "" if forecast is None else str(forecast)
    return seen != request.POST.get(f"seen-{pk}") or bool(request.POST.get(f"reason-{pk}"))


def _clash_text(clash: Clash) -> str:
    who = f"{clash.by} saved" if clash.by else "A colleague or an upload saved"
    theirs = "no forecast" if clash.theirs is None else figure(clash.theirs)
    mine = "nothing" if clash.mine is None else figure(clash.mine)
    return f"{who} {theirs} meanwhile; you typed {mine}."


def _page(
    request: LoggedInRequest, period, service, grid: Grid, status: int = 200, **more
) -> HttpResponse:
    rows: list[GridRow] = grid.rows
    context = {
        "period": period,
        "year": period.year,
        "service": service,
        "council": period.year.council,
        "grid": grid,
        "rows": [row.shown for row in rows],
        "lines_at": lines_at(period),
        "total": {
            "budget": figure(grid.totals.budget_pence),
            "forecast": figure(grid.totals.forecast_pence),
            "variance": signed(grid.totals.net_variance_pence),
            "movement": signed(grid.totals.movement_pence),
        },
        "problems": [row for row in rows if row.fault or row.clash],
        "may_forecast": may_forecast(request.user, service) and not period.is_published,
        "may_upload": may_upload(request.user) and not period.is_published,
        "q": request.GET.get("q", ""),
        "filter": filter_form(Filter("q", "Find a line", request.GET.get("q", ""))),
        "saved": request.GET.get("saved", ""),
        "left": request.GET.get("left", ""),
        "query": _with_query(request, ""),
        "nav_section": "home",
    }
    return render(request, "monitoring/forecasts.html", context | more, status=status)
