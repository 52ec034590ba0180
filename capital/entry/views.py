"""Pages on which schemes are forecast, and borrowing is set to balance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from capital.entry import services
from capital.entry.forms import (
    MONTHS,
    QUARTERS,
    ForecastForm,
    ReasonForms,
    SpendByForm,
    forecast_fields,
    part_labels,
    reason_fields,
)
from capital.entry.rights import (
    approves_changes,
    balances_funding,
    forecasts_scheme,
    scheme_reach,
    schemes_in_reach,
)
from capital.entry.selectors import (
    budgets_of,
    budgets_of_schemes,
    count_forecasts,
    forecast_digest,
    funding_balances,
    parts_of,
    position_of,
    reasons_in,
    without_forecast,
)
from capital.models import CapitalScheme, FundingSource
from capital.scheme_list import SCHEMES_A_PAGE, in_file_order, matching_schemes
from capital.selectors import funding_of, positions_of_schemes
from council_finance.accounts.current_user import current_user
from council_finance.errors import Refused
from council_finance.forms.filters import Filter, filter_form
from council_finance.money import plain_pounds
from council_finance.next_step import TO_MONTH
from council_finance.periods import long_date
from monitoring.people.rights import require
from monitoring.structure.selectors.calendar import periods

if TYPE_CHECKING:
    from capital.models import SchemePosition
    from monitoring.models import Period

SEARCH_LENGTH = 100
MISSING = "missing"
"""The choice of the schemes that have no forecast."""
_COLUMN_WORDS = {
    "original": "Original budget",
    "budget": "Revised budget",
    "forecast": "Forecast",
}


def find_period(start: int, number: int) -> Period:
    """Return the period of an address, or answer 404."""
    period: Period = get_object_or_404(periods(), year__start=start, number=number)
    return period


def page_context(period: Period) -> dict[str, Any]:
    """Return what every page of entry shows of its period."""
    return {
        "period": period,
        "year": period.year,
        "council": period.year.council,
        "nav_section": "reports",
    }


def in_pounds(pence: int | None) -> str:
    """Return an amount in pounds; a dash where it is not given."""
    return "–" if pence is None else plain_pounds(pence)


@dataclass(frozen=True)
class EntryRow:
    """A scheme that a person forecasts, with what is stored of it in pounds."""

    scheme: CapitalScheme
    budget: str
    forecast: str
    total_forecast: str
    is_forecast: bool


@require_safe
def entry(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """List the schemes that a person forecasts, and whether funding equals expenditure."""
    period, user = find_period(start, number), current_user(request)
    reach = scheme_reach(user, period.year)
    require(bool(reach))
    own = schemes_in_reach(reach, period.year)
    typed, state = request.GET.get("q", "")[:SEARCH_LENGTH].strip(), request.GET.get("state", "")
    shown = without_forecast(own, period) if state == MISSING else own
    shown = matching_schemes(shown, typed.casefold().split())
    page = Paginator(in_file_order(shown), SCHEMES_A_PAGE).get_page(request.GET.get("page"))
    filtered = bool(typed or state == MISSING)
    count = own.count() if filtered else page.paginator.count
    context = page_context(period) | {
        "page": page,
        "rows": _entry_rows(list(page.object_list), period),
        "filter": filter_form(
            Filter("q", "Find a scheme", typed),
            Filter("state", "State", state, [("", "All"), (MISSING, "No forecast")]),
        ),
        "filtered": filtered,
        "kept": urlencode({k: v for k, v in (("q", typed), ("state", state)) if v}),
        "count": count,
        "missing": count - count_forecasts(reach, period),
        "funding": _funding_rows(period) if balances_funding(user) else [],
        "sources": _source_rows(period) if balances_funding(user) else [],
        "may_approve": approves_changes(user),
    }
    return render(request, "capital/entry/list.html", context)


def _is_forecast(position: SchemePosition | None) -> bool:
    return position is not None and position.forecast_pence is not None


def _entry_rows(schemes: Sequence[CapitalScheme], period: Period) -> list[EntryRow]:
    stored = positions_of_schemes(period, schemes)
    budgets = budgets_of_schemes(schemes, period)
    return [
        EntryRow(
            scheme,
            in_pounds(budgets[scheme.pk].this_year),
            in_pounds(position.forecast_pence if position else None),
            in_pounds(position.total_forecast_pence if position else None),
            _is_forecast(position),
        )
        for scheme in schemes
        for position in [stored.get(scheme.pk)]
    ]


def _funding_rows(period: Period) -> list[tuple[str, str, str, str]]:
    """Return column, expenditure, funding and difference in pounds."""
    return [
        (
            _COLUMN_WORDS[each.column],
            in_pounds(each.expenditure),
            in_pounds(each.funding),
            in_pounds(each.shortfall) if each.is_whole else "cannot be compared",
        )
        for each in funding_balances(period)
    ]


def _source_rows(period: Period) -> list[tuple[FundingSource, str, str]]:
    """Return each source with its original funding in pounds, and its last day."""
    return [
        (each, in_pounds(each.original_pence), long_date(each.spend_by) if each.spend_by else "–")
        for each in funding_of(period.year)
    ]


@require_POST
def balance(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Set borrowing so that the funding of a period equals its expenditure."""
    period, user = find_period(start, number), current_user(request)
    require(balances_funding(user))
    try:
        changed = services.balance_borrowing(period=period, by=user)
    except Refused as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        parts = [
            f"{_COLUMN_WORDS[column].lower()} by {plain_pounds(pence)}"
            for column, pence in changed.items()
        ]
        text = f"Borrowing has changed: {', '.join(parts)}." if parts else "Funding balances."
        messages.success(request, text)
    return redirect("capital-entry", start, number)


def spend_by(request: HttpRequest, start: int, number: int, reference: str) -> HttpResponse:
    """Show and store the last day on which a source's money may be spent."""
    period, user = find_period(start, number), current_user(request)
    require(balances_funding(user))
    source = get_object_or_404(FundingSource, year=period.year_id, reference=reference)
    if period.is_published:
        messages.info(request, f"{period} is published, so its funding is no longer entered.")
        return redirect("capital-entry", start, number)
    stored = {"spend_by": source.spend_by, "seen": services.iso_day(source.spend_by)}
    if request.method != "POST":
        return _render_spend_by(request, period, source, SpendByForm(initial=stored))
    form = SpendByForm(request.POST)
    if not form.is_valid():
        return _render_spend_by(request, period, source, form, status=422)
    day, seen = form.cleaned_data["spend_by"], form.cleaned_data["seen"]
    try:
        services.set_spend_by(period=period, source=source, day=day, seen=seen, by=user)
    except Refused as refused:
        form = SpendByForm({**request.POST.dict(), "seen": stored["seen"]})
        return _render_spend_by(request, period, source, form, refused.messages, status=409)
    messages.success(request, f"{source.name} is saved.")
    return redirect("capital-entry", start, number)


def _render_spend_by(
    request: HttpRequest,
    period: Period,
    source: FundingSource,
    form: SpendByForm,
    refused: Sequence[str] = (),
    status: int = 200,
) -> HttpResponse:
    context = page_context(period) | {"source": source, "form": form, "refused": refused}
    return render(request, "capital/entry/spend_by.html", context, status=status)


def forecast(request: HttpRequest, start: int, number: int, reference: str) -> HttpResponse:
    """Show and store the forecast of a scheme in a period, with the reasons of its variance."""
    period = find_period(start, number)
    scheme = _find_scheme(period, reference)
    require(forecasts_scheme(scheme_reach(current_user(request), period.year), scheme))
    if period.is_published:
        messages.info(request, f"{period} is published, so its schemes are no longer forecast.")
        return redirect("capital-entry", start, number)
    parts = parts_of(scheme, period)
    labels = part_labels(start, _division_of(request, parts))
    if request.method != "POST":
        seen = forecast_digest(scheme, period)
        shown = {key: pence for key, pence in parts.items() if key in labels}
        initial = forecast_fields(position_of(scheme, period), shown, seen)
        form = ForecastForm(labels, initial=initial)
        reasons = ReasonForms(initial=reason_fields(reasons_in(scheme, period)))
        return _render_forecast(request, period, scheme, form, reasons)
    form, reasons = ForecastForm(labels, request.POST), ReasonForms(request.POST)
    if not (form.is_valid() and reasons.is_valid()):
        return _render_forecast(request, period, scheme, form, reasons, status=422)
    given = [each.details for each in reasons.forms if each.is_given]
    try:
        services.enter_forecast(
            period=period,
            scheme=scheme,
            details=form.details(given),
            seen=form.cleaned_data["seen"],
            by=current_user(request),
        )
    except Refused as refused:
        typed = {**request.POST.dict(), "seen": forecast_digest(scheme, period)}
        form = ForecastForm(labels, typed)
        return _render_forecast(request, period, scheme, form, reasons, refused.messages, 409)
    messages.success(request, f"{scheme.name} is saved.", extra_tags=TO_MONTH)
    return redirect("capital-entry", start, number)


def _division_of(request: HttpRequest, parts: Mapping[tuple[str, int], int]) -> str:
    """Return whether the forecast is divided by month or by quarter: as asked, else as stored."""
    asked = request.GET.get("by", "")
    if asked in (MONTHS, QUARTERS):
        return asked
    return MONTHS if any(kind == MONTHS for kind, _ in parts) else QUARTERS


def _find_scheme(period: Period, reference: str) -> CapitalScheme:
    schemes = CapitalScheme.objects.select_related("service")
    return get_object_or_404(schemes, year=period.year_id, reference=reference)


def _render_forecast(
    request: HttpRequest,
    period: Period,
    scheme: CapitalScheme,
    form: ForecastForm,
    reasons: Any,
    refused: Sequence[str] = (),
    status: int = 200,
) -> HttpResponse:
    budgets, stored = budgets_of(scheme, period), position_of(scheme, period)
    named = sum(each.amount_pence or 0 for each in reasons_in(scheme, period))
    variance = None
    if stored is not None and stored.forecast_pence is not None and budgets.this_year is not None:
        variance = stored.forecast_pence - budgets.this_year
    by_month = any(kind == MONTHS for kind, _ in form.parts.values())
    context = page_context(period) | {
        "scheme": scheme,
        "form": form,
        "reasons": reasons,
        "refused": refused,
        "invalid": [form, *reasons.forms],
        "budget": in_pounds(budgets.this_year),
        "total_budget": in_pounds(budgets.whole),
        "prior_years": in_pounds(scheme.prior_years_pence),
        "variance": in_pounds(variance),
        "unexplained": in_pounds(None if variance is None else variance - named),
        "by_month": by_month,
    }
    return render(request, "capital/entry/forecast.html", context, status=status)
