"""Pages that adopt a plan, and that bring forward the savings which a year did not deliver."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from council_finance.accounts.current_user import current_user
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from council_finance.periods import financial_year_label
from council_finance.statements.presenting import for_page
from monitoring.models import FinancialYear
from monitoring.people.rights import may_publish, may_see_drafts, may_upload, reach_of, require
from monitoring.reports.selectors.statements import year_statement
from monitoring.reports.selectors.year_data import current_year_data
from monitoring.structure.selectors.calendar import years
from planning.plan.forms import AdoptionForm
from planning.plan.selectors.adoption import Offer, adoption_of, offer_of
from planning.plan.selectors.pressures import describe_pressures, unfunded_pressures
from planning.plan.selectors.versions import find_current_version
from planning.plan.services import adopt_version, carry_forward_savings
from planning.plan.statements.brought_forward import BROUGHT_FORWARD


@require_http_methods(["GET", "HEAD", "POST"])
def adopt(request: HttpRequest, start: int) -> HttpResponse:
    """Show the savings that adopting the plan writes into a year's register, and adopt it."""
    year = get_object_or_404(years(), start=start)
    require(may_publish(current_user(request)))
    if request.method != "POST":
        return _render_adoption(request, year, AdoptionForm())
    form = AdoptionForm(request.POST)
    if not form.is_valid():
        return _render_adoption(request, year, form, status=422)
    version = find_current_version(year)
    try:
        if version is None:
            raise Refused(f"No plan is stored for {year.label}, so there is none to adopt.")
        adoption = adopt_version(
            version=version,
            on=form.cleaned_data["adopted_on"],
            year=year.start,
            by=current_user(request),
            seen=form.cleaned_data["seen"],
        )
    except Refused as refused:
        return _render_adoption(request, year, form, refused.messages, status=409)
    total = plain_pounds(sum(row.agreed for row in adoption.written))
    text = (
        f"{adoption.version} is adopted and frozen; {len(adoption.written)} savings, {total} in "
        f"all, are in the register of {year.label}."
    )
    messages.success(request, " ".join([text, *adoption.differences]))
    return redirect("plan", start)


def _render_adoption(
    request: HttpRequest,
    year: FinancialYear,
    form: AdoptionForm,
    refused: list[str] | tuple[str, ...] = (),
    status: int = 200,
) -> HttpResponse:
    context = _page_context(year) | {
        "form": form,
        "adoption": adoption_of(year),
        "refused": refused,
    }
    return render(request, "planning/adopt.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def not_delivered(request: HttpRequest, start: int) -> HttpResponse:
    """Show what a year's savings did not deliver, and bring it forward into the next year."""
    year = get_object_or_404(years(), start=start)
    user = current_user(request)
    require(may_see_drafts(user))
    if request.method != "POST":
        return _render_offer(request, year)
    require(_may_bring_forward(request, year))
    try:
        shortfalls, differences = carry_forward_savings(
            year=start, by=user, seen=request.POST.get("seen", "")
        )
    except Refused as refused:
        return _render_offer(request, year, refused.messages, status=409)
    brought = [each for each in shortfalls if each.brought_forward > 0]
    total = plain_pounds(sum(each.brought_forward for each in brought))
    following = financial_year_label(start + 1)
    savings = "1 saving" if len(brought) == 1 else f"{len(brought):,} savings"
    text = f"{savings}, {total} in all, brought forward into {following}."
    messages.success(request, " ".join([text, *differences]))
    return redirect("savings-not-delivered", start)


def _may_bring_forward(request: HttpRequest, year: FinancialYear) -> bool:
    """Return whether a person may write into the register: as for its file, for the whole."""
    user = current_user(request)
    return may_upload(user) and reach_of(user, year).everything


def _render_offer(
    request: HttpRequest,
    year: FinancialYear,
    refused: list[str] | tuple[str, ...] = (),
    status: int = 200,
) -> HttpResponse:
    offer: Offer = offer_of(year)
    context = _page_context(year) | {
        "offer": offer,
        "statement": for_page(year_statement(current_year_data(year), BROUGHT_FORWARD)),
        "pressures": describe_pressures(unfunded_pressures(year.start)),
        "may_bring_forward": _may_bring_forward(request, year) and offer.is_open,
        "following": financial_year_label(year.start + 1),
        "refused": refused,
    }
    return render(request, "planning/not_delivered.html", context, status=status)


def _page_context(year: FinancialYear) -> dict[str, Any]:
    return {"year": year, "council": year.council, "nav_section": "home"}
