"""The page that shows the balances of grants to carry forward into a year, and carries them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from council_finance.accounts.current_user import current_user
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from council_finance.periods import CLOSE, financial_year_label
from monitoring.people.rights import require
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.selectors.calendar import calendar_of, years
from reserves.carry_forward import next_year
from reserves.grants.carry_forward import GrantOpening, plan_grants_forward
from reserves.grants.services import carry_grants_forward
from reserves.rights import may_carry_forward

if TYPE_CHECKING:
    from council_finance.accounts.models import User
    from monitoring.models import FinancialYear


@require_http_methods(["GET", "HEAD", "POST"])
def carry_forward(request: HttpRequest, start: int) -> HttpResponse:
    """Show the opening balances of grants to carry into a year; carry them when posted to."""
    user = current_user(request)
    require(may_carry_forward(user))
    year = get_object_or_404(years(), start=start)
    if request.method != "POST":
        return _render_page(request, year)
    before = years().filter(start=start - 1).first()
    if before is None:
        return _render_page(request, year, refused=[plan_grants_forward(year).refusal], status=409)
    try:
        carried = carry_grants_forward(year=before, by=user)
    except Refused as refused:
        return _render_page(request, year, refused=refused.messages, status=409)
    counted = "1 grant" if carried == 1 else f"{carried} grants"
    text = f"{counted} carried into {year.label}." if carried else "Nothing has changed."
    messages.success(request, text)
    return redirect(_next_page(year))


def carry_forward_address(user: User, facts: ReportData) -> str:
    """Return the address at which balances of this report wait to be carried forward, or "".

    On a draft they are those that its own year opens with; on a published close those of the year
    after.
    """
    year = facts.period.year if facts.report is None else None
    if facts.report is not None and facts.period.number == CLOSE:
        year = next_year(facts.period.year)
    if year is None or not may_carry_forward(user):
        return ""
    if not plan_grants_forward(year).has_changes:
        return ""
    return reverse("grants-forward", args=[year.start])


def _render_page(
    request: HttpRequest, year: FinancialYear, refused: Sequence[str] = (), status: int = 200
) -> HttpResponse:
    found = plan_grants_forward(year)
    context = {
        "year": year,
        "before": financial_year_label(year.start - 1),
        "council": year.council,
        "things": "grants",
        "thing": "Grant",
        "found": found,
        "rows": [_describe_opening(each) for each in found.openings],
        "refused": refused,
        "back": _next_page(year),
        "nav_section": "reports",
    }
    return render(request, "reserves/grants/carry_forward.html", context, status=status)


def _describe_opening(opening: GrantOpening) -> tuple[str, str, str, str]:
    """Return name, opening balance now, the balance to carry, and the change in a word."""
    now, closing = (
        "–" if pence is None else plain_pounds(pence)
        for pence in (opening.opening_now, opening.closing)
    )
    if opening.existing is None:
        return opening.before.name, now, closing, "New"
    return opening.existing.name, now, closing, "Changes" if opening.changes else "Stays"


def _next_page(year: FinancialYear) -> str:
    """Return the address of the year's latest grants, or of the year if it has no figures."""
    period = calendar_of(year).last_readable(with_drafts=True)
    if period is None:
        return reverse("year", args=[year.start])
    return reverse("grants", args=[year.start, period.number])
