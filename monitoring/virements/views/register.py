"""The pages of the register of virements: the list, its download, and a new virement."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localtime
from django.views.decorators.http import require_safe

from council_finance.accounts.requests import LoggedInRequest
from council_finance.csv_safe import harmless
from council_finance.errors import Refused
from council_finance.forms.filters import Filter, filter_form
from council_finance.money import exact_pounds, plain_pounds
from council_finance.next_step import TO_MONTH
from monitoring.ledger.selectors.line_search import search_lines
from monitoring.people.rights import (
    Reach,
    may_enter_virements,
    may_see_drafts,
    may_see_exempt_lines,
    may_see_virements,
    reach_of,
    require,
)
from monitoring.reports.report_access import readable_report
from monitoring.reports.selectors.statements import statement
from monitoring.structure.council_settings import read_settings
from monitoring.structure.selectors.calendar import calendar_of, periods
from monitoring.virements.forms import (
    CHOICE,
    MOST_LEGS,
    LegFormSet,
    VirementForm,
    leg_forms,
    with_another_leg,
)
from monitoring.virements.rights import why_not_approve
from monitoring.virements.selectors import register as selectors
from monitoring.virements.selectors.register import RegisterEntry
from monitoring.virements.services import ReferenceTaken, enter_virement

if TYPE_CHECKING:
    from monitoring.structure.models import Period

_PER_PAGE = 100
_RECONCILIATION = "budget-reconciliation"
_CSV_COLUMNS = (
    *("Reference", "Leg", "Period", "From", "From service", "To", "To service"),
    *("Amount (£)", "Spending that moves (£)", "Kind", "State", "Entered by", "Entered on"),
    *("Approved by", "Approved on", "Approved outside", "Declined by", "Declined on"),
    *("Takes back", "Taken back by", "Reason", "Reason for declining"),
)


@dataclass(frozen=True)
class RegisterRow:
    """A virement in the register's table: its amounts in pounds, and the reader's right."""

    entry: RegisterEntry
    amounts: list[tuple[selectors.Leg, str]]
    may_approve: bool


@require_safe
def register(request: LoggedInRequest, start: int, number: int) -> HttpResponse:
    """Show the register up to a period; the address holds the filter."""
    period, reach = _find_period_and_reach(request, start, number)
    everything = _entries_up_to(request, period, reach)
    entries, text, state = _filter_entries(request, everything)
    readable = calendar_of(period.year).readable(with_drafts=may_see_drafts(request.user))
    page = Paginator(entries, _PER_PAGE).get_page(request.GET.get("page"))
    settings = read_settings(period.year.settings)
    pence_shown = any(leg.amount % 100 for entry in entries for leg in entry.legs)
    context = _page_context(request, period) | {
        "page": page,
        "rows": [
            RegisterRow(
                entry,
                [(leg, _format_pounds(leg.amount, pence_shown)) for leg in entry.legs],
                entry.state == selectors.PENDING
                and not why_not_approve(request.user, entry.rows, settings, reach),
            )
            for entry in page
        ],
        "totals": _total_by_state(entries, pence_shown),
        "may_approve_some": not period.year.is_archived
        and any(
            entry.state == selectors.PENDING
            and not why_not_approve(request.user, entry.rows, settings, reach)
            for entry in everything
        ),
        "filter": filter_form(
            Filter("text", "Reference, line or service", text),
            Filter("state", "State", state, [("", "All"), *selectors.STATES.items()]),
        ),
        "query": _write_query(text, state),
        "filtered": bool(text or state),
        "sentence": _pending_sentence(everything, period),
        "reconciliation": _reconciliation_cells(request, period),
        "periods": sorted(
            {*readable, period},
            key=lambda each: each.number,
        ),
    }
    return render(request, "monitoring/virements.html", context)


@require_safe
def download(request: LoggedInRequest, start: int, number: int) -> HttpResponse:
    """Download the register with the same filter as CSV: a row for each leg, pounds and pence."""
    period, reach = _find_period_and_reach(request, start, number)
    entries, _, _ = _filter_entries(request, _entries_up_to(request, period, reach))
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    name = f"virement-register-{period.year.slug}-{number:02d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    writer = csv.writer(response)
    writer.writerow(_CSV_COLUMNS)
    for entry in entries:
        for leg in entry.legs:
            writer.writerow([harmless(cell) for cell in _csv_cells(entry, leg)])
    return response


def _find_period_and_reach(
    request: LoggedInRequest, start: int, number: int
) -> tuple[Period, Reach | None]:
    """Return the period, and the services that a director looks after (None: all are shown)."""
    require(may_see_virements(request.user))
    period = get_object_or_404(periods(), year__start=start, number=number)
    everything = may_see_drafts(request.user)
    return period, None if everything else reach_of(request.user, period.year)


def _entries_up_to(
    request: LoggedInRequest, period: Period, reach: Reach | None
) -> list[RegisterEntry]:
    """Return the virements up to the period that this person sees."""
    exempt = may_see_exempt_lines(request.user)
    entries = selectors.register(period.year, exempt=exempt, reach=reach)
    return [entry for entry in entries if entry.first.period <= period.number]


def _filter_entries(
    request: LoggedInRequest, entries: list[RegisterEntry]
) -> tuple[list[RegisterEntry], str, str]:
    """Return the entries that match the filter, and the text and state of the filter."""
    text = request.GET.get("text", "").strip()
    state = request.GET.get("state", "")
    state = state if state in selectors.STATES else ""
    return selectors.filter_entries(entries, text, state), text, state


def _write_query(text: str, state: str) -> str:
    """Return the filter as the query of an address."""
    return urlencode({name: value for name, value in (("text", text), ("state", state)) if value})


def _pending_sentence(entries: list[RegisterEntry], period: Period) -> str:
    """Return a sentence: the number and total of virements that await approval."""
    pending = [entry for entry in entries if entry.state == selectors.PENDING]
    if not entries:
        return f"No virement of {period.year.label} up to {selectors.name_in_sentence(period)}."
    if not pending:
        return "None awaits approval."
    amount = plain_pounds(sum(entry.amount for entry in pending))
    if len(pending) == 1:
        return f"1 virement awaits approval: {amount}."
    return f"{len(pending):,} virements await approval: {amount} in all."


def _total_by_state(entries: list[RegisterEntry], pence_shown: bool) -> list[tuple[str, int, str]]:
    """Return label, number and pounds of virements by state, without states of none."""
    done = (selectors.APPROVED, selectors.REVERSED)
    approved = [entry for entry in entries if entry.state in done]
    groups = (
        ("Pending", [entry for entry in entries if entry.state == selectors.PENDING]),
        ("Approved", approved),
        ("of these, reversals of others", [entry for entry in approved if entry.first.reverses]),
        ("Declined", [entry for entry in entries if entry.state == selectors.DECLINED]),
    )
    return [
        (words, len(group), _format_pounds(sum(entry.amount for entry in group), pence_shown))
        for words, group in groups
        if group
    ]


def _format_pounds(pence: int, pence_shown: bool) -> str:
    """Return a positive amount in pounds, with pence where its column shows them."""
    return f"{pence // 100:,}" + (f".{pence % 100:02d}" if pence_shown else "")


def _reconciliation_cells(request: LoggedInRequest, period: Period) -> list[tuple[str, str, str]]:
    """Return label, unit and text of each cell of the council's row in budget reconciliation.

    It is that of the report which this person reads; empty where there is none.
    """
    facts = readable_report(request.user, period)
    if facts is None:
        return []
    try:
        made = statement(facts, _RECONCILIATION)
    except Refused:
        return []
    totals = [row for row in made.rows if row.kind == "total"]
    columns = made.reader_columns
    return [(each.label, each.unit, row.cells[each.key].text) for row in totals for each in columns]


def _csv_cells(entry: RegisterEntry, leg: selectors.Leg) -> Iterable[str]:
    first = entry.first
    yield from (entry.reference, str(leg.leg.leg), str(first.period))
    for end in (leg.giver, leg.receiver):
        yield from (end.name, end.service) if end else (selectors.OUTSIDE, "")
    yield from (exact_pounds(leg.amount), exact_pounds(leg.spending))
    yield from (first.get_kind_display(), entry.state_text)
    yield first.entered_by.name if first.entered_by else ""
    yield localtime(first.entered_at).date().isoformat() if first.entered_at else ""
    yield from (first.approved_by, first.approved_on.isoformat() if first.approved_on else "")
    yield "yes" if first.is_approved_outside else ""
    yield first.declined_by.name if first.declined_by else ""
    yield first.declined_on.isoformat() if first.declined_on else ""
    yield from (first.reverses, ", ".join(entry.taken_back_by), leg.leg.reason)
    yield first.decline_reason


@require_safe
def lines(request: LoggedInRequest, start: int, number: int) -> HttpResponse:
    """Return the options of a field for a budget line, from the text typed in it."""
    require(may_enter_virements(request.user))
    period = get_object_or_404(periods(), year__start=start, number=number)
    found, _ = search_lines(period.year, " ".join(str(text) for text in request.GET.values()))
    return render(request, "monitoring/virement_lines.html", {"lines": found})


def new(request: LoggedInRequest, start: int, number: int) -> HttpResponse:
    """Show the form for a new virement of a period; store the virement that is sent."""
    require(may_enter_virements(request.user))
    period = get_object_or_404(periods(), year__start=start, number=number)
    if request.method != "POST":
        form = VirementForm(initial={"reference": selectors.next_reference(period.year)})
        return _new_page(request, period, form, leg_forms(period.year))
    if "add" in request.POST:
        return _new_page(request, period, *with_another_leg(period.year, request.POST))
    form, legs = VirementForm(request.POST), leg_forms(period.year, request.POST)
    if not all([form.is_valid(), legs.is_valid()]):
        return _new_page(request, period, form, legs, status=422)
    try:
        enter_virement(
            year=period.year, period=number, legs=legs.legs, by=request.user, **form.cleaned_data
        )
    except ReferenceTaken as refused:
        form.add_error("reference", refused.messages)
    except Refused as refused:
        form.add_error(None, refused.messages)
    if form.errors:
        return _new_page(request, period, form, legs, status=409)
    reference = form.cleaned_data["reference"]
    message = f"{reference} is entered; somebody else approves it."
    messages.success(request, message, extra_tags=TO_MONTH)
    return redirect("virement", start, reference)


def _new_page(
    request: LoggedInRequest,
    period: Period,
    form: VirementForm,
    legs: LegFormSet,
    status: int = 200,
) -> HttpResponse:
    context = _page_context(request, period) | {
        "form": form,
        "legs": legs,
        "choice": CHOICE,
        "may_add": len(legs.forms) < MOST_LEGS,
        "failed": status != 200,
    }
    return render(request, "monitoring/virement_new.html", context, status=status)


def _page_context(request: LoggedInRequest, period: Period) -> dict[str, Any]:
    """Return what every page of a period's virements shows."""
    counting = selectors.counting_periods(period.year, period.number)
    return {
        "year": period.year,
        "period": period,
        "council": period.year.council,
        "spoken": selectors.name_in_sentence(period),
        "counting": counting[0] if counting else None,
        "counting_name": selectors.name_in_sentence(counting[0]) if counting else "",
        "may_enter": may_enter_virements(request.user) and not period.year.is_archived,
        "nav_section": "home",
    }
