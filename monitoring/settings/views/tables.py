"""The page of a table of settings: read it, change it, and see first what would change.

One form serves every registered table. Its buttons that add, move or remove rows send the whole
form, which comes back with what was typed. The preview sends the same fields again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from council_finance.accounts.current_user import current_user
from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from council_finance.registry import SettingsTable, settings_tables, values_of
from monitoring.people.rights import may_change_settings, may_read_settings, require
from monitoring.settings.forms.table_form import TableForm, typed_from
from monitoring.settings.forms.typed import Typed
from monitoring.settings.selectors import (
    effect_of,
    last_change,
    table_in_words,
)
from monitoring.settings.services import ChangedMeanwhile, save_settings
from monitoring.structure.selectors.calendar import years
from monitoring.structure.settings_order import digest_of, order_values
from monitoring.structure.settings_words import changes_between

if TYPE_CHECKING:
    from monitoring.structure.models import FinancialYear

_OWN = ("csrfmiddlewaretoken", "do", "shown")
"""Fields that are sent beside the settings themselves."""


def table(request: LoggedInRequest, start: int, name: str) -> HttpResponse:
    """Show a table of settings, and change it."""
    user = current_user(request)
    require(may_read_settings(user))
    year = get_object_or_404(years(), start=start)
    found = settings_tables().get(name)
    if found is None:
        raise Http404("There is no such table of settings.")
    if request.method == "POST":
        require(may_change_settings(user))
        return _answer_form(request, year, found)
    if year.is_archived or not may_change_settings(user):
        words = table_in_words(found, year.settings)
        context = _page_context(year, found) | {"words": words}
        return render(request, "monitoring/settings_read.html", context)
    typed = typed_from(found, _values_in_force(year, found))
    return _draw_form(request, year, TableForm(found, typed, check=False))


def _answer_form(
    request: LoggedInRequest, year: FinancialYear, found: SettingsTable
) -> HttpResponse:
    """Carry out the button that was pressed."""
    sent = {key: request.POST[key] for key in request.POST if key not in _OWN}
    typed, button = Typed(sent), request.POST.get("do", "preview")
    if button not in ("preview", "store"):
        form = TableForm(found, typed.act(button), check=False)
        return _draw_form(request, year, form, shown=request.POST.get("shown"))
    form = TableForm(found, typed, check=True)
    if not form.is_valid():
        return _draw_form(request, year, form, shown=request.POST.get("shown"), status=422)
    if request.POST.get("shown") != digest_of(found, year.settings):
        return _draw_conflict(request, year, form)
    if button == "store":
        return _store_change(request, year, form)
    return _draw_preview(request, year, form)


def _store_change(request: LoggedInRequest, year: FinancialYear, form: TableForm) -> HttpResponse:
    """Store the settings; say so on the page of the year."""
    shown = request.POST.get("shown", "")
    try:
        save_settings(
            year=year,
            table=form.table,
            values=form.values(),
            by=current_user(request),
            before=shown,
        )
    except ChangedMeanwhile:
        year.refresh_from_db()
        return _draw_conflict(request, year, form)
    except Refused as refused:
        form.faults += refused.messages
        return _draw_form(request, year, form, shown=shown, status=409)
    messages.success(request, f"“{form.table.title}” has been changed for {year.label}.")
    return redirect("settings-year", year.start)


def _draw_form(
    request: LoggedInRequest,
    year: FinancialYear,
    form: TableForm,
    *,
    shown: str | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Return the page with the form; `shown` is the fingerprint of the settings it began with."""
    context = _page_context(year, form.table) | {
        "form": form,
        "shown": shown or digest_of(form.table, year.settings),
        **more,
    }
    return render(request, "monitoring/settings_table.html", context, status=status)


def _draw_conflict(request: LoggedInRequest, year: FinancialYear, form: TableForm) -> HttpResponse:
    """Return the form with what was typed beside what somebody else has stored meanwhile.

    The form then begins from the settings that are stored now, so that it can be sent again.
    """
    theirs = changes_between(form.table, form.values(), _values_in_force(year, form.table))
    again = TableForm(form.table, form.typed, check=False)
    return _draw_form(
        request,
        year,
        again,
        status=409,
        conflict=True,
        theirs=theirs,
        changed_by=last_change(year, form.table),
    )


def _draw_preview(request: LoggedInRequest, year: FinancialYear, form: TableForm) -> HttpResponse:
    """Return the page with what the change would do, or the form where nothing was changed."""
    before = _values_in_force(year, form.table)
    changes = changes_between(form.table, before, form.values())
    if not changes:
        return _draw_form(request, year, form, unchanged=True)
    context = _page_context(year, form.table) | {
        "changes": changes,
        "effect": effect_of(year, form.table, form.value),
        "sent": list(form.typed.fields.items()),
        "shown": request.POST.get("shown"),
    }
    return render(request, "monitoring/settings_preview.html", context)


def _values_in_force(year: FinancialYear, found: SettingsTable) -> dict[str, Any]:
    return order_values(found, values_of(found, year.settings))


def _page_context(year: FinancialYear, found: SettingsTable) -> dict[str, Any]:
    return {
        "year": year,
        "years": years(),
        "council": year.council,
        "table": found,
        "nav_section": "settings",
    }
