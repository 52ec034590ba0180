"""The answers to a log-in by single sign-on: the page that was wanted, or why it failed."""

import logging

from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from requests import RequestException

from council_finance.accounts import trail
from council_finance.accounts.middleware import SIGNED_ON
from council_finance.accounts.single_sign_on.configured import configured_oidc
from council_finance.accounts.single_sign_on.people import BY_SIGN_ON, person_of_sign_on
from council_finance.accounts.views import log_in
from council_finance.errors import Refused

logger = logging.getLogger(__name__)

_PASSWORD_BACKEND = "django.contrib.auth.backends.ModelBackend"
"""The backend that reads people from the database; single sign-on needs none of its own."""


def log_in_by(request: HttpRequest, sociallogin: SocialLogin) -> HttpResponse:
    """Log in the person whom the provider names, and lead on to the page that was wanted."""
    try:
        person = person_of_sign_on(
            subject=sociallogin.account.uid,
            claims=sociallogin.claims,
            kept=sociallogin.account.extra_data,
        )
    except Refused as refused:
        return _failure_page(request, refused.messages[0], 403)
    person.backend = _PASSWORD_BACKEND
    log_in(request, person, by=BY_SIGN_ON)
    request.session[SIGNED_ON] = True
    return redirect(safe_next(request, sociallogin.state.get("next")))


def safe_next(request: HttpRequest, wanted: str | None) -> str:
    """Return an address of this site: the one that is wanted, else the first page."""
    if wanted and url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    ):
        return wanted
    return resolve_url(settings.LOGIN_REDIRECT_URL)


def explain_failure(
    request: HttpRequest, *, cancelled: bool = False, exception: Exception | None = None
) -> HttpResponse:
    """Return the page that says why nobody was logged in; the log has what the provider said."""
    if cancelled:
        return _failure_page(request, "You cancelled the log-in, or may not use this site.", 403)
    if isinstance(exception, RequestException):
        logger.warning("Single sign-on: the provider cannot be reached: %s", exception)
        return _failure_page(
            request,
            "The service behind your council account cannot be reached, or answers with an error."
            " Try again in a few minutes.",
            503,
        )
    logger.warning("Single sign-on: %s", exception or "the answer has no state of this browser")
    return _failure_page(
        request,
        "The answer of the provider does not belong to a log-in that this browser began in the"
        " last ten minutes, or is not valid. Begin again.",
        400,
    )


def _failure_page(request: HttpRequest, why: str, status: int) -> HttpResponse:
    trail.note_failed_sign_on(request)
    context = {"why": why, "name": configured_oidc().name}
    return render(request, "accounts/sign_on_failed.html", context, status=status)
