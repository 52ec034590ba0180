"""The pages about programs: one's own access tokens, and how programs read with them."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from council_finance.accounts.middleware import open_to_the_public
from council_finance.accounts.models import TokenKind
from council_finance.accounts.requests import LoggedInRequest
from council_finance.accounts.tokens.selectors import token_rows
from council_finance.accounts.tokens.services import issue_token, revoke_tokens
from council_finance.errors import Refused
from council_finance.registry import Menu, menu_items
from monitoring.api.forms import TokenForm
from monitoring.api.rights import token_kinds

_SECRET = "access_token"
"""Key of the session: a new token until it has been shown, once."""


@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: LoggedInRequest) -> HttpResponse:
    """Show one's access tokens, and make a new one."""
    kinds, status = token_kinds(request.user), 200
    form = TokenForm(request.POST if request.method == "POST" else None, kinds=kinds)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                request.session[_SECRET] = issue_token(
                    person=request.user,
                    name=form.cleaned_data["name"],
                    days=form.cleaned_data["days"],
                    kind=TokenKind(form.cleaned_data.get("kind", TokenKind.READ)),
                    allowed=kinds,
                    now=timezone.now(),
                )
                return redirect("tokens")
            except Refused as refused:
                form.add_error(None, refused.messages[0])
                status = 409
    shown_once = request.session.pop(_SECRET, "") if request.method == "GET" else ""
    context = {
        "form": form,
        "secret": shown_once,
        "rows": token_rows(request.user, timezone.now()),
        "may_upload": TokenKind.UPLOAD in kinds,
    }
    response = render(request, "accounts/tokens.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@open_to_the_public
@require_safe
def data_for_programs(request: HttpRequest) -> HttpResponse:
    """Show how programs read the council's figures, in short steps."""
    context = {
        "api": request.build_absolute_uri(reverse("api-start")),
        "pages": menu_items(Menu.DATA, request.user),
        "wrong_most": settings.WRONG_TOKENS_MOST,
        "nav_section": "reports",
    }
    return render(request, "monitoring/data_for_programs.html", context)


@require_POST
def revoke(request: LoggedInRequest, pk: int) -> HttpResponse:
    """Revoke one of one's own tokens."""
    if not revoke_tokens(person=request.user, only=pk, by=request.user, now=timezone.now()):
        raise Http404("There is no such token that could be revoked.")
    messages.success(request, "The token is revoked. A program that still uses it is refused.")
    return redirect("tokens")
