"""The administrator's part in people's access tokens: one or all of a person are revoked."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from council_finance.accounts.requests import LoggedInRequest
from council_finance.accounts.tokens.services import revoke_tokens
from council_finance.typed_text import whole_number
from monitoring.people.rights import may_keep_people, require
from monitoring.people.selectors.people import person_or_none


@require_POST
def revoke(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Revoke the token that the form names, or all of the person's where it names none."""
    require(may_keep_people(request.user))
    person = person_or_none(pk)
    named = request.POST.get("token", "")
    only = whole_number(named, digits=18)
    if person is None or (named and only is None):
        raise Http404
    count = revoke_tokens(person=person, only=only, by=request.user, now=timezone.now())
    if named and not count:
        raise Http404("There is no such token that could be revoked.")
    messages.success(request, "Revoked. Programs that still use it are refused.")
    return redirect("person", pk)
