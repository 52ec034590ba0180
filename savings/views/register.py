"""Pages that maintain the register of savings: add, change, and replace under change control."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render

from council_finance.accounts.current_user import current_user
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from monitoring.people.rights import require
from monitoring.structure.selectors.calendar import periods, years
from savings import rights
from savings.forms import ChangeForm, NewSavingForm, ReplacementForm, SavingForm
from savings.selectors.choices import CATEGORIES, decisions, service_choices
from savings.selectors.history import terms_in_register
from savings.selectors.register import find_saving, saving_version
from savings.services.register import (
    SavingChanged,
    add_saving,
    change_saving,
    replace_saving,
)

if TYPE_CHECKING:
    from monitoring.models import FinancialYear
    from savings.models import Saving


def add(request: HttpRequest, start: int) -> HttpResponse:
    """Add a saving to the year's register."""
    year = get_object_or_404(years(), start=start)
    reach = rights.maintained_services(current_user(request), year)
    require(bool(reach))
    form = NewSavingForm(service_choices(year, reach), _posted_data(request))
    heading = {"title": f"Add a saving to {year.label}", "button": "Add the saving"}
    if request.method != "POST":
        return _render_form(request, year, form, heading)
    if not form.is_valid():
        return _render_form(request, year, form, heading, status=422)
    try:
        added = add_saving(
            year=year,
            reference=form.cleaned_data["reference"],
            details=form.details,
            by=current_user(request),
        )
    except Refused as refused:
        return _render_form(request, year, form, heading, status=409, refused=refused)
    messages.success(request, f"{added.reference} is in the register.")
    return redirect("saving", start, added.reference)


def change(request: HttpRequest, start: int, reference: str) -> HttpResponse:
    """Change a saving's title, service, amount or other fields."""
    saving = _maintained_saving(request, start, reference)
    form = _change_form(request, saving, _posted_data(request))
    heading = {"title": f"Change {reference}", "button": "Save the change", "saving": saving}
    if request.method != "POST":
        return _render_form(request, saving.year, form, heading)
    if not form.is_valid():
        return _render_form(request, saving.year, form, heading, status=422)
    try:
        changed = change_saving(
            saving=saving,
            seen_version=form.cleaned_data["seen"],
            details=form.details,
            by=current_user(request),
        )
    except SavingChanged as refused:
        return _render_changed_meanwhile(request, start, reference, refused, heading)
    except Refused as refused:
        return _render_form(request, saving.year, form, heading, status=409, refused=refused)
    message = (
        f"{reference} is changed." if changed else "Nothing had changed, so nothing was saved."
    )
    messages.success(request, message)
    return redirect("saving", start, reference)


def _render_changed_meanwhile(
    request: HttpRequest,
    start: int,
    reference: str,
    refused: SavingChanged,
    heading: dict[str, Any],
) -> HttpResponse:
    """Render the form as typed, beside the fields as somebody else has saved them."""
    saving = _maintained_saving(request, start, reference)
    typed = request.POST.copy()
    typed["seen"] = saving_version(saving)
    heading |= {
        "saving": saving,
        "stands": [("Title", saving.title), *terms_in_register(saving).facts],
    }
    form = _change_form(request, saving, typed)
    return _render_form(request, saving.year, form, heading, status=409, refused=refused)


def replace(request: HttpRequest, start: int, number: int, reference: str) -> HttpResponse:
    """Replace a saving by a new one from a period on, under change control."""
    saving = _maintained_saving(request, start, reference)
    period = get_object_or_404(periods(), year=saving.year, number=number)
    reach = rights.maintained_services(current_user(request), saving.year)
    initial = {"service": saving.service.code, "decision": saving.decision}
    choices = service_choices(saving.year, reach)
    form = ReplacementForm(choices, _posted_data(request), initial=initial)
    heading = {
        "title": f"Replace {reference} from {period.name.lower()} on",
        "button": f"Replace {reference}",
        "saving": saving,
        "period": period,
    }
    if request.method != "POST":
        return _render_form(request, saving.year, form, heading)
    if not form.is_valid():
        return _render_form(request, saving.year, form, heading, status=422)
    try:
        added = replace_saving(
            saving=saving,
            period=period,
            reference=form.cleaned_data["reference"],
            details=form.details,
            agreement=form.agreement,
            by=current_user(request),
        )
    except Refused as refused:
        return _render_form(request, saving.year, form, heading, status=409, refused=refused)
    messages.success(
        request, f"{added.reference} counts in the place of {reference} from {period.name.lower()}."
    )
    return redirect("saving", start, added.reference)


def _posted_data(request: HttpRequest) -> QueryDict | None:
    """Return the data of a POST, even if empty; None where the page is only read."""
    return request.POST if request.method == "POST" else None


def _maintained_saving(request: HttpRequest, start: int, reference: str) -> Saving:
    """Return a saving that this person maintains, or answer 403 or 404."""
    year = get_object_or_404(years(), start=start)
    require(bool(rights.maintained_services(current_user(request), year)))
    saving = find_saving(year, reference)
    if saving is None:
        raise Http404("There is no such saving.")
    require(rights.may_maintain(current_user(request), saving.service))
    return saving


def _change_form(request: HttpRequest, saving: Saving, data: QueryDict | None) -> ChangeForm:
    reach = rights.maintained_services(current_user(request), saving.year)
    choices = service_choices(saving.year, reach, besides=saving.service)
    return ChangeForm(choices, data, initial=_initial_values(saving))


def _initial_values(saving: Saving) -> dict[str, Any]:
    """Return the stored fields as the form shows them."""
    investment = saving.investment_pence
    return {
        "title": saving.title,
        "service": saving.service.code,
        "agreed": plain_pounds(saving.agreed_saving_pence).replace("£", ""),
        "investment": "" if investment is None else plain_pounds(investment).replace("£", ""),
        "decision": saving.decision,
        "category": saving.category,
        "committee": saving.committee,
        "owner": saving.owner,
        "seen": saving_version(saving),
    }


def _render_form(
    request: HttpRequest,
    year: FinancialYear,
    form: SavingForm,
    heading: Mapping[str, Any],
    *,
    status: int = 200,
    refused: Refused | None = None,
) -> HttpResponse:
    context = {
        **heading,
        "year": year,
        "council": year.council,
        "form": form,
        "decisions": decisions(year),
        "categories": CATEGORIES,
        "refused": refused.messages if refused else [],
        "nav_section": "home",
    }
    return render(request, "savings/form.html", context, status=status)
