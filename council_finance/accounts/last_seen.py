"""When the person of a session last did something; a log-in is the first time."""

import time
from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

LAST_SEEN = "last_seen"
"""The key of a session."""


@receiver(user_logged_in)
def note_seen(request: HttpRequest, **_: Any) -> None:
    """Store the time of the log-in, from which idle minutes are counted."""
    request.session[LAST_SEEN] = int(time.time())
