"""The page on which many people and services are tied to each other at once."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from council_finance.accounts.current_user import current_user
from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from council_finance.uploads.problems import FileRefused, Problem
from monitoring.people.forms import ConfirmForm, PeopleListForm, TieForm, sent_again
from monitoring.people.rights import may_keep_people, require
from monitoring.people.rows_of_lists import ListOfRows
from monitoring.people.selectors.people import people_who_may_be_tied
from monitoring.people.selectors.service_ties import latest_year, tied_services
from monitoring.people.selectors.tie_plan import plan_ties
from monitoring.people.services.ties import store_ties
from monitoring.people.tie_rows import COLUMNS, ListedTie, read_ties, write_ties


def services(request: LoggedInRequest) -> HttpResponse:
    """Show who looks after each service; show the effect of a list of ties, or store it."""
    require(may_keep_people(current_user(request)))
    if request.POST.get("confirm") == "yes":
        return _store_ties(request)
    if request.method != "POST":
        return _ties_page(request, 200)
    if request.POST.get("from") == "ticks":
        return _check_ticks(request)
    form = PeopleListForm(request.POST, request.FILES)
    if not form.is_valid():
        return _ties_page(request, 422, form=form)
    content = form.content
    try:
        return _preview_page(request, content, read_ties(content))
    except FileRefused as refused:
        return _ties_page(request, 422, form=form, problems=refused.problems)


def _check_ticks(request: LoggedInRequest) -> HttpResponse:
    """Show the effect of the services that were ticked for a person."""
    ticks = _tick_form(request, bound=True)
    if not ticks.is_valid():
        return _ties_page(request, 422, ticks=ticks)
    data = ticks.cleaned_data
    content = write_ties(data["services"], data["person"], data["act"])
    return _preview_page(request, content, read_ties(content))


def _store_ties(request: LoggedInRequest) -> HttpResponse:
    """Store the ties that were confirmed, or show their effect again where that has changed."""
    confirmed = ConfirmForm(request.POST)
    if not confirmed.is_valid():
        lost = Problem("The list was not sent whole. Choose it again.")
        return _ties_page(request, 422, problems=[lost])
    content = confirmed.cleaned_data["content"]
    try:
        listed = read_ties(content)
    except FileRefused as refused:
        return _ties_page(request, 422, problems=refused.problems)
    try:
        changed = store_ties(
            listed=listed, revision=confirmed.cleaned_data["revision"], by=current_user(request)
        )
    except Refused as refused_list:
        return _preview_page(request, content, listed, refused_list.messages)
    number = "1 person" if changed == 1 else f"{changed:,} people"
    messages.success(request, f"Stored: the services of {number} have changed.")
    return redirect("people-services")


def _tick_form(request: LoggedInRequest, *, bound: bool) -> TieForm:
    year = latest_year()
    rows = tied_services(year) if year else []
    return TieForm(rows, people_who_may_be_tied(), request.POST if bound else None)


def _ties_page(
    request: LoggedInRequest,
    status: int,
    *,
    form: PeopleListForm | None = None,
    ticks: TieForm | None = None,
    problems: list[Problem] | None = None,
) -> HttpResponse:
    year = latest_year()
    rows = tied_services(year) if year else []
    context = {
        "year": year,
        "rows": rows,
        "without": [row for row in rows if row.lacks_director],
        "form": form or PeopleListForm(),
        "ticks": ticks or _tick_form(request, bound=False),
        "refused": [problem.sentence for problem in problems or []],
        "columns": COLUMNS,
        "nav_section": "people",
    }
    return render(request, "monitoring/people_services.html", context, status=status)


def _preview_page(
    request: LoggedInRequest,
    content: bytes,
    listed: ListOfRows[ListedTie],
    refused: list[str] | None = None,
) -> HttpResponse:
    """Show the effect of ties; 422 where a row is refused, 409 where ties changed meanwhile."""
    plan = plan_ties(listed)
    context = {
        "plan": plan,
        "form": PeopleListForm(),
        "confirm": ConfirmForm(initial=sent_again(content, plan.revision)),
        "meanwhile": refused or [],
        "nav_section": "people",
    }
    status = 422 if plan.problems else 409 if refused else 200
    return render(request, "monitoring/people_services_preview.html", context, status=status)
