"""When the person of a session last did something, from the log-in, and that they logged out."""

import time
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

LAST_SEEN = "last_seen"
"""The key of a session."""


@receiver(user_logged_in)
def note_seen(request: HttpRequest, **_: Any) -> None:
    """Store the time of the log-in, from which idle minutes are counted."""
    request.session[LAST_SEEN] = int(time.time())


@receiver(user_logged_out)
def note_logged_out(request: HttpRequest | None, **_: Any) -> None:
    """Have the answer tell the browser to forget the pages of the person who was logged out."""
    if request is not None:
        request.has_logged_out = True  # type: ignore[attr-defined]  # for council_finance.headers
