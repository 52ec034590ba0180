"""The page that shows the programme that a year takes over from the one before, and takes it."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from capital.roll_forward import CarriedScheme, plan_roll_forward
from capital.services import roll_programme_forward
from council_finance.accounts.current_user import current_user
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from council_finance.periods import CLOSE, financial_year_label
from monitoring.models import FinancialYear
from monitoring.people.rights import may_upload, require
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.selectors.calendar import years


@require_http_methods(["GET", "HEAD", "POST"])
def roll_forward(request: HttpRequest, start: int) -> HttpResponse:
    """Show the programme to take over into a year; take it when posted to."""
    user = current_user(request)
    year = get_object_or_404(years(), start=start)
    require(may_upload(user) and not year.is_archived)
    if request.method != "POST":
        return _render_page(request, year)
    try:
        count = roll_programme_forward(year=year, by=user)
    except Refused as refused:
        return _render_page(request, year, refused=refused.messages, status=409)
    schemes = "1 scheme" if count == 1 else f"{count:,} schemes"
    messages.success(request, f"{schemes} taken over into {year.label}.")
    return redirect("capital-roll", start)


def roll_forward_address(user: User, facts: ReportData) -> str:
    """Return the address at which the year after this published close takes it over, or ""."""
    at_close = facts.report is not None and facts.period.number == CLOSE
    if not at_close or not may_upload(user):
        return ""
    year = facts.period.year
    following = years().filter(start=year.start + 1, council=year.council).first()
    if following is None or not plan_roll_forward(following).has_changes:
        return ""
    return reverse("capital-roll", args=[following.start])


def _render_page(
    request: HttpRequest, year: FinancialYear, refused: Sequence[str] = (), status: int = 200
) -> HttpResponse:
    found = plan_roll_forward(year)
    context = {
        "year": year,
        "before": financial_year_label(year.start - 1),
        "council": year.council,
        "found": found,
        "rows": [_describe_scheme(each) for each in found.schemes],
        "refused": refused,
        "back": reverse("year", args=[year.start]),
        "nav_section": "reports",
    }
    return render(request, "capital/roll_forward.html", context, status=status)


def _describe_scheme(carried: CarriedScheme) -> tuple[str, str, str]:
    """Return the name of a scheme, its unspent budget, and whether it is new to the year."""
    unspent = plain_pounds(carried.unspent) if carried.unspent else "–"
    return carried.before.name, unspent, "New" if carried.is_new else "Is there already"
