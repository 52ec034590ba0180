"""What the frame of every page shows to the person who reads it."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from monitoring.rights import (
    may_keep_people,
    may_review,
    may_see_audit,
    may_see_month,
    may_see_virements,
)
from monitoring.selectors.people import latest_council, looks_after


def for_every_page(request: HttpRequest) -> dict:
    """Which parts of the navigation a person has, and who they are; nothing for a stranger.

    `council` and `my_parts` are read only where a page shows them; a page's own `council` wins.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {
        "nav": {
            "people": may_keep_people(user),
            "audit": may_see_audit(user),
            "month": may_see_month(user),
            "virements": may_see_virements(user),
            "review": may_review(user),
        },
        "council": SimpleLazyObject(latest_council),
        "my_parts": SimpleLazyObject(lambda: looks_after(user)),
    }
