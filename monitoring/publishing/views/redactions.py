"""The page that redacts published reports of lines that have become exempt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from council_finance.forms.fields import text_field
from monitoring.people.rights import may_redact, require
from monitoring.publishing.services.redactions import redact_reports
from monitoring.reports.selectors.redactions import reports_to_redact
from monitoring.structure.selectors.calendar import years

if TYPE_CHECKING:
    from monitoring.structure.models import FinancialYear


class RedactForm(forms.Form):
    """The reason why reports are redacted."""

    reason = text_field(
        "Why are these lines no longer named?",
        "Readers see this sentence, so do not name the line: “Commercially confidential until the "
        "contract is let”.",
        max_length=1000,
        error_messages={"required": "Say why; readers of the new versions will see it."},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def redact(request: LoggedInRequest, start: int) -> HttpResponse:
    """Show the reports that name lines which are exempt now; with a reason, redact them."""
    user = request.user
    require(may_redact(user))
    year = get_object_or_404(years(), start=start)
    if request.method != "POST":
        return _render_page(request, year, RedactForm())
    form = RedactForm(request.POST)
    if not form.is_valid():
        return _render_page(request, year, form, status=422)
    try:
        done = redact_reports(year=year, reason=form.cleaned_data["reason"], by=user)
    except Refused as refused:
        return _render_page(request, year, form, refused=refused.messages, status=409)
    reports = "1 report is" if len(done) == 1 else f"{len(done)} reports are"
    messages.success(request, f"{reports} redacted. Members read the new versions now.")
    return redirect("redact", start)


def _render_page(
    request: LoggedInRequest,
    year: FinancialYear,
    form: RedactForm,
    *,
    status: int = 200,
    refused: Sequence[str] = (),
) -> HttpResponse:
    context = {
        "year": year,
        "council": year.council,
        "form": form,
        "refused": refused,
        "found": reports_to_redact(year),
        "nav_section": "reports",
    }
    return render(request, "monitoring/redact.html", context, status=status)
