"""Which entries on the audit trail change drafts alone, and nothing that has been published."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from council_finance.accounts.models import User
from monitoring.people.rights import may_see_drafts

_ACTIONS = ("entered forecasts", "uploaded", "had an upload refused", "confirmed", "withdrew")
"""What changes a draft or an upload alone, by the words of the audit trail."""

_KINDS = ("position", "budgets", "actuals", "forecasts")
"""Kinds of files whose figures go into a draft; all others may change what is beside reports.

Where such a file changes known budget lines too, the audit trail has an entry more.
"""

_NONE = Q()
_OF_DRAFTS = Q(action__in=_ACTIONS) | Q(action="stored an upload", detail__kind__in=_KINDS)


def unshown_changes(user: User | AnonymousUser) -> Q:
    """Return the condition of entries that change nothing published which this person is shown.

    Those who see drafts are shown them beside reports, in the menus of months, so that every
    entry counts.
    """
    return _NONE if may_see_drafts(user) else _OF_DRAFTS
