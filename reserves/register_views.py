"""Pages on which reserves, capital receipts projects and their forecasts are entered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from council_finance.accounts.current_user import current_user
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from council_finance.next_step import TO_MONTH
from council_finance.periods import APPROVED_BUDGET, CLOSE
from monitoring.people.rights import require
from monitoring.reports.report_access import NoReport, View
from monitoring.structure.selectors.calendar import periods, years
from monitoring.structure.selectors.tree import open_service_choices
from reserves import register_services
from reserves.register_forms import NewProjectForm, NewReserveForm, ReceiptsForecastsForm
from reserves.reserve_page import open_periods
from reserves.rights import may_enter_movements
from reserves.selectors import projects_of, receipts_forecasts, reserves_of

if TYPE_CHECKING:
    from django.http import QueryDict

    from monitoring.models import FinancialYear, Period


def offer_entries(part: str) -> Callable[[View], View]:
    """Return a decorator that lets reserves or receipts be entered in a month without figures.

    `part` is "reserves" or "capital-receipts". Who may not enter them gets the view's own answer.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def offer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except NoReport as missing:
                period, user = missing.period, request.user
                enters = user.is_authenticated and may_enter_movements(user)
                if request.GET.get("version") or period.year.is_archived or not enters:
                    raise
                return _page_without_figures(request, period, part)

        return offer

    return decorate


def new_reserve(request: HttpRequest, start: int) -> HttpResponse:
    """Add a reserve to a year, with or without figures of its months."""
    year = _year_to_enter(request, start)
    form = NewReserveForm(open_service_choices(year), _posted_data(request))

    def store() -> HttpResponse:
        reserve = register_services.add_reserve(
            year=year, details=form.details, by=current_user(request)
        )
        messages.success(
            request, f"{reserve.name} is added. Enter its movements below, if it has any yet."
        )
        return redirect("reserve", start, reserve.code)

    title = f"Add a reserve to {year.label}"
    return _answer_form(request, year, form, store, title=title, button="Add reserve")


def new_project(request: HttpRequest, start: int) -> HttpResponse:
    """Add a capital receipts project to a year, with or without figures of its months."""
    year = _year_to_enter(request, start)
    form = NewProjectForm(open_service_choices(year), _posted_data(request))

    def store() -> HttpResponse:
        project = register_services.add_project(
            year=year, details=form.details, by=current_user(request)
        )
        messages.success(request, f"{project.project} is added. Next, enter its forecast.")
        following = [each for each in open_periods(year) if each.number > APPROVED_BUDGET]
        return redirect("capital-receipts", start, following[0].number if following else CLOSE)

    title = f"Add a capital receipts project to {year.label}"
    return _answer_form(request, year, form, store, title=title, button="Add project")


@require_POST
def receipts_forecasts_of(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Store the forecasts of a period's projects that were typed on its page."""
    year = _year_to_enter(request, start)
    period = get_object_or_404(periods(), year=year, number=number)
    form = forecasts_form(period, request.POST)
    if not form.is_valid():
        return _render_forecasts(request, period, form, status=422)
    try:
        changed = register_services.enter_receipts_forecasts(
            period=period, forecasts=form.forecasts, seen=form.seen, by=current_user(request)
        )
    except Refused as refused:
        return _render_forecasts(request, period, form, status=409, refused=refused.messages)
    counted = "1 forecast is" if changed == 1 else f"{changed} forecasts are"
    message = f"{counted} saved." if changed else "No forecast had changed."
    messages.success(request, message, extra_tags=TO_MONTH)
    return redirect("capital-receipts", start, number)


def forecasts_form(period: Period, data: QueryDict | None = None) -> ReceiptsForecastsForm:
    """Return the form of a period's forecasts, as they are stored or as they were sent."""
    return ReceiptsForecastsForm(projects_of(period.year), receipts_forecasts(period), data)


def _page_without_figures(request: HttpRequest, period: Period, part: str) -> HttpResponse:
    """Show what is stored of reserves or receipts, and the forms for more."""
    year = period.year
    context = _page_context(period, part) | {
        "reserves": [
            (each, each.get_kind_display(), plain_pounds(each.opening_balance_pence))
            for each in reserves_of(year)
        ],
        "projects": projects_of(year),
        "form": forecasts_form(period),
    }
    return render(request, "reserves/without_figures.html", context)


def _year_to_enter(request: HttpRequest, start: int) -> FinancialYear:
    """Return the year, where this person may enter its reserves; else answer 403."""
    year = get_object_or_404(years(), start=start)
    require(may_enter_movements(current_user(request)))
    return year


def _posted_data(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _page_context(period: Period, part: str) -> dict[str, Any]:
    return {
        "period": period,
        "year": period.year,
        "council": period.year.council,
        "part": part,
        "nav_section": "reports",
    }


def _answer_form(
    request: HttpRequest,
    year: FinancialYear,
    form: forms.Form,
    store: Callable[[], HttpResponse],
    **words: str,
) -> HttpResponse:
    """Return what `store` answers to a valid form, else the form with what is wrong with it."""
    status, refused = 200, []
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return store()
            except Refused as refusal:
                status, refused = 409, refusal.messages
    context = words | {
        "year": year,
        "council": year.council,
        "form": form,
        "refused": refused,
        "nav_section": "reports",
    }
    return render(request, "reserves/form.html", context, status=status)


def _render_forecasts(
    request: HttpRequest,
    period: Period,
    form: ReceiptsForecastsForm,
    *,
    status: int,
    refused: Sequence[str] = (),
) -> HttpResponse:
    """Render the forecasts as they were sent, with what is wrong with them."""
    context = _page_context(period, "capital-receipts") | {"form": form, "refused": refused}
    return render(request, "reserves/forecasts.html", context, status=status)
