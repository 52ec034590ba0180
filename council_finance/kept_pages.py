"""Pages and files that a browser keeps, and asks each time whether they have changed.

A view may be decorated with `kept_while_unchanged`, and allows an answer to be kept where everybody
who reads reports may read all of it. Its ETag is made before the page is: from the build with its
settings, the day, the last changes on the audit trail that can change it, the address, the person
with their names and role, and the secret of their forms. Whoever sends an ETag that still is the
same had this answer with these rights, so 304 is given without making it again. Middleware has
asked for the log-in, the second factor and the role by then.
"""

import hashlib
from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import django
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import get_messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.crypto import salted_hmac

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.headers import ASKED_EACH_TIME, KEPT_BY_PERSON
from council_finance.installed_apps import project_apps

View = TypeVar("View", bound=Callable[..., HttpResponse])

_MADE_OF = ("*.py", "*.html", "*.css", "*.js", "*.svg", "*.txt")
"""Pages name the files of styles and scripts with the hash of what is in them."""


def allow_to_keep(response: HttpResponse) -> HttpResponse:
    """Let the reader's browser keep an answer; the view's decorator gives it an ETag."""
    response["Cache-Control"] = KEPT_BY_PERSON
    return response


def kept_while_unchanged(
    unshown: Callable[[User | AnonymousUser], Q],
    *,
    also: Callable[[User | AnonymousUser], object] = lambda _: None,
) -> Callable[[View], View]:
    """Return a decorator for views, which then answer 304 to whoever has what they would answer.

    `unshown` gives the condition of the entries on the audit trail that change nothing which these
    views allow this person to keep. `also` reads what else their pages depend on that is not on the
    audit trail, such as a choice of the person's own.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in ("GET", "HEAD") or _has_message(request):
                return _without_keeping(view(request, *args, **kwargs))
            # Read before the page is made: what changes meanwhile must not pass as read.
            changed = audit.last_changes(unshown(request.user))
            state = (timezone.localdate(), changed, also(request.user))
            tag = _tag_of(request, state)
            if known := get_conditional_response(request, etag=tag):
                return _mark_kept(request, known, tag)
            return _keep_answer(request, view(request, *args, **kwargs), state)

        return cast(View, answer)

    return decorate


def _keep_answer(
    request: HttpRequest, response: HttpResponse, state: tuple[object, ...]
) -> HttpResponse:
    """Give a page that may be kept its ETag."""
    if response.get("Cache-Control") != KEPT_BY_PERSON or response.has_header("ETag"):
        return response
    if _has_message(request):
        return _without_keeping(response)
    # The page may have begun the secret of its forms.
    return _mark_kept(request, response, _tag_of(request, state))


def _has_message(request: HttpRequest) -> bool:
    """Return whether the page tells the person something once; asking does not use it up."""
    return len(get_messages(request)) > 0


def _without_keeping(response: HttpResponse) -> HttpResponse:
    if response.get("Cache-Control") == KEPT_BY_PERSON and not response.has_header("ETag"):
        del response["Cache-Control"]
    return response


def _mark_kept(request: HttpRequest, response: HttpResponse, tag: str) -> HttpResponse:
    is_person = request.user.is_authenticated
    response["ETag"] = tag
    response["Cache-Control"] = KEPT_BY_PERSON if is_person else ASKED_EACH_TIME
    return response


def _tag_of(request: HttpRequest, state: tuple[object, ...]) -> str:
    """Return the ETag; a weak one, as the tokens of forms are masked anew in each page."""
    user = request.user
    person = (user.pk, user.get_username(), user.get_full_name(), user.role) if user.pk else ()
    by_htmx = request.headers.get("HX-Request")
    asked = (request.get_host(), request.is_secure(), request.get_full_path(), by_htmx)
    secret = request.META.get("CSRF_COOKIE")
    parts = repr((_read_build(), state, asked, person, secret))
    return f'W/"{salted_hmac(__name__, parts, algorithm="sha256").hexdigest()}"'


@lru_cache(maxsize=1)
def _read_build() -> str:
    """Return a text that another build, or another setting, does not have.

    Read once by each process, which a new build or setting restarts.
    """
    digest = hashlib.sha256()
    folders = [Path(config.path) for config in project_apps()]
    for folder in [settings.BASE_DIR / "templates", *settings.STATICFILES_DIRS, *folders]:
        for pattern in _MADE_OF:
            for file in sorted(folder.rglob(pattern)):
                digest.update(f"{file} {file.stat().st_mtime_ns}\n".encode())
    for name in filter(str.isupper, dir(settings)):
        value = getattr(settings, name)
        if isinstance(value, str | int | list | tuple | None):
            digest.update(f"{name}={value!r}\n".encode())
    digest.update(django.get_version().encode())
    return digest.hexdigest()
