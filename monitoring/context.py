"""The context of every page."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from monitoring.identity.selectors import latest_council, read_identity
from monitoring.people.rights import may_review
from monitoring.people.selectors.people import looks_after


def for_every_page(request: HttpRequest) -> dict[str, Any]:
    """Return what every page shows of the council and of the person who is logged in.

    `council` and `my_parts` are read only where a page shows them; a page's own `council` wins. A
    stranger sees `identity` alone: the council's name, accent colour and logo.
    """
    identity = SimpleLazyObject(read_identity)
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"identity": identity}
    return {
        "identity": identity,
        "may_review": may_review(user),
        "council": SimpleLazyObject(lambda: identity.name or latest_council()),
        "my_parts": SimpleLazyObject(lambda: looks_after(user)),
    }
