"""The two addresses of single sign-on: where a log-in begins, and where the provider returns."""

import secrets

from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from requests import RequestException

from council_finance.accounts.single_sign_on.answers import explain_failure, safe_next
from council_finance.accounts.single_sign_on.provider import CouncilAdapter, council_provider
from council_finance.accounts.throttle import client_address, counted, no_place


@login_not_required
@never_cache
@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider, with a state, a nonce and PKCE's challenge.

    It is begun by a link: a form could not follow the provider's own redirects under the content
    security policy. A link from elsewhere logs people in as themselves, which does no harm.
    """
    provider = council_provider(request)
    wanted = safe_next(request, request.GET.get("next"))
    if request.user.is_authenticated:
        return redirect(wanted)
    if counted(f"signed on {client_address(request)}") > settings.SIGN_ONS_MOST:
        return no_place(request, for_address=True)
    nonce = secrets.token_urlsafe(24)
    try:
        answer: HttpResponse = provider.redirect(
            request, process="login", next_url=wanted, auth_params={"nonce": nonce}, nonce=nonce
        )
    except (RequestException, OAuth2Error) as error:
        return explain_failure(request, exception=error)
    return answer


@login_not_required
@never_cache
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Log in whom the provider names, once its answer is proved."""
    council_provider(request)
    try:
        answer: HttpResponse = OAuth2CallbackView.adapter_view(CouncilAdapter(request))(request)
    except (RequestException, OAuth2Error) as error:
        return explain_failure(request, exception=error)
    return answer
