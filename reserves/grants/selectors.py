"""The grants that are stored for a year, and their positions in a period."""

import hashlib
from collections.abc import Iterable

from council_finance.one_reading import TableOfYears
from monitoring.models import FinancialYear, Period
from reserves.grants.models import Grant, GrantPosition, GrantShare

_GRANTS = TableOfYears(Grant)

POSITION_FIELDS = (
    *("expected_pence", "received_pence", "applied_pence", "repaid_pence"),
    *("other_movements_pence", "commentary"),
)
"""The fields of a position that a person or a file gives."""

CONDITION_FIELDS = ("purpose", "ring_fenced", "end_date", "repay_unspent")
"""The fields of a grant that say on which conditions it is given."""


def grants_of(year: FinancialYear) -> list[Grant]:
    """Return the year's grants in the order of their file."""
    if _GRANTS.is_known_empty(year):
        return []
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


def find_grant(year: FinancialYear, reference: str) -> Grant | None:
    """Return the year's grant of that reference."""
    return Grant.objects.select_related("year").filter(year=year, reference=reference).first()


def position_of(grant: Grant, period: Period) -> GrantPosition | None:
    """Return the grant's position in a period; None where it has none."""
    return GrantPosition.objects.filter(grant=grant, period=period).first()


def position_digest(position: GrantPosition | None) -> str:
    """Return a fingerprint of a position, by which a change made meanwhile is noticed."""
    values = [] if position is None else [getattr(position, name) for name in POSITION_FIELDS]
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]


def conditions_digest(grant: Grant) -> str:
    """Return a fingerprint of a grant's conditions."""
    values = [getattr(grant, name) for name in CONDITION_FIELDS]
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]
