"""The grants that a person enters in a period, with what is stored of each."""

from dataclasses import dataclass

from council_finance.money import plain_pounds
from monitoring.models import Period
from monitoring.people.rights import Reach
from reserves.grants.models import Grant, GrantPosition
from reserves.grants.rights import may_enter_position
from reserves.grants.selectors import grants_of, positions_in, shares_of


@dataclass(frozen=True)
class EntryRow:
    """A grant that a person enters; `position` is stored, None where it is not reported yet."""

    grant: Grant
    position: GrantPosition | None

    @property
    def texts(self) -> tuple[str, str, str]:
        """Return what was received, applied and given back in pounds; a dash for none."""
        stored = self.position or GrantPosition()
        amounts = (stored.received_pence, stored.applied_pence, stored.repaid_pence)
        received, applied, repaid = ("–" if p is None else plain_pounds(p) for p in amounts)
        return received, applied, repaid


def entry_rows(period: Period, reach: Reach) -> list[EntryRow]:
    """Return the year's grants that a person of this reach enters, in the register's order."""
    grants, stored = grants_of(period.year), positions_in(period)
    shares = shares_of(grants)
    return [
        EntryRow(grant, stored.get(grant.pk))
        for grant in grants
        if may_enter_position(reach, shares[grant.pk])
    ]
