"""The person behind a request of a program: by an access token, and never by a session's cookie.

The token comes as `Authorization: Bearer TOKEN`, or as the password of HTTP Basic, which Excel and
Power BI offer; the user name of Basic is not read.
"""

import base64
import binascii
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from council_finance import logs
from council_finance.accounts.middleware import before_second_factor, public, without_role
from council_finance.accounts.models import TokenKind, User
from council_finance.accounts.throttle import client_address, counted
from council_finance.accounts.tokens.services import use_token
from monitoring.api.problems import problem

View = Callable[..., HttpResponseBase]

_CHALLENGE = 'Bearer realm="Budget monitor", Basic realm="Budget monitor", charset="UTF-8"'
_HOW = (
    "Send a token of your account as “Authorization: Bearer TOKEN”, or as the password of HTTP "
    "Basic. You make one on the page Access tokens of your account."
)


def person_of(request: HttpRequest, *, kind: TokenKind = TokenKind.READ) -> User | None:
    """Return the person whose token of this kind the request brings; None where it brings none."""
    secret = _sent_token(request)
    person = use_token(secret=secret, kind=kind, now=timezone.now()) if secret else None
    if person is not None:
        logs.of_person(person.pk)
    return person


def refuse_token(request: HttpRequest) -> HttpResponse:
    """Return the answer to a request without a token that works: 401, or 429 after many wrong ones.

    Wrong ones are counted by address, as long as those of log-ins. A right token is taken all the
    while: a whole council may share an address, and a secret of 256 bits cannot be guessed.
    """
    if not request.headers.get("Authorization"):
        return _refuse_with_challenge("A token is needed", _HOW)
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    times = counted(f"wrong token {client_address(request)}", settings.AXES_COOLOFF_TIME)
    if times > settings.WRONG_TOKENS_MOST:
        return problem(
            429,
            "Too many wrong tokens",
            f"More than {settings.WRONG_TOKENS_MOST} wrong tokens came from your address. Wait "
            f"{seconds // 60} minutes, or send a token that works.",
            headers={"Retry-After": str(seconds)},
        )
    return _refuse_with_challenge(
        "The token does not work here",
        "It is wrong, expired, revoked or of the other kind, or the account of its person is "
        f"closed or has no role. {_HOW}",
    )


def by_token(kind: TokenKind) -> Callable[[View], View]:
    """Return a decorator for views of programs: their `request.user` is the token's person.

    A session's cookie counts for nothing here, so a form of another site can do nothing either.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def check(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            person = person_of(request, kind=kind)
            if person is None:
                return refuse_token(request)
            request.user = person
            return view(request, *args, **kwargs)

        return csrf_exempt(public(before_second_factor(without_role(check))))

    return decorate


def _refuse_with_challenge(title: str, detail: str) -> HttpResponse:
    return problem(401, title, detail, headers={"WWW-Authenticate": _CHALLENGE})


def _sent_token(request: HttpRequest) -> str:
    """Return the token that the request brings; empty where it brings none."""
    scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return sent.strip()
    return _basic_password(sent.strip()) if scheme.lower() == "basic" else ""


def _basic_password(sent: str) -> str:
    try:
        _, _, password = base64.b64decode(sent, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return ""
    return password
