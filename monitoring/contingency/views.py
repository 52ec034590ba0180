"""The page of the contingency, on which the notional offset of a month is entered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from council_finance.accounts.models import User
from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from council_finance.next_step import TO_MONTH
from council_finance.statements.presenting import for_page
from monitoring.contingency.forms import OffsetForm, TakeBackForm
from monitoring.contingency.selectors import OffsetSource, entries_of, offset_of
from monitoring.contingency.services import enter_offset, take_offset_back
from monitoring.people.rights import (
    may_enter_offset,
    may_see_drafts,
    may_see_virements,
    require,
)
from monitoring.reports.report_access import (
    explain_missing_report,
    frame,
    keep_published,
    kept_as_published,
    report_for,
)
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.statements import statement, statement_titles
from monitoring.structure.selectors.calendar import periods

if TYPE_CHECKING:
    from monitoring.contingency.models import ContingencyOffset
    from monitoring.structure.models import Period

_NAME = "contingency"


@require_http_methods(["GET", "HEAD", "POST"])
@kept_as_published
@explain_missing_report("balances", part="contingency")
def contingency(request: LoggedInRequest, start: int, number: int) -> HttpResponse:
    """Show the contingency at the start, the amount drawn from it, and what is left.

    In an open month the notional offset is entered here, or taken back.
    """
    if request.method == "POST":
        period = get_object_or_404(periods(), year__start=start, number=number)
        require(may_enter_offset(request.user, period.year))
        return _store_offset(request, period)
    return _render_page(request, report_for(request, start, number))


def _store_offset(request: LoggedInRequest, period: Period) -> HttpResponse:
    takes_back = request.POST.get("do") == "take-back"
    form = (TakeBackForm if takes_back else OffsetForm)(request.POST)
    if not form.is_valid():
        return _answer_refusal(request, period, form, [], status=422)
    data = form.cleaned_data
    shared: dict[str, Any] = {"period": period, "reason": data["reason"], "seen": data["seen"]}
    try:
        if takes_back:
            take_offset_back(**shared, by=request.user)
        else:
            enter_offset(**shared, amount_pence=data["amount"], by=request.user)
    except Refused as refused:
        return _answer_refusal(request, period, form, refused.messages, status=409)
    done = "has been taken back" if takes_back else "has been entered"
    message = f"The notional offset of {period.name.lower()} {done}."
    messages.success(request, message, extra_tags=TO_MONTH)
    return redirect("contingency", period.year.start, period.number)


def _answer_refusal(
    request: LoggedInRequest,
    period: Period,
    form: OffsetForm,
    refused: list[str],
    *,
    status: int,
) -> HttpResponse:
    """Return the page as things are now, with what the person sent."""
    facts = report_for(request, period.year.start, period.number)
    return _render_page(request, facts, form, refused, status=status)


def _render_page(
    request: LoggedInRequest,
    facts: ReportData,
    form: OffsetForm | None = None,
    refused: list[str] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    made = None
    if _NAME in {name for name, _ in statement_titles(facts)}:
        made = statement(facts, _NAME)
    context = frame(request, facts, _NAME, "Contingency") | {"form": form, "refused": refused}
    if made is not None and made.rows:
        words = facts.display(_NAME).in_words
        amounts = {row.key: row.cells["amount"].pence or 0 for row in made.rows}
        context |= {
            "statement": for_page(made, _virement_links(request, facts)),
            "opening": words(amounts["opening"]),
            "unallocated": words(amounts["unallocated"]),
            "drawn": words(amounts["opening"] - amounts["after"])
            if amounts["opening"] != amounts["after"]
            else "",
            **_offset_context(request.user, facts, form),
        }
    page = render(request, "monitoring/contingency.html", context, status=status)
    # Those who see drafts are shown what was entered, too.
    return keep_published(page, facts, for_everybody=not may_see_drafts(request.user))


def _offset_context(user: User, facts: ReportData, form: OffsetForm | None) -> dict[str, Any]:
    """Return the offset with its source, what was entered, and the form of those who enter it."""
    offset = offset_of(facts)
    if offset is None:
        return {}
    words = facts.display(_NAME).in_words
    entries = list(entries_of(facts.period)) if may_see_drafts(user) else []
    context: dict[str, Any] = {
        "offset": words(offset.pence) if offset.pence else "",
        "offset_source": offset.words,
        "entries": [(each, _exact_amount(each)) for each in entries],
    }
    if facts.report is None and may_enter_offset(user, facts.period.year):
        seen = {"seen": entries[0].pk if entries else 0}
        context |= {
            "form": form or OffsetForm(initial=seen),
            "own": offset.source == OffsetSource.ENTERED,
        }
    return context


def _exact_amount(entry: ContingencyOffset) -> str:
    return "Taken back" if entry.amount_pence is None else plain_pounds(entry.amount_pence)


def _virement_links(request: LoggedInRequest, facts: ReportData) -> dict[str, str]:
    """Return the address of each transfer's virement by row; none where they may not be seen."""
    user = request.user
    if not may_see_virements(user) or not may_see_drafts(user):
        return {}
    start = facts.period.year.start
    return {
        f"transfer:{leg.reference}#{leg.leg}": reverse("virement", args=[start, leg.reference])
        for leg in facts.approved_virements
    }
