"""The grants that are stored for a year, and their positions in a period."""

from collections.abc import Iterable

from monitoring.models import FinancialYear, Period
from reserves.grants.models import Grant, GrantPosition, GrantShare


def grants_of(year: FinancialYear) -> list[Grant]:
    """Return the year's grants in the order of their file."""
    found = Grant.objects.filter(year=year)
    return sorted(found, key=lambda grant: (grant.order, grant.reference))


def shares_of(grants: Iterable[Grant]) -> dict[int, list[GrantShare]]:
    """Return the shares of each grant in their order, by its id."""
    found: dict[int, list[GrantShare]] = {grant.pk: [] for grant in grants}
    rows = GrantShare.objects.filter(grant__in=list(found)).select_related("service")
    for share in sorted(rows, key=lambda share: (share.order, share.pk)):
        found[share.grant_id].append(share)
    return found


def positions_in(period: Period) -> dict[int, GrantPosition]:
    """Return the positions of grants in a period by the id of the grant."""
    return {each.grant_id: each for each in GrantPosition.objects.filter(period=period)}
