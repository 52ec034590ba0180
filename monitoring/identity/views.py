"""The page of the council, and the files that the head of every page is drawn with."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from council_finance.accounts.current_user import current_user
from council_finance.accounts.middleware import public
from council_finance.accounts.requests import LoggedInRequest
from council_finance.errors import Refused
from monitoring.audit.selectors.audit_trail import history_of
from monitoring.identity.colours import STYLE_VERSION, read_accent, style_sheet
from monitoring.identity.forms import CouncilForm
from monitoring.identity.selectors import (
    Identity,
    council_name,
    logo_content,
    read_identity,
)
from monitoring.identity.services import RECORD, save_council
from monitoring.people.rights import may_change_settings, may_read_settings, may_see_audit, require

_KEPT_FOR_GOOD = "public, max-age=31536000, immutable"


def council(request: LoggedInRequest) -> HttpResponse:
    """Show the council's name, accent colour and logo, and change them."""
    return council_page(request, after="council", in_set_up=False)


def council_page(request: LoggedInRequest, *, after: str, in_set_up: bool) -> HttpResponse:
    """Show the council and change it; `after` is the name of the address that follows a change."""
    user = current_user(request)
    require(may_read_settings(user))
    posted, may_change = request.method == "POST", may_change_settings(user)
    require(may_change or not posted)
    identity = read_identity()
    form = _council_form(request, identity)
    refused: list[str] = []
    if posted and form.is_valid():
        try:
            changed = save_council(**form.cleaned_data, by=user)
        except Refused as refusal:
            refused = refusal.messages
        else:
            messages.success(request, "Saved." if changed else "Nothing was changed.")
            return redirect(after)
    context = {
        "form": form,
        "refused": refused,
        "may_change": may_change,
        "in_set_up": in_set_up,
        "history": history_of(RECORD),
        "record": RECORD if may_see_audit(user) else "",
        "nav_section": "settings",
    }
    status = 409 if refused else 422 if form.errors else 200
    return render(request, "monitoring/council.html", context, status=status)


def _council_form(request: LoggedInRequest, identity: Identity) -> CouncilForm:
    initial = {
        "name": identity.name or council_name(),
        "short_name": identity.short_name,
        "accent": identity.accent,
        "revision": identity.revision,
    }
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    return CouncilForm(*sent, initial=initial, has_logo=bool(identity.logo_version))


@public
@require_safe
def style(request: HttpRequest, version: int, colour: str) -> HttpResponse:
    """Return the style sheet of an accent colour; its address changes with the colour."""
    try:
        accent = read_accent(f"#{colour}")
    except Refused as refused:
        raise Http404 from refused
    if version != STYLE_VERSION:
        raise Http404
    return _kept_for_good(style_sheet(accent).encode(), "text/css; charset=utf-8")


@public
@require_safe
def logo(request: HttpRequest, version: str) -> HttpResponse:
    """Return the logo; its address changes with its content."""
    content = logo_content(version)
    if content is None:
        raise Http404
    return _kept_for_good(content, "image/png")


def _kept_for_good(content: bytes, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Cache-Control"] = _KEPT_FOR_GOOD
    return response
