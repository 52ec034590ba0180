"""Opening a year's reserves at the close of the year before, with a look at it first."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from council_finance.periods import CLOSE, financial_year_label
from monitoring.people.rights import require
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.selectors.calendar import calendar_of, years
from reserves.carrying import Opening, carrying_into, year_after
from reserves.rights import may_carry_forward
from reserves.services import Carried, carry_reserves_forward


@require_http_methods(["GET", "HEAD", "POST"])
def carry_forward(request: HttpRequest, start: int) -> HttpResponse:
    """What will be opened; posted to, it is."""
    require(may_carry_forward(request.user))
    year = get_object_or_404(years(), start=start)
    if request.method != "POST":
        return _page(request, year)
    before = years().filter(start=start - 1).first()
    if before is None:
        return _page(request, year, refused=[carrying_into(year).refusal], status=409)
    try:
        carried = carry_reserves_forward(year=before, by=request.user)
    except Refused as refused:
        return _page(request, year, refused=refused.messages, status=409)
    messages.success(request, _said(carried, year.label))
    return redirect(_next_page(year))


def carry_forward_address(user: User, facts: ReportData) -> str:
    """Where the balances wait to be carried forward that this page is about; else nothing.

    On a draft those that its own year opens with; on a published close those of the year after.
    """
    year = facts.period.year if facts.report is None else None
    if facts.report is not None and facts.period.number == CLOSE:
        year = year_after(facts.period.year)
    if year is None or not may_carry_forward(user) or not carrying_into(year).waits:
        return ""
    return reverse("reserves-forward", args=[year.start])


def _page(request: HttpRequest, year, refused=(), status: int = 200) -> HttpResponse:
    found = carrying_into(year)
    context = {
        "year": year,
        "before": financial_year_label(year.start - 1),
        "council": year.council,
        "found": found,
        "rows": [_row(each) for each in found.openings],
        "refused": refused,
        "back": _next_page(year),
        "nav_section": "reports",
    }
    return render(request, "reserves/carry_forward.html", context, status=status)


def _row(opening: Opening) -> tuple[str, str, str, str]:
    """Name, what it opens at now, what it will open at, and what happens, in words."""
    closing, standing = plain_pounds(opening.closing), opening.standing
    name = opening.before["name"]
    if standing is None:
        return name, "–", closing, "New"
    now = plain_pounds(standing.opening_balance_pence)
    return standing.name, now, closing, "Changes" if opening.changes else "Stays"


def _said(carried: Carried, label: str) -> str:
    if carried == Carried(0, 0):
        return f"Every reserve of {label} opened at its close already; nothing has changed."
    parts = [
        f"{count} {'reserve' if count == 1 else 'reserves'} {words}"
        for count, words in ((carried.made, "opened"), (carried.changed, "changed"))
        if count
    ]
    return f"Carried into {label}: {', '.join(parts)}."


def _next_page(year) -> str:
    """The reserves of the year's latest figures, or the year before there are any."""
    period = calendar_of(year).last_readable(with_drafts=True)
    if period is None:
        return reverse("year", args=[year.start])
    return reverse("reserves", args=[year.start, period.number])
