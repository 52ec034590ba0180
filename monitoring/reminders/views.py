"""The pages of reminders: one's own choice, the link that stops them, and the log of mails."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from council_finance.accounts.middleware import public
from council_finance.accounts.requests import LoggedInRequest
from monitoring.people.rights import may_keep_people, may_see_month, require
from monitoring.reminders.forms import RemindersForm
from monitoring.reminders.selectors.choices import (
    is_mail_set_up,
    logged_mails,
    mail_states,
    person_of_token,
    wanted_by,
)
from monitoring.reminders.services import choose_reminders, stop_reminders

_MAILS_A_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: LoggedInRequest) -> HttpResponse:
    """Show which mails the reader gets, and store another choice."""
    user = request.user
    require(user.has_role)
    takes_part = may_see_month(user)
    wanted = wanted_by(user)
    initial = {"digest": wanted.digest, "at_once": wanted.at_once}
    posted = request.POST if request.method == "POST" else None
    form = RemindersForm(posted, initial=initial, takes_part=takes_part)
    if form.is_valid():
        changed = choose_reminders(
            user=user,
            digest=form.cleaned_data.get("digest", wanted.digest),
            at_once=form.cleaned_data["at_once"],
            now=timezone.now(),
        )
        messages.success(request, "Your choice is stored." if changed else "Nothing had changed.")
        return redirect("reminders")
    context = {
        "form": form,
        "is_set_up": is_mail_set_up(),
        "takes_part": takes_part,
        "may_see_log": may_keep_people(user),
    }
    status = 422 if form.errors else 200
    return render(request, "monitoring/reminders.html", context, status=status)


# Mail programs send the POST of RFC 8058 without a cookie; the signed text of the address says whom
# it is about, and can do nothing else.
@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the reminders of the person whose link it is.

    Opening the link only asks, as programs that scan mails open every link.
    """
    person = person_of_token(token)
    if person is None:
        raise Http404("This link was not made here, or the account is closed.")
    if request.method == "POST":
        stop_reminders(user=person)
    return render(request, "monitoring/reminders_stop.html", {"stopped": request.method == "POST"})


@require_safe
def log(request: LoggedInRequest) -> HttpResponse:
    """Show the administrator every mail: to whom, of what kind, when, and its result."""
    require(may_keep_people(request.user))
    state = request.GET.get("state", "")
    page = Paginator(logged_mails(state), _MAILS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "state": state,
        "states": mail_states(),
        "is_set_up": is_mail_set_up(),
        "nav_section": "settings",
    }
    return render(request, "monitoring/mail_log.html", context)
