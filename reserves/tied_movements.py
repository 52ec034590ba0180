"""Anticipated movements of reserves that follow the planned use tied to them."""

from collections import defaultdict
from collections.abc import Mapping

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from monitoring.models import Period
from reserves.calculations import Entry, overdraft
from reserves.models import MovementKind, Reserve, ReserveKind, ReserveMovement
from reserves.rules import overdraft_message, reserve_record
from reserves.selectors import entries_of

DESCRIPTION = "Change of the planned use that is tied to this reserve"


def follow_tied_reserves(*, period: Period, changes: Mapping[str, int], by: User | None) -> None:
    """Add the anticipated movements by which a period's rows for tied planned use fall short.

    `changes` is by reserve code the change since the period before, in pence: the rows of the
    period that follow planned use add up to it afterwards. Call it with the year locked. Raise
    `Refused` where an earmarked reserve would be overdrawn beyond what was approved.
    """
    stored = ReserveMovement.objects.filter(
        reserve__year=period.year_id, period=period.number, follows_planned_use=True
    )
    so_far: dict[str, int] = defaultdict(int)
    for code, pence in stored.values_list("reserve__code", "amount_pence"):
        so_far[code] += pence
    missing = {
        code: changes.get(code, 0) - so_far[code]
        for code in {*changes, *so_far}
        if changes.get(code, 0) != so_far[code]
    }
    if not missing:
        return
    reserves = Reserve.objects.filter(
        year=period.year_id, kind=ReserveKind.EARMARKED, code__in=missing
    )
    entries = entries_of(reserves)
    for reserve in sorted(reserves, key=lambda each: each.code):
        _add_movement(reserve, period, missing[reserve.code], entries[reserve.pk], by)


def _add_movement(
    reserve: Reserve, period: Period, pence: int, before: list[Entry], by: User | None
) -> None:
    """Add a movement and its entry on the audit trail. Raise `Refused` for an overdraft."""
    approved = reserve.approved_deficit_pence or 0
    entry = Entry(period.number, MovementKind.ANTICIPATED, pence)
    found = overdraft(
        reserve.opening_balance_pence, before, [*before, entry], approved_deficit=approved
    )
    if found is not None:
        raise Refused(
            f"The planned use tied to {reserve.code} draws too much on it: "
            f"{overdraft_message(reserve.name, found, approved)}."
        )
    name = by.name if by else audit.COMMAND_LINE
    ReserveMovement.objects.create(
        reserve=reserve,
        period=period.number,
        kind=MovementKind.ANTICIPATED,
        amount_pence=pence,
        description=DESCRIPTION,
        approved_by=name,
        entered_by=by,
        follows_planned_use=True,
    )
    audit.record(
        by=by,
        action="followed planned use",
        on=reserve_record(period.year.label, reserve.code),
        period=period.number,
        amount_pence=pence,
    )
