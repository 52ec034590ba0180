"""Reserves and capital receipts to read, and what officers and the lead enter."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from council_finance.errors import Refused
from council_finance.money import plain_pounds
from council_finance.statements.presenting import PageStatement, for_page
from monitoring.audit.selectors.audit_trail import history_of
from monitoring.people.rights import may_see_audit, may_see_drafts, may_see_exempt_lines, require
from monitoring.reports.report_access import frame, report_for
from monitoring.reports.selectors.node_lines import exempt_cost_centres
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.statements import statement, statement_titles
from monitoring.structure.selectors.calendar import years
from reserves import overview as at_a_glance
from reserves import reserve_page as pages
from reserves import services
from reserves.carry_view import carry_forward_address
from reserves.forms import DeficitForm, MovementForm, TransferForm
from reserves.receipts import differences
from reserves.rights import may_approve_deficit, may_enter_movements
from reserves.rules import reserve_record
from reserves.selectors import part_of

_RECEIPTS = "Capital receipts flexibilities"


@require_safe
def reserves(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """The General Fund before and after the forecast, and every reserve."""
    facts = report_for(request, start, number)
    overview = at_a_glance.Overview(facts)
    made = part_of(facts)["reserves"]
    context = frame(request, facts, "reserves", "Reserves") | {
        "sentence": at_a_glance.sentence(overview),
        "stats": at_a_glance.stats(overview),
        "lasting": at_a_glance.lasting(overview),
        "charts": at_a_glance.drawings(overview),
        "deficits": [
            (each, plain_pounds(-closing), each["deficit_approved_by"])
            for each, closing in overview.deficits
        ],
        "general_fund": _table(facts, "reserves-general-fund"),
        "schedule": _table(facts, "reserves-schedule"),
        "reserves": made,
        "may_enter": may_enter_movements(request.user) and facts.report is None,
        "forward": carry_forward_address(request.user, facts),
    }
    return render(request, "reserves/overview.html", context)


@require_safe
def capital_receipts(request: HttpRequest, start: int, number: int) -> HttpResponse:
    """Projects under the flexibilities, their purposes, and what differs from Annex A."""
    facts = report_for(request, start, number)
    display = facts.display("capital-receipts")
    compared = differences(facts)
    hidden = set() if may_see_exempt_lines(request.user) else exempt_cost_centres(facts)
    context = frame(request, facts, "capital-receipts", _RECEIPTS) | {
        "projects": [
            each | {"cost_centre": "" if each["cost_centre"] in hidden else each["cost_centre"]}
            for each in part_of(facts)["projects"]
        ],
        "receipts": _table(facts, "capital-receipts"),
        "compared": [
            (
                each.label,
                plain_pounds(each.forecast),
                plain_pounds(each.planned_use),
                plain_pounds(each.pence) if each.pence else "",
            )
            for each in compared
        ],
        "difference": sum(each.pence for each in compared),
        "differing": [each for each in compared if each.pence],
        "forecast": display.in_words(sum(each.forecast for each in compared)),
        "difference_text": plain_pounds(abs(sum(each.pence for each in compared))),
    }
    return render(request, "reserves/capital_receipts.html", context)


def _table(facts: ReportData, name: str) -> PageStatement | None:
    """A statement, its reserves linked to their pages; None of a report published without it."""
    if name not in {each for each, _ in statement_titles(facts)}:
        return None
    start = facts.period.year.start
    codes = [each["code"] for each in part_of(facts)["reserves"]]
    links = {code: reverse("reserve", args=[start, code]) for code in codes}
    return for_page(statement(facts, name), links)


# One reserve


def reserve(request: HttpRequest, start: int, code: str) -> HttpResponse:
    """One reserve with its movements and history, and what those who may enter about it."""
    year = get_object_or_404(years(), start=start)
    reading = pages.read_reserves(year, with_drafts=may_see_drafts(request.user))
    found = reading.find(code) if reading else None
    if found is None:
        raise Http404("There is no such reserve.")
    if request.method != "POST":
        return _page(request, reading, found)
    require(may_enter_movements(request.user))
    act = _ACTS.get(request.POST.get("action"))
    if act is None:
        raise BadRequest("There is no such act.")
    return act(request, reading, found)


def _move(request: HttpRequest, reading, found: dict) -> HttpResponse:
    form = _movement_form(reading, request.POST)
    if not form.is_valid():
        return _page(request, reading, found, move=form, status=422)
    chosen = pages.find_reserve(reading.year, found["code"])
    arguments = _entry(form) | {"reserve": chosen, "amount_pence": form.signed_pence}
    said = f"The movement of {found['name']} is entered."
    return _do(request, reading, found, services.enter_movement, said, arguments, move=form)


def _transfer(request: HttpRequest, reading, found: dict) -> HttpResponse:
    form = _transfer_form(reading, found, request.POST)
    if not form.is_valid():
        return _page(request, reading, found, transfer=form, status=422)
    arguments = _entry(form) | {
        "giver": pages.find_reserve(reading.year, found["code"]),
        "receiver": pages.find_reserve(reading.year, form.cleaned_data["to"]),
        "amount_pence": form.cleaned_data["amount"],
    }
    said = f"The transfer from {found['name']} is entered."
    return _do(request, reading, found, services.enter_transfer, said, arguments, transfer=form)


def _approve(request: HttpRequest, reading, found: dict) -> HttpResponse:
    require(may_approve_deficit(request.user))
    form = DeficitForm(request.POST, auto_id="deficit_%s")
    if not form.is_valid():
        return _page(request, reading, found, deficit=form, status=422)
    arguments = {
        "reserve": pages.find_reserve(reading.year, found["code"]),
        "up_to_pence": form.cleaned_data["amount"],
        "reason": form.cleaned_data["reason"],
    }
    said = (
        f"A deficit of {found['name']} is approved, up to {plain_pounds(arguments['up_to_pence'])}."
    )
    return _do(request, reading, found, services.approve_deficit, said, arguments, deficit=form)


_ACTS: dict[str | None, Callable] = {
    "move": _move,
    "transfer": _transfer,
    "approve": _approve,
}


def _entry(form) -> dict:
    """What a movement and a transfer share."""
    names = ("form", "period", "kind", "description", "approved_by")
    return {name: form.cleaned_data[name] for name in names}


def _do(request, reading, found: dict, act, said: str, arguments: dict, **forms) -> HttpResponse:
    """Do it, or draw the page again with why not."""
    try:
        act(by=request.user, **arguments)
    except Refused as refused:
        return _page(request, reading, found, refused=refused.messages, status=409, **forms)
    messages.success(request, said)
    return redirect("reserve", reading.year.start, found["code"])


def _movement_form(reading, data=None) -> MovementForm:
    periods = pages.open_periods(reading.year)
    return MovementForm(data, periods=periods, latest=reading.number, auto_id="move_%s")


def _transfer_form(reading, found: dict, data=None) -> TransferForm:
    others = [
        (each["code"], each["name"])
        for each in reading.part["reserves"]
        if each["code"] != found["code"]
    ]
    return TransferForm(
        data,
        reserves=others,
        periods=pages.open_periods(reading.year),
        latest=reading.number,
        auto_id="transfer_%s",
    )


def _page(request: HttpRequest, reading, found: dict, status=200, refused=(), **forms):
    user, code, year = request.user, found["code"], reading.year
    record = reserve_record(year, code)
    closing = pages.balance_now(reading, code).closing
    context = {
        "reading": reading,
        "year": year,
        "period": reading.period,
        "council": year.council,
        "reserve": found,
        "kind": pages.kind_label(found),
        "closing": plain_pounds(closing),
        "in_deficit": closing < 0,
        "approved": plain_pounds(found["approved_deficit"]) if found["approved_deficit"] else "",
        "steps": pages.steps(reading, code),
        "movements": pages.movements(reading, code, to_come=False),
        "to_come": pages.movements(reading, code, to_come=True),
        "earlier": pages.earlier_closes(reading, code),
        "refused": refused,
        "invalid": [field for form in forms.values() for field in form if field.errors],
        "nav_section": "reports",
    }
    if may_see_drafts(user):
        context["history"] = history_of(record)
        context["history_record"] = record if may_see_audit(user) else ""
    if may_enter_movements(user) and pages.open_periods(year):
        context["move"] = forms.get("move") or _movement_form(reading)
        context["transfer"] = forms.get("transfer") or _transfer_form(reading, found)
    if may_approve_deficit(user) and found["kind"] == "earmarked":
        context["deficit"] = forms.get("deficit") or DeficitForm(auto_id="deficit_%s")
    return render(request, "reserves/reserve.html", context, status=status)
