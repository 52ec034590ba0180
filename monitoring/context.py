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
    stranger sees `identity` alone: the council's name, accent colour and logo. A request that was
    refused before anybody was looked up, and a stranger at an address that does not exist, read
    nothing: such a page must answer without the database too.
    """
    identity = SimpleLazyObject(read_identity)
    user = getattr(request, "user", None)
    if user is None:
        return {}
    if not user.is_authenticated:
        return {"identity": identity} if request.resolver_match else {}
    return {
        "identity": identity,
        "may_review": may_review(user),
        "council": SimpleLazyObject(lambda: identity.name or latest_council()),
        "my_parts": SimpleLazyObject(lambda: looks_after(user)),
    }
