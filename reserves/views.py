"""Pages of reserves and capital receipts, and the page of one reserve with its forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from council_finance.accounts.current_user import current_user
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from council_finance.next_step import TO_MONTH
from council_finance.statements.presenting import PageStatement, for_page
from monitoring.audit.selectors.audit_trail import history_of
from monitoring.people.rights import may_see_audit, may_see_drafts, may_see_exempt_lines, require
from monitoring.reports.report_access import (
    explain_missing_report,
    frame,
    keep_for_readers,
    keep_published,
    kept_as_published,
    report_for,
)
from monitoring.reports.selectors.node_lines import exempt_cost_centres
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.statements import statement, statement_titles
from monitoring.structure.selectors.calendar import periods, years
from reserves import overview as reserves_overview
from reserves import reserve_page, services
from reserves.carry_forward_view import carry_forward_address
from reserves.forms import DeficitForm, MovementForm, TransferForm
from reserves.movements_review import review_of_movements
from reserves.receipts_comparison import ReceiptsComparison, compare_with_annex_a
from reserves.register_views import forecasts_form, offer_entries
from reserves.report_rows import ReceiptsProject, ReserveRow
from reserves.report_section import section_of
from reserves.reserve_page import ReadableReserves
from reserves.rights import may_approve_deficit, may_enter_movements
from reserves.rules import reserve_record

if TYPE_CHECKING:
    from monitoring.models import FinancialYear
    from reserves.models import Reserve

_RECEIPTS = "Capital receipts flexibilities"


@require_safe
@kept_as_published
@explain_missing_report("balances", part="reserves")
@offer_entries("reserves")
def reserves(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Show the General Fund before and after the forecast, and every reserve."""
    facts, user = report_for(request, start, number), current_user(request)
    overview = reserves_overview.ReservesOverview(facts)
    context = frame(request, facts, "reserves", "Reserves") | {
        "sentence": reserves_overview.summary_sentence(overview),
        "stats": reserves_overview.key_figures(overview),
        "lasting": reserves_overview.how_long_it_lasts(overview),
        "charts": reserves_overview.reserves_charts(overview),
        "deficits": [
            (each, *overview.display.distinct_words(-closing), each.deficit_approved_by)
            for each, closing in overview.deficits
        ],
        "general_fund": _page_table(facts, "reserves-general-fund"),
        "schedule": _page_table(facts, "reserves-schedule"),
        "reserves": section_of(facts).reserves,
        "may_enter": _may_enter(request, facts),
        "forward": carry_forward_address(user, facts),
    }
    if context["may_enter"]:
        context["review"] = review_of_movements(facts)
    page = render(request, "reserves/overview.html", context)
    return keep_published(page, facts)


@require_POST
def confirm_movements(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Store that the movements of reserves up to a period are complete."""
    user = current_user(request)
    require(may_enter_movements(user))
    period = get_object_or_404(periods(), year__start=start, number=number)
    try:
        services.confirm_movements(period=period, seen=request.POST.get("seen", ""), by=user)
    except Refused as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        message = f"The movements of {period.name.lower()} are reviewed."
        messages.success(request, message, extra_tags=TO_MONTH)
    return redirect("reserves", start, number)


@require_safe
@kept_as_published
@explain_missing_report("balances", part="capital-receipts")
@offer_entries("capital-receipts")
def capital_receipts(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Show the projects under the flexibilities and how they differ from Annex A."""
    facts = report_for(request, start, number)
    display = facts.display("capital-receipts")
    compared = compare_with_annex_a(facts)
    difference = sum(each.difference for each in compared)
    context = frame(request, facts, "capital-receipts", _RECEIPTS) | {
        "projects": _projects_to_show(request, facts),
        "receipts": _page_table(facts, "capital-receipts"),
        "compared": [_comparison_row(each) for each in compared],
        "difference": difference,
        "differing": [each for each in compared if each.difference],
        "forecast": display.in_words(sum(each.forecast for each in compared)),
        "difference_text": plain_pounds(abs(difference)),
        "may_enter": _may_enter(request, facts),
    }
    if context["may_enter"] and context["projects"]:
        context["form"] = forecasts_form(facts.period)
    page = render(request, "reserves/capital_receipts.html", context)
    # Those who see exempt lines are shown their cost centres.
    return keep_published(page, facts, for_everybody=not may_see_exempt_lines(request.user))


def _may_enter(request: HttpRequest, facts: ReportData) -> bool:
    """Return whether this person may enter reserves and receipts here: a draft, not archived."""
    may = may_enter_movements(current_user(request))
    return may and facts.report is None and not facts.period.year.is_archived


def _projects_to_show(request: HttpRequest, facts: ReportData) -> list[ReceiptsProject]:
    """Return the report's projects, without the cost centres of lines that are exempt."""
    hidden = set() if may_see_exempt_lines(request.user) else exempt_cost_centres(facts)
    return [
        replace(project, cost_centre="") if project.cost_centre in hidden else project
        for project in section_of(facts).projects
    ]


def _comparison_row(compared: ReceiptsComparison) -> tuple[str, str, str, str]:
    return (
        compared.label,
        plain_pounds(compared.forecast),
        plain_pounds(compared.planned_use),
        plain_pounds(compared.difference) if compared.difference else "",
    )


def _page_table(facts: ReportData, name: str) -> PageStatement | None:
    """Return a statement with links to its reserves; None if the report has no such statement."""
    if name not in {each for each, _ in statement_titles(facts)}:
        return None
    start = facts.period.year.start
    links = {
        each.code: reverse("reserve", args=[start, each.code])
        for each in section_of(facts).reserves
    }
    return for_page(statement(facts, name), links)


# One reserve


@kept_as_published
def reserve(request: HttpRequest, start: int, code: str) -> HttpResponse:
    """Show one reserve with its movements and history; store what is entered about it."""
    year = get_object_or_404(years(), start=start)
    readable = reserve_page.readable_reserves(year, with_drafts=may_see_drafts(request.user))
    found = readable.section.find(code) if readable else None
    if readable is None or found is None:
        raise Http404("There is no such reserve.")
    if request.method != "POST":
        return keep_for_readers(request, _render_page(request, readable, found))
    require(may_enter_movements(current_user(request)))
    store = _ACTIONS.get(request.POST.get("action", ""))
    if store is None:
        raise BadRequest("There is no such act.")
    return store(request, readable, found)


def _store_movement(
    request: HttpRequest, readable: ReadableReserves, found: ReserveRow
) -> HttpResponse:
    form = _movement_form(readable, request.POST)
    if not form.is_valid():
        return _render_page(request, readable, found, {"move": form}, status=422)

    def store() -> None:
        services.enter_movement(
            reserve=_stored_reserve(readable.year, found.code),
            amount_pence=form.signed_pence,
            by=current_user(request),
            **_shared_fields(form),
        )

    message = f"The movement of {found.name} is entered."
    return _store_or_explain(request, readable, found, store, message, {"move": form})


def _store_transfer(
    request: HttpRequest, readable: ReadableReserves, found: ReserveRow
) -> HttpResponse:
    form = _transfer_form(readable, found, request.POST)
    if not form.is_valid():
        return _render_page(request, readable, found, {"transfer": form}, status=422)

    def store() -> None:
        services.enter_transfer(
            giver=_stored_reserve(readable.year, found.code),
            receiver=_stored_reserve(readable.year, form.cleaned_data["to"]),
            amount_pence=form.cleaned_data["amount"],
            by=current_user(request),
            **_shared_fields(form),
        )

    message = f"The transfer from {found.name} is entered."
    return _store_or_explain(request, readable, found, store, message, {"transfer": form})


def _store_deficit(
    request: HttpRequest, readable: ReadableReserves, found: ReserveRow
) -> HttpResponse:
    require(may_approve_deficit(current_user(request)))
    form = DeficitForm(request.POST, auto_id="deficit_%s")
    if not form.is_valid():
        return _render_page(request, readable, found, {"deficit": form}, status=422)
    up_to = form.cleaned_data["amount"]

    def store() -> None:
        services.approve_deficit(
            reserve=_stored_reserve(readable.year, found.code),
            up_to_pence=up_to,
            reason=form.cleaned_data["reason"],
            by=current_user(request),
        )

    message = f"A deficit of {found.name} is approved, up to {plain_pounds(up_to)}."
    return _store_or_explain(request, readable, found, store, message, {"deficit": form})


_ACTIONS: Mapping[str, Callable[[HttpRequest, ReadableReserves, ReserveRow], HttpResponse]] = {
    "move": _store_movement,
    "transfer": _store_transfer,
    "approve": _store_deficit,
}


def _stored_reserve(year: FinancialYear, code: str) -> Reserve:
    """Return the stored reserve of that code, or answer 404."""
    found = reserve_page.find_reserve(year, code)
    if found is None:
        raise Http404("There is no such reserve.")
    return found


def _shared_fields(form: MovementForm | TransferForm) -> dict[str, Any]:
    """Return the fields that a movement and a transfer have in common."""
    names = ("form", "period", "kind", "description", "approved_by", "decision_reference")
    return {name: form.cleaned_data[name] for name in names}


def _store_or_explain(
    request: HttpRequest,
    readable: ReadableReserves,
    found: ReserveRow,
    store: Callable[[], None],
    message: str,
    forms_sent: Mapping[str, forms.Form],
) -> HttpResponse:
    """Store what was entered; where it is refused, render the page again with the reason."""
    try:
        store()
    except Refused as refused:
        return _render_page(
            request, readable, found, forms_sent, refused=refused.messages, status=409
        )
    messages.success(request, message)
    return redirect("reserve", readable.year.start, found.code)


def _movement_form(readable: ReadableReserves, data: QueryDict | None = None) -> MovementForm:
    periods = reserve_page.open_periods(readable.year)
    return MovementForm(data, periods=periods, latest=readable.number, auto_id="move_%s")


def _transfer_form(
    readable: ReadableReserves, found: ReserveRow, data: QueryDict | None = None
) -> TransferForm:
    others = [
        (each.code, each.name) for each in readable.section.reserves if each.code != found.code
    ]
    return TransferForm(
        data,
        reserves=others,
        periods=reserve_page.open_periods(readable.year),
        latest=readable.number,
        auto_id="transfer_%s",
    )


def _render_page(
    request: HttpRequest,
    readable: ReadableReserves,
    found: ReserveRow,
    forms_sent: Mapping[str, forms.Form] | None = None,
    *,
    status: int = 200,
    refused: Sequence[str] = (),
) -> HttpResponse:
    """Render the page of a reserve; `forms_sent` are forms with errors to show again."""
    forms_sent, year = forms_sent or {}, readable.year
    closing = reserve_page.balance_now(readable, found.code).closing
    context = {
        "reading": readable,
        "year": year,
        "period": readable.period,
        "council": year.council,
        "reserve": found,
        "kind": reserve_page.kind_label(found),
        "closing": plain_pounds(closing),
        "in_deficit": closing < 0,
        "approved": plain_pounds(found.approved_deficit) if found.approved_deficit else "",
        "steps": reserve_page.balance_steps(readable, found.code),
        "movements": reserve_page.print_movements(readable, found.code, to_come=False),
        "to_come": reserve_page.print_movements(readable, found.code, to_come=True),
        "earlier": reserve_page.earlier_closes(readable, found.code),
        "refused": refused,
        "invalid": [field for form in forms_sent.values() for field in form if field.errors],
        "nav_section": "reports",
        **_history_context(request, year, found),
        **_forms_context(request, readable, found, forms_sent),
    }
    return render(request, "reserves/reserve.html", context, status=status)


def _history_context(
    request: HttpRequest, year: FinancialYear, found: ReserveRow
) -> dict[str, Any]:
    """Return the history of a reserve for those who read drafts."""
    if not may_see_drafts(request.user):
        return {}
    record = reserve_record(year.label, found.code)
    return {
        "history": history_of(record),
        "history_record": record if may_see_audit(current_user(request)) else "",
    }


def _forms_context(
    request: HttpRequest,
    readable: ReadableReserves,
    found: ReserveRow,
    forms_sent: Mapping[str, forms.Form],
) -> dict[str, forms.Form]:
    """Return the forms that a person may fill in, as sent or blank."""
    user = current_user(request)
    shown: dict[str, forms.Form] = {}
    if readable.year.is_archived:
        return shown
    if may_enter_movements(user) and reserve_page.open_periods(readable.year):
        shown["move"] = forms_sent.get("move") or _movement_form(readable)
        shown["transfer"] = forms_sent.get("transfer") or _transfer_form(readable, found)
    if may_approve_deficit(user) and found.is_earmarked:
        shown["deficit"] = forms_sent.get("deficit") or DeficitForm(auto_id="deficit_%s")
    return shown
