"""Who enters grants: people whose services they are; and finance officers their conditions."""

from collections.abc import Iterable

from council_finance.accounts.models import User
from monitoring.people.rights import Reach, forecast_reach, may_upload, reach_of
from reserves.grants.models import Grant, GrantShare


def may_enter_position(reach: Reach, shares: Iterable[GrantShare]) -> bool:
    """Return whether a person who looks after `reach` enters the position of a grant.

    They look after every service that shares it: the position is that of the whole grant. One that
    is no service's is entered by those who look after the whole council.
    """
    services = [share.service_id for share in shares]
    own = bool(services) and all(each is not None and each in reach for each in services)
    return reach.everything or own


def entry_reach(user: User, grant: Grant) -> Reach:
    """Return the services of the grant's year for which a person enters positions of grants."""
    return forecast_reach(user, grant.year)


def may_change_conditions(user: User, grant: Grant, shares: Iterable[GrantShare]) -> bool:
    """Return whether a person changes the conditions of a grant in the register."""
    return may_upload(user) and may_enter_position(reach_of(user, grant.year), shares)
