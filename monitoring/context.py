"""The context of every page."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from monitoring.people.rights import may_review
from monitoring.people.selectors.people import latest_council, looks_after


def for_every_page(request: HttpRequest) -> dict[str, Any]:
    """Return what every page shows of the person who is logged in; nothing for a stranger.

    `council` and `my_parts` are read only where a page shows them; a page's own `council` wins.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {
        "may_review": may_review(user),
        "council": SimpleLazyObject(latest_council),
        "my_parts": SimpleLazyObject(lambda: looks_after(user)),
    }
