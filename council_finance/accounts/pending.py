"""A log-in between the password and the code: kept in the session of somebody who is not in yet."""

import time

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from council_finance.accounts.models import User

MINUTES = 10
_KEY = "password_given"


def begin(request: HttpRequest, user: User) -> None:
    """Remember that this person's password was right, under a new session id."""
    request.session.cycle_key()
    request.session[_KEY] = {
        "user": user.pk,
        "backend": user.backend,
        "hash": user.get_session_auth_hash(),
        "at": int(time.time()),
    }


def person(request: HttpRequest) -> User | None:
    """The person, for so many minutes, and as long as password and account are as they were."""
    kept = request.session.get(_KEY)
    if kept is None or time.time() - kept["at"] > MINUTES * 60:
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True).first()
    if user is None or not constant_time_compare(kept["hash"], user.get_session_auth_hash()):
        return None
    user.backend = kept["backend"]
    return user


def end(request: HttpRequest) -> None:
    """Forget it."""
    request.session.pop(_KEY, None)
