"""The pages about people: who may log in, in which role, for which parts of the tree."""

from collections.abc import Sequence

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from council_finance.accounts.current_user import current_user
from council_finance.accounts.models import Role, User
from council_finance.accounts.passwords import lost_administrator, may_use_password
from council_finance.accounts.requests import LoggedInRequest
from council_finance.accounts.second_factor import (
    has_second_factor,
    is_required,
    reset_second_factor,
)
from council_finance.accounts.services import one_time_link
from council_finance.accounts.single_sign_on.people import (
    expect_sign_on,
    expected_address,
    has_sign_on,
    unlink_sign_on,
)
from council_finance.accounts.tokens.selectors import token_rows
from council_finance.errors import Refused
from council_finance.forms.filters import Filter, filter_form
from monitoring.people.forms import EraseForm, PersonForm
from monitoring.people.rights import may_keep_people, require
from monitoring.people.selectors.people import (
    is_erased,
    parts_of,
    parts_to_choose_from,
    person_or_none,
    person_rows,
)
from monitoring.people.selectors.service_ties import latest_year, services_without_director
from monitoring.people.services import people as services
from monitoring.people.services.erasure import erase_person, export_person

_LINK = "one_time_link"
"""Where the session keeps a link until it has been shown, once."""


@require_safe
def people(request: LoggedInRequest) -> HttpResponse:
    """Show everybody, or those who were searched for."""
    require(may_keep_people(current_user(request)))
    search, role = request.GET.get("search", ""), request.GET.get("role", "")
    rows = person_rows(search, role)
    context = {
        "rows": rows,
        "role": role,
        "waiting": [row.person for row in rows if row.person.is_active and not row.person.has_role],
        "lost_administrator": lost_administrator(),
        "without": services_without_director(latest_year()),
        "narrowed": bool(search or role),
        "filter": filter_form(
            Filter("search", "Name, user name or e-mail address", search),
            Filter("role", "Role", role, [("", "All roles"), *Role.choices]),
        ),
        "nav_section": "people",
    }
    return render(request, "monitoring/people.html", context)


def new(request: LoggedInRequest) -> HttpResponse:
    """Add a person."""
    require(may_keep_people(current_user(request)))
    initial = {"role": Role.SCRUTINY_MEMBER}
    form = PersonForm(parts_to_choose_from(), request.POST or None, initial=initial, new=True)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = services.make_person(**form.cleaned_data, by=current_user(request))
                if may_use_password(made):
                    _keep_link(request, made.pk, one_time_link(made))
                    messages.success(request, f"{made.name} can log in once they have a password.")
                return redirect("person", made.pk)
            except Refused as refused:
                status = 409
                for message in refused.messages:
                    form.add_error("username", message)
    context = {"form": form, "nav_section": "people"}
    return render(request, "monitoring/person_new.html", context, status=status)


def person(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Show one person, and change their details and rights."""
    shown = _find_person(request, pk)
    form, status, refused = _person_form(shown, request.POST or None), 200, list[str]()
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                changed = services.change_person(
                    person=shown, **form.cleaned_data, by=current_user(request)
                )
                messages.success(request, "Saved." if changed else "Nothing was changed.")
                return redirect("person", pk)
            except Refused as error:
                status, refused = 409, error.messages
    return _person_page(request, shown, form, status, refused)


@require_POST
def link(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Make a one-time link for a person; their page shows it once."""
    shown = _find_person(request, pk)
    try:
        _keep_link(request, pk, services.give_link(person=shown, by=current_user(request)))
    except Refused as refused:
        return _person_page(request, shown, _person_form(shown), 409, refused.messages)
    return redirect("person", pk)


@require_POST
def second_factor(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Take away a person's second factor, such as of somebody who has lost their phone."""
    shown = _find_person(request, pk)
    try:
        reset_second_factor(person=shown, by=current_user(request))
    except Refused as refused:
        return _person_page(request, shown, _person_form(shown), 409, refused.messages)
    messages.success(request, "The second factor is reset. Their password alone lets them in.")
    return redirect("person", pk)


@require_POST
def sign_on(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Let single sign-on recognise a person once by their e-mail, or take it away from them."""
    shown, by = _find_person(request, pk), current_user(request)
    if settings.OIDC is None:
        raise Http404
    try:
        if request.POST.get("act") == "expect":
            expect_sign_on(person=shown, by=by)
            messages.success(request, f"{shown.email} is recognised at the next log-in.")
        else:
            unlink_sign_on(person=shown, by=by)
            messages.success(request, f"Single sign-on no longer leads to {shown.name}.")
    except Refused as refused:
        return _person_page(request, shown, _person_form(shown), 409, refused.messages)
    return redirect("person", pk)


@require_POST
def export(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Download everything that is held about a person, as JSON in a ZIP."""
    shown = _find_person(request, pk)
    content = export_person(person=shown, by=current_user(request))
    response = HttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="person-{shown.pk}.zip"'
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def erase(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Erase a person, once their user name was typed to confirm it."""
    shown = _find_person(request, pk)
    if request.POST.get("username", "") != shown.username:
        fault = f"Type the user name {shown.username} to confirm that this person is erased."
        return _person_page(request, shown, _person_form(shown), 422, [fault])
    try:
        erase_person(person=shown, by=current_user(request))
    except Refused as refused:
        return _person_page(request, shown, _person_form(shown), 409, refused.messages)
    messages.success(request, "The person is erased. What they entered and decided stays.")
    return redirect("person", pk)


def _find_person(request: LoggedInRequest, pk: int) -> User:
    """Return the person of a page for administrators. Raise `Http404` where there is none."""
    require(may_keep_people(current_user(request)))
    shown = person_or_none(pk)
    if shown is None:
        raise Http404
    return shown


def _person_form(shown: User, data: QueryDict | None = None) -> PersonForm:
    held = parts_of(shown)
    initial = {
        "name": shown.get_full_name(),
        "email": shown.email,
        "role": shown.role,
        "parts": held,
        "active": shown.is_active,
    }
    return PersonForm(parts_to_choose_from(held), data, initial=initial, new=False)


def _person_page(
    request: LoggedInRequest, shown: User, form: PersonForm, status: int, refused: Sequence[str]
) -> HttpResponse:
    kept = request.session.get(_LINK, {})
    one_time = ""
    if status == 200 and kept.get("person") == shown.pk:
        one_time = request.build_absolute_uri(request.session.pop(_LINK)["path"])
    context = {
        "person": shown,
        "form": form,
        "refused": refused,
        "link": one_time,
        "second_factor": has_second_factor(shown),
        "second_factor_required": is_required(shown),
        "erased": is_erased(shown),
        "sign_on": settings.OIDC,
        "signs_on": has_sign_on(shown),
        "expected": expected_address(shown),
        "may_use_password": may_use_password(shown),
        "tokens": token_rows(shown, timezone.now()),
        "erase_form": EraseForm(shown.username, auto_id="erase_%s"),
        "nav_section": "people",
    }
    response = render(request, "monitoring/person.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _keep_link(request: LoggedInRequest, pk: int, path: str) -> None:
    request.session[_LINK] = {"person": pk, "path": path}
