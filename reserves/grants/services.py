"""Services that enter a grant's position and conditions, and carry grants into a new year."""

import datetime
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.periods import financial_year_label
from monitoring.models import FinancialYear, Period, Service
from monitoring.structure.selectors.calendar import published_message
from monitoring.structure.year_changes import change_year
from reserves.carry_forward import next_year
from reserves.grants.carry_forward import GrantOpening, plan_grants_forward
from reserves.grants.models import Grant, GrantPosition, GrantShare
from reserves.grants.rules import grant_record
from reserves.grants.selectors import conditions_digest, position_digest, position_of

_CHANGED = (
    "Somebody else has changed this grant while you were typing. Look at what they entered, then "
    "save again."
)


@dataclass(frozen=True)
class PositionDetails:
    """A grant's position in a period in pence; None where a figure is not given."""

    expected_pence: int | None
    received_pence: int | None
    applied_pence: int | None
    repaid_pence: int | None
    other_movements_pence: int | None
    commentary: str

    @property
    def is_blank(self) -> bool:
        """Return whether nothing is given at all."""
        return all(value in (None, "") for value in asdict(self).values())


@dataclass(frozen=True)
class GrantConditions:
    """The conditions of a grant; None where they are not stated."""

    purpose: str
    ring_fenced: bool | None
    end_date: datetime.date | None
    repay_unspent: bool | None


def enter_position(
    *, period: Period, grant: Grant, details: PositionDetails, seen: str, by: User | None
) -> bool:
    """Store a grant's position in an open period and return whether anything changed.

    A blank position takes the stored one back. `seen` is the position_digest that the person saw.
    Raise `Refused` where the period is published, or somebody changed the position meanwhile.
    """
    with change_year(period.year_id, affects_figures=False) as change:
        period = Period.objects.select_related("year").get(pk=period.pk)
        if period.is_published:
            raise Refused(published_message(period))
        before = position_of(grant, period)
        changes = _list_changes(before or GrantPosition(), asdict(details))
        change.is_needed = bool(changes)
        if not changes:
            return False
        if position_digest(before) != seen:
            raise Refused(_CHANGED)
        if details.is_blank:
            GrantPosition.objects.filter(grant=grant, period=period).delete()
        else:
            GrantPosition.objects.update_or_create(
                grant=grant, period=period, defaults=asdict(details)
            )
        record = grant_record(period.year.label, grant.reference)
        audit.record(
            by=by, action="entered a grant's position", on=record, period=period.number, **changes
        )
    return True


def change_conditions(
    *, grant: Grant, conditions: GrantConditions, seen: str, by: User | None
) -> bool:
    """Store the conditions of a grant and return whether anything changed.

    Published reports keep what they say. Raise `Refused` where somebody changed them meanwhile.
    """
    with change_year(grant.year_id, affects_figures=False) as change:
        grant = Grant.objects.get(pk=grant.pk)
        changes = _list_changes(grant, asdict(conditions))
        change.is_needed = bool(changes)
        if not changes:
            return False
        if conditions_digest(grant) != seen:
            raise Refused(_CHANGED)
        for name, value in asdict(conditions).items():
            setattr(grant, name, value)
        grant.save()
        record = grant_record(change.year.label, grant.reference)
        audit.record(by=by, action="changed a grant's conditions", on=record, **changes)
    return True


def _list_changes(stored: object, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that differ, each with its value before and after as JSON keeps them."""
    return {
        name: {"from": _to_plain(getattr(stored, name)), "to": _to_plain(value)}
        for name, value in values.items()
        if getattr(stored, name) != value
    }


def _to_plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date) else value


def carry_grants_forward(*, year: FinancialYear, by: User | None) -> int:
    """Open the next year's grants at the published closing balances of `year`; return how many.

    A grant that the next year has already keeps everything but its opening balance. A second time
    it changes nothing. Raise `Refused` where there is no next year or no published close.
    """
    following = next_year(year)
    if following is None:
        raise Refused(f"Set {financial_year_label(year.start + 1)} up first.")
    with change_year(following.pk, affects_figures=False) as change:
        plan = plan_grants_forward(change.year)
        if plan.refusal:
            raise Refused(plan.refusal)
        services = dict(Service.objects.filter(year=change.year).values_list("code", "pk"))
        changed = [each for each in plan.openings if each.changes]
        for opening in changed:
            _open_grant(change.year, opening, services)
            audit.record(
                by=by,
                action="carried forward",
                on=grant_record(change.year.label, opening.before.reference),
                opening_balance_pence={"from": opening.opening_now, "to": opening.closing},
            )
        change.is_needed = bool(changed)
    return len(changed)


def _open_grant(year: FinancialYear, opening: GrantOpening, services: Mapping[str, int]) -> None:
    """Store a grant's opening balance; a new one is expected to bring nothing yet."""
    grant, before = opening.existing, opening.before
    if grant is not None:
        grant.opening_balance_pence = opening.closing
        grant.save(update_fields=["opening_balance_pence"])
        return
    grant = Grant.objects.create(
        year=year,
        reference=before.reference,
        name=before.name,
        awarding_body=before.awarding_body,
        group=before.group,
        kind=before.kind,
        ring_fenced=before.ring_fenced,
        opening_balance_pence=opening.closing,
        purpose=before.purpose,
        end_date=before.end_date or None,
        repay_unspent=before.repay_unspent,
        order=opening.order,
    )
    homes = dict.fromkeys(services.get(share.service) for share in before.shares)
    GrantShare.objects.bulk_create(
        GrantShare(grant=grant, service_id=service, order=place)
        for place, service in enumerate(homes, start=1)
    )
