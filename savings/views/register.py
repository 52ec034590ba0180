"""Keeping the register of savings: a new one, a change, and one in the place of another."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from council_finance.errors import Refused
from council_finance.money import plain_pounds
from monitoring.rights import require
from monitoring.selectors.reports import periods, years
from savings import rights
from savings.forms import ChangeForm, NewSavingForm, ReplacementForm, SavingForm
from savings.selectors.choices import CATEGORIES, decisions, service_choices
from savings.selectors.history import of_register
from savings.selectors.register import find_saving, saving_version
from savings.services.register import (
    SavingChanged,
    add_saving,
    change_saving,
    replace_saving,
)


def new(request: HttpRequest, start: int) -> HttpResponse:
    """A new saving of the year's register."""
    year = get_object_or_404(years(), start=start)
    reach = rights.keeping(request.user, year)
    require(bool(reach))
    form = NewSavingForm(service_choices(year, reach), _sent(request))
    heading = {"title": f"Add a saving to {year.label}", "button": "Add the saving"}
    if request.method != "POST":
        return _page(request, year, form, **heading)
    if not form.is_valid():
        return _page(request, year, form, status=422, **heading)
    try:
        added = add_saving(
            year=year,
            reference=form.cleaned_data["reference"],
            details=form.details,
            by=request.user,
        )
    except Refused as refused:
        return _page(request, year, form, status=409, refused=refused.messages, **heading)
    messages.success(request, f"{added.reference} is in the register.")
    return redirect("saving", start, added.reference)


def change(request: HttpRequest, start: int, reference: str) -> HttpResponse:
    """Other words, another service, another amount."""
    saving = _kept(request, start, reference)
    form = _change_form(request, saving, _sent(request))
    heading = {"title": f"Change {reference}", "button": "Save the change", "saving": saving}
    if request.method != "POST":
        return _page(request, saving.year, form, **heading)
    if not form.is_valid():
        return _page(request, saving.year, form, status=422, **heading)
    try:
        changed = change_saving(
            saving=saving,
            seen=form.cleaned_data["seen"],
            details=form.details,
            by=request.user,
        )
    except SavingChanged as refused:
        found = _kept(request, start, reference)
        heading |= {"saving": found, "stands": [("Title", found.title), *of_register(found).facts]}
        typed = request.POST.copy()
        typed["seen"] = saving_version(found)
        form = _change_form(request, found, typed)
        return _page(request, found.year, form, status=409, refused=refused.messages, **heading)
    except Refused as refused:
        return _page(request, saving.year, form, status=409, refused=refused.messages, **heading)
    said = f"{reference} is changed." if changed else "Nothing had changed, so nothing was saved."
    messages.success(request, said)
    return redirect("saving", start, reference)


def exchange(request: HttpRequest, start: int, number: int, reference: str) -> HttpResponse:
    """Change control: a new saving in the place of this one, from a period on."""
    saving = _kept(request, start, reference)
    period = get_object_or_404(periods(), year=saving.year, number=number)
    reach = rights.keeping(request.user, saving.year)
    initial = {"service": saving.service.code, "decision": saving.decision}
    choices = service_choices(saving.year, reach)
    form = ReplacementForm(choices, _sent(request), initial=initial)
    heading = {
        "title": f"Replace {reference} from {period.name.lower()} on",
        "button": f"Replace {reference}",
        "saving": saving,
        "period": period,
    }
    if request.method != "POST":
        return _page(request, saving.year, form, **heading)
    if not form.is_valid():
        return _page(request, saving.year, form, status=422, **heading)
    try:
        added = replace_saving(
            saving=saving,
            period=period,
            reference=form.cleaned_data["reference"],
            details=form.details,
            agreement=form.agreement,
            by=request.user,
        )
    except Refused as refused:
        return _page(request, saving.year, form, status=409, refused=refused.messages, **heading)
    messages.success(
        request, f"{added.reference} counts in the place of {reference} from {period.name.lower()}."
    )
    return redirect("saving", start, added.reference)


def _sent(request: HttpRequest):
    """What was sent, though it be nothing; None where the page is only read."""
    return request.POST if request.method == "POST" else None


def _kept(request: HttpRequest, start: int, reference: str):
    """The saving, where this person keeps it; else 403 or 404."""
    year = get_object_or_404(years(), start=start)
    require(bool(rights.keeping(request.user, year)))
    saving = find_saving(year, reference)
    if saving is None:
        raise Http404("There is no such saving.")
    require(rights.may_keep(request.user, saving.service))
    return saving


def _change_form(request: HttpRequest, saving, data) -> ChangeForm:
    reach = rights.keeping(request.user, saving.year)
    choices = service_choices(saving.year, reach, besides=saving.service)
    return ChangeForm(choices, data, initial=_initial(saving))


def _initial(saving) -> dict:
    """What stands, as the form's fields show it."""
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


def _page(request: HttpRequest, year, form: SavingForm, status: int = 200, **more) -> HttpResponse:
    context = {
        "year": year,
        "council": year.council,
        "form": form,
        "decisions": decisions(year),
        "categories": CATEGORIES,
        "nav_section": "home",
    }
    return render(request, "savings/form.html", context | more, status=status)
