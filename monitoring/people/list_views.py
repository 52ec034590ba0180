"""The pages on which a list of people is checked, stored, and answered with links."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from council_finance.accounts import tasks
from council_finance.accounts.current_user import current_user
from council_finance.accounts.models import Role, User
from council_finance.accounts.requests import LoggedInRequest
from council_finance.accounts.services import one_time_link
from council_finance.accounts.single_sign_on.configured import configured_oidc
from council_finance.errors import Refused
from council_finance.uploads.problems import FileRefused, Problem
from monitoring.people.forms import (
    MAIL_LINKS,
    NO_LINKS,
    SHOW_LINKS,
    ConfirmListForm,
    PeopleListForm,
    sent_again,
)
from monitoring.people.list_rows import COLUMNS, PeopleList, read_people_list
from monitoring.people.rights import may_keep_people, require
from monitoring.people.selectors.list_plan import people_of, plan_people
from monitoring.people.services.list_import import store_people_list

_NEW_PEOPLE = "new_people"
"""The session's key for the people whose links are shown once; the links are not stored."""


def add_list(request: LoggedInRequest) -> HttpResponse:
    """Show the form for a list, the effect of the list that was sent, or store it."""
    require(may_keep_people(current_user(request)))
    if request.POST.get("confirm") == "yes":
        return _store_list(request)
    form = PeopleListForm(request.POST or None, request.FILES or None)
    if request.method != "POST":
        return _form_page(request, form, 200)
    if not form.is_valid():
        return _form_page(request, form, 422)
    content = form.content
    try:
        listed = read_people_list(content)
    except FileRefused as refused:
        return _form_page(request, form, 422, refused.problems)
    return _preview_page(request, form, content, listed)


def _store_list(request: LoggedInRequest) -> HttpResponse:
    """Store the list that was confirmed, or show its effect again where that has changed."""
    confirmed = ConfirmListForm(request.POST, ways=_ways_to_log_in())
    form = PeopleListForm()
    if not confirmed.is_valid():
        lost = Problem("The list was not sent whole. Choose it again.")
        return _form_page(request, form, 422, [lost])
    content = confirmed.cleaned_data["content"]
    way = confirmed.cleaned_data["links"] or _ways_to_log_in()[0][0]
    try:
        listed = read_people_list(content)
        made = store_people_list(
            listed=listed,
            revision=confirmed.cleaned_data["revision"],
            by_sign_on=way == NO_LINKS,
            by=current_user(request),
        )
    except FileRefused as refused:
        return _form_page(request, form, 422, refused.problems)
    except Refused as refused_list:
        return _preview_page(request, form, content, listed, refused_list.messages)
    return _answer_new_people(request, made, way)


def _ways_to_log_in() -> list[tuple[str, str]]:
    """Return the ways in which new people can be let in, the one to propose first."""
    ways = []
    if settings.OIDC:
        ways.append((NO_LINKS, f"With {settings.OIDC.name}, which recognises them by this e-mail"))
    if not settings.PASSWORDS_ONLY_FOR:
        if settings.EMAIL_HOST:
            ways.append((MAIL_LINKS, "With a password: send each person their link by e-mail"))
        ways.append((SHOW_LINKS, "With a password: show me the links once, on the next page"))
    return ways


def _answer_new_people(request: LoggedInRequest, made: list[User], way: str) -> HttpResponse:
    """Let new people in as was chosen: by single sign-on, links by mail, or links shown once."""
    if not made:
        messages.success(request, "The list is stored. Nobody on it was new.")
        return redirect("people")
    number = "1 person has" if len(made) == 1 else f"{len(made):,} people have"
    if way == NO_LINKS:
        messages.success(
            request, f"{number} been added. They log in with {configured_oidc().name}."
        )
        return redirect("people")
    if way == MAIL_LINKS:
        site = request.build_absolute_uri("/").rstrip("/")
        try:
            for person in made:
                tasks.send_first_link.delay(person.pk, site)
        except (KombuError, RedisError):
            messages.warning(request, "No mail can be sent now, so the links are shown here.")
        else:
            messages.success(request, f"{number} been added, and their links are on their way.")
            return redirect("people")
    else:
        messages.success(request, f"{number} been added.")
    request.session[_NEW_PEOPLE] = [person.pk for person in made]
    return redirect("people-links")


@require_GET
def links(request: LoggedInRequest) -> HttpResponse:
    """Show, once, the links with which new people set their password."""
    require(may_keep_people(current_user(request)))
    people = people_of(request.session.pop(_NEW_PEOPLE, []))
    context = {
        "rows": [(each, request.build_absolute_uri(one_time_link(each))) for each in people],
        "nav_section": "people",
    }
    response = render(request, "monitoring/people_links.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _form_page(
    request: LoggedInRequest,
    form: PeopleListForm,
    status: int,
    problems: list[Problem] | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "refused": [problem.sentence for problem in problems or []],
        "columns": COLUMNS,
        "roles": Role,
        "nav_section": "people",
    }
    return render(request, "monitoring/people_list.html", context, status=status)


def _preview_page(
    request: LoggedInRequest,
    form: PeopleListForm,
    content: bytes,
    listed: PeopleList,
    refused: list[str] | None = None,
) -> HttpResponse:
    """Show the effect of a list; 422 where a row is refused, 409 where people changed meanwhile."""
    plan = plan_people(listed, by=current_user(request))
    sent = sent_again(content, plan.revision)
    ways = _ways_to_log_in() if plan.new else []
    context = {
        "plan": plan,
        "form": form,
        "confirm": ConfirmListForm(initial=sent, ways=ways),
        "meanwhile": refused or [],
        "nav_section": "people",
    }
    status = 422 if plan.problems else 409 if refused else 200
    return render(request, "monitoring/people_list_preview.html", context, status=status)
