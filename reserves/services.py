"""Services of reserves: movements and transfers, approved deficits, and carrying forward."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils import timezone

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from council_finance.periods import financial_year_label
from council_finance.registry import refuse_unknown_decision
from council_finance.uploads.cells import TEXT_LENGTH
from monitoring.models import FinancialYear, Period, Service
from monitoring.reports.selectors.report_data import draft_data
from monitoring.structure.selectors.calendar import published_message
from monitoring.structure.year_changes import change_year
from reserves.calculations import Entry, overdraft
from reserves.carry_forward import OpeningBalance, next_year, plan_carry_forward
from reserves.models import (
    MovementKind,
    MovementsReview,
    Reserve,
    ReserveKind,
    ReserveMovement,
)
from reserves.movements_review import review_of_movements
from reserves.report_rows import ReserveRow
from reserves.rules import overdraft_message, reserve_record
from reserves.selectors import entries_of, overdrafts_if_opened_at

APPROVED_BY_LENGTH = 300


def enter_movement(
    *,
    reserve: Reserve,
    period: int,
    kind: str,
    amount_pence: int,
    description: str,
    approved_by: str,
    by: User | None,
    form: uuid.UUID | None = None,
    decision_reference: str = "",
) -> ReserveMovement:
    """Store a movement of a reserve: positive is put in, negative is drawn.

    A nil amount records that nothing was booked. `approved_by` says who agreed to it, and when.
    `form` is the number of the page it was typed on: sent twice, it is stored once.
    `decision_reference` names the decision that is its authority. Raise `Refused` where the period
    is published, there is no such decision, or an earmarked reserve would be overdrawn beyond what
    was approved.
    """
    if not amount_pence and kind != MovementKind.ACTUAL:
        raise Refused("Give an amount: an expectation that moves nothing changes nothing.")
    movement = ReserveMovement(
        reserve=reserve,
        period=period,
        kind=kind,
        amount_pence=amount_pence,
        description=description.strip(),
        approved_by=approved_by.strip(),
        form=form,
        decision_reference=decision_reference,
        entered_by=by,
    )
    return _store_movement(movement, {reserve: amount_pence})


def enter_transfer(
    *,
    giver: Reserve,
    receiver: Reserve,
    period: int,
    kind: str,
    amount_pence: int,
    description: str,
    approved_by: str,
    by: User | None,
    form: uuid.UUID | None = None,
    decision_reference: str = "",
) -> ReserveMovement:
    """Store a transfer of an amount (positive) between two reserves: one record, two sides.

    `form` and `decision_reference` are as for enter_movement. Raise `Refused` as there, and where
    the reserves are the same or of different years.
    """
    if amount_pence <= 0:
        raise Refused("The amount of a transfer is positive; from and to say which way it goes.")
    if giver.pk == receiver.pk:
        raise Refused("Choose another reserve to transfer to: this is the one it comes from.")
    if giver.year_id != receiver.year_id:
        raise Refused("Both reserves of a transfer belong to the same year.")
    movement = ReserveMovement(
        reserve=giver,
        transfer_to=receiver,
        period=period,
        kind=kind,
        amount_pence=-amount_pence,
        description=description.strip(),
        approved_by=approved_by.strip(),
        form=form,
        decision_reference=decision_reference,
        entered_by=by,
    )
    return _store_movement(movement, {giver: -amount_pence, receiver: amount_pence})


def _store_movement(movement: ReserveMovement, sides: Mapping[Reserve, int]) -> ReserveMovement:
    _refuse_missing_words(movement)
    with change_year(movement.reserve.year_id, affects_figures=False) as change:
        year = change.year
        if movement.form and (same := ReserveMovement.objects.filter(form=movement.form).first()):
            change.is_needed = False
            return same
        _refuse_published_period(year, movement.period)
        refuse_unknown_decision(year, movement.decision_reference)
        _refuse_overdraft(movement, sides)
        movement.save()
        named = movement.decision_reference
        decision = {"decision": named} if named else {}
        for reserve, amount in sides.items():
            audit.record(
                by=movement.entered_by,
                action="entered a transfer" if movement.transfer_to_id else "entered a movement",
                on=reserve_record(year.label, reserve.code),
                period=movement.period,
                kind=movement.kind,
                amount_pence=amount,
                description=movement.description,
                approved_by=movement.approved_by,
                **decision,
            )
    return movement


def _refuse_missing_words(movement: ReserveMovement) -> None:
    if not movement.description:
        raise Refused("Say what the movement is for; readers of the report will see it.")
    if len(movement.description) > TEXT_LENGTH:
        raise Refused(f"Shorten the description: it has more than {TEXT_LENGTH:,} characters.")
    if not movement.approved_by:
        raise Refused("Say who approved the movement, and when: a person, or a meeting.")
    if len(movement.approved_by) > APPROVED_BY_LENGTH:
        raise Refused(f"Shorten who approved it to at most {APPROVED_BY_LENGTH} characters.")


def _refuse_published_period(year: FinancialYear, number: int) -> None:
    period = Period.objects.select_related("year").filter(year=year, number=number).first()
    if period is None:
        raise Refused(f"There is no period {number}; periods are numbered 0 to 13.")
    if period.is_published:
        raise Refused(published_message(period))


def _refuse_overdraft(movement: ReserveMovement, sides: Mapping[Reserve, int]) -> None:
    earmarked = Reserve.objects.filter(
        pk__in=[reserve.pk for reserve in sides], kind=ReserveKind.EARMARKED
    )
    stored = entries_of(earmarked)
    amounts = {reserve.pk: amount for reserve, amount in sides.items()}
    for reserve in earmarked:
        entry = Entry(movement.period, movement.kind, amounts[reserve.pk])
        approved = reserve.approved_deficit_pence or 0
        before = stored[reserve.pk]
        found = overdraft(
            reserve.opening_balance_pence, before, [*before, entry], approved_deficit=approved
        )
        if found is not None:
            raise Refused(f"{overdraft_message(reserve.name, found, approved)}.")


def confirm_movements(*, period: Period, seen: str, by: User | None) -> None:
    """Store that the movements of reserves up to a period are complete, as a person saw them.

    `seen` is the digest of the movements that they saw. Confirmed again, nothing is stored. Raise
    `Refused` where the movements have changed since, or the period is published.
    """
    with change_year(period.year_id, affects_figures=False) as change:
        _refuse_published_period(change.year, period.number)
        now = review_of_movements(draft_data(Period.objects.get(pk=period.pk)))
        if now.digest != seen:
            raise Refused(
                "Movements have changed since you opened the page. Look at them again, then "
                "confirm that they are complete."
            )
        if now.is_done:
            change.is_needed = False
            return
        MovementsReview.objects.create(period=period, digest=seen, reviewed_by=by)
        audit.record(
            by=by,
            action="confirmed the movements of reserves",
            on=f"report {change.year.label} period {period.number}",
        )


def approve_deficit(*, reserve: Reserve, up_to_pence: int, reason: str, by: User | None) -> None:
    """Approve a deficit of an earmarked reserve, up to a positive amount.

    Raise `Refused` where the amount or the reason is not valid, or the reserve is of another kind.
    """
    if up_to_pence <= 0:
        raise Refused("Give the deficit as a positive amount: how far below nil it may go.")
    reason = reason.strip()
    if not reason:
        raise Refused("Say why the deficit is approved; readers of the report will see who did.")
    if len(reason) > TEXT_LENGTH:
        raise Refused(f"Shorten the reason: it has more than {TEXT_LENGTH:,} characters.")
    with change_year(reserve.year_id, affects_figures=False) as change:
        year = change.year
        reserve = Reserve.objects.get(pk=reserve.pk)
        if reserve.kind != ReserveKind.EARMARKED:
            raise Refused("Only an earmarked reserve needs its deficit approved.")
        before = reserve.approved_deficit_pence
        if (before, reserve.deficit_reason) == (up_to_pence, reason):
            change.is_needed = False
            return
        reserve.approved_deficit_pence, reserve.deficit_reason = up_to_pence, reason
        reserve.deficit_approved_by, reserve.deficit_approved_at = by, timezone.now()
        reserve.save()
        audit.record(
            by=by,
            action="approved a deficit",
            on=reserve_record(year.label, reserve.code),
            reason=reason,
            up_to_pence={"from": before, "to": up_to_pence},
        )


@dataclass(frozen=True)
class CarriedForward:
    """The number of reserves added to the new year, and of opening balances changed."""

    added: int = 0
    changed: int = 0


def carry_reserves_forward(*, year: FinancialYear, by: User | None) -> CarriedForward:
    """Open the next year's reserves at the published closing balances of `year`.

    A reserve that the next year has already, by its code, keeps everything but its opening
    balance. A second time it changes nothing. Raise `Refused` where there is no published close,
    no next year, or movements entered there would overdraw an earmarked reserve.
    """
    following = next_year(year)
    if following is None:
        raise Refused(f"Set {financial_year_label(year.start + 1)} up first.")
    with change_year(following.pk, affects_figures=False) as change:
        following = change.year
        plan = plan_carry_forward(following)
        if plan.refusal:
            raise Refused(plan.refusal)
        _refuse_overdrawn(plan.openings)
        services = dict(Service.objects.filter(year=following).values_list("code", "pk"))
        carried = CarriedForward()
        for order, each in enumerate(plan.openings, start=1):
            if each.existing is None:
                _add_reserve(following, each.before, each.closing, order, services, by)
                carried = CarriedForward(carried.added + 1, carried.changed)
            elif each.changes:
                _change_opening(following, each.existing, each.closing, by)
                carried = CarriedForward(carried.added, carried.changed + 1)
        change.is_needed = carried != CarriedForward()
    return carried


def _refuse_overdrawn(openings: Iterable[OpeningBalance]) -> None:
    lower = {
        each.existing: each.closing
        for each in openings
        if each.existing is not None
        and each.existing.kind == ReserveKind.EARMARKED
        and each.closing < each.existing.opening_balance_pence
    }
    messages = [
        f"{overdraft_message(reserve.name, found, reserve.approved_deficit_pence or 0)}. It would "
        f"open at {plain_pounds(lower[reserve])}; nothing was carried forward."
        for reserve, found in overdrafts_if_opened_at(lower).items()
    ]
    if messages:
        raise Refused(*messages)


def _add_reserve(
    following: FinancialYear,
    before: ReserveRow,
    opening: int,
    order: int,
    services: Mapping[str, int],
    by: User | None,
) -> None:
    Reserve.objects.create(
        year=following,
        code=before.code,
        name=before.name,
        kind=before.kind,
        group=before.group,
        service_id=services.get(before.service),
        opening_balance_pence=opening,
        purpose=before.purpose,
        owner=before.owner,
        order=order,
    )
    _record_carried(following, before.code, None, opening, by)


def _change_opening(
    following: FinancialYear, reserve: Reserve, opening: int, by: User | None
) -> None:
    before, reserve.opening_balance_pence = reserve.opening_balance_pence, opening
    reserve.save(update_fields=["opening_balance_pence"])
    _record_carried(following, reserve.code, before, opening, by)


def _record_carried(
    following: FinancialYear, code: str, before: int | None, opening: int, by: User | None
) -> None:
    audit.record(
        by=by,
        action="carried forward",
        on=reserve_record(following.label, code),
        opening_balance_pence={"from": before, "to": opening},
    )
