"""A log-in between the password and the code, in the session of a person not yet logged in."""

import time

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from council_finance.accounts.models import User

MINUTES = 10
_KEY = "password_given"
_BACKEND = "backend"
"""Django's attribute for the backend that checked the password."""


def begin(request: HttpRequest, user: User) -> None:
    """Store that this person's password was right, under a new session id."""
    request.session.cycle_key()
    request.session[_KEY] = {
        "user": user.pk,
        "backend": getattr(user, _BACKEND),
        "hash": user.get_session_auth_hash(),
        "at": int(time.time()),
    }


def person(request: HttpRequest) -> User | None:
    """Return the person whose password was right.

    None after so many minutes, or where the password or the account has changed.
    """
    kept = request.session.get(_KEY)
    if kept is None or time.time() - kept["at"] > MINUTES * 60:
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True).first()
    if user is None or not constant_time_compare(kept["hash"], user.get_session_auth_hash()):
        return None
    setattr(user, _BACKEND, kept["backend"])
    return user


def end(request: HttpRequest) -> None:
    """Forget the person."""
    request.session.pop(_KEY, None)
