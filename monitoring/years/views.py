"""The page of all financial years, and those that take back, archive or bring back one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from monitoring.people.rights import may_change_structure, may_read_settings, require
from monitoring.structure.selectors.calendar import years as all_years
from monitoring.years.forms import ReasonForm
from monitoring.years.selectors.tables_of_year import contents_of
from monitoring.years.selectors.years import (
    files_of,
    state_to_take_back,
    why_not_archive,
    why_not_take_back,
    year_rows,
)
from monitoring.years.services import archive_year, bring_year_back, take_back_year

if TYPE_CHECKING:
    from monitoring.structure.models import FinancialYear


@require_safe
def years(request: LoggedInRequest) -> HttpResponse:
    """Show every year with its state, and what may be done with it next."""
    require(may_read_settings(request.user))
    in_use, archived = year_rows()
    context = {
        "in_use": in_use,
        "archived": archived,
        "may_change": may_change_structure(request.user),
        "nav_section": "settings",
    }
    return render(request, "monitoring/years.html", context)


@dataclass(frozen=True)
class Act:
    """Something done with a whole year: its page, its form, and the service that does it.

    `done` is the message afterwards, which names the year by {year}.
    """

    template: str
    form: type[Form]
    done: str
    store: Callable[[FinancialYear, Form, LoggedInRequest], None]
    more: Callable[[FinancialYear], dict[str, Any]]


@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request: LoggedInRequest, start: int) -> HttpResponse:
    """Show what goes if a rolled year is taken back; with a reason, take it back."""

    def store(year: FinancialYear, form: Form, request: LoggedInRequest) -> None:
        take_back_year(
            year=year,
            reason=form.cleaned_data["reason"],
            seen=request.POST.get("seen", ""),
            by=request.user,
        )

    def more(year: FinancialYear) -> dict[str, Any]:
        return {
            "reasons": why_not_take_back(year),
            "contents": contents_of(year),
            "files": files_of(year),
            "seen": state_to_take_back(year),
        }

    done = "{year} has been taken back."
    return _carry_out(request, start, Act("year_take_back", ReasonForm, done, store, more))


@require_http_methods(["GET", "HEAD", "POST"])
def archive(request: LoggedInRequest, start: int) -> HttpResponse:
    """Say what archiving a closed year means; once confirmed, archive it."""

    def store(year: FinancialYear, form: Form, request: LoggedInRequest) -> None:
        archive_year(year=year, by=request.user)

    def more(year: FinancialYear) -> dict[str, Any]:
        return {"reasons": why_not_archive(year)}

    done = "{year} is archived. It can be read, and no longer changed."
    return _carry_out(request, start, Act("year_archive", Form, done, store, more))


@require_http_methods(["GET", "HEAD", "POST"])
def bring_back(request: LoggedInRequest, start: int) -> HttpResponse:
    """Ask why an archived year is brought back; with a reason, bring it back."""

    def store(year: FinancialYear, form: Form, request: LoggedInRequest) -> None:
        bring_year_back(year=year, reason=form.cleaned_data["reason"], by=request.user)

    def more(year: FinancialYear) -> dict[str, Any]:
        is_not = [] if year.is_archived else [f"{year} is not archived."]
        return {"reasons": is_not}

    done = "{year} is no longer archived, and can be changed again."
    return _carry_out(request, start, Act("year_bring_back", ReasonForm, done, store, more))


def _carry_out(request: LoggedInRequest, start: int, act: Act) -> HttpResponse:
    """Show the page of an act, or do what was confirmed on it."""
    require(may_change_structure(request.user))
    year = get_object_or_404(all_years(), start=start)
    form = act.form(request.POST if request.method == "POST" else None)
    refused, status = list[str](), 422 if form.errors else 200
    if form.is_valid():
        try:
            act.store(year, form, request)
        except Refused as refusal:
            refused, status = refusal.messages, 409
        else:
            messages.success(request, act.done.format(year=year))
            return redirect("years")
    context = {
        "year": year,
        "council": year.council,
        "form": form,
        "refused": refused,
        "nav_section": "settings",
        **act.more(year),
    }
    return render(request, f"monitoring/{act.template}.html", context, status=status)
