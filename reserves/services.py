"""Entering movements and transfers, approving a deficit, and carrying balances into a new year."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from council_finance import audit
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from council_finance.periods import financial_year_label
from council_finance.uploads.cells import TEXT_LENGTH
from monitoring.models import FinancialYear, Period, Service
from monitoring.structure.selectors.calendar import published_message
from monitoring.structure.year_changes import change_year
from reserves.calculations import Entry, overdraft
from reserves.carrying import Opening, carrying_into, year_after
from reserves.models import MovementKind, Reserve, ReserveKind, ReserveMovement
from reserves.rules import overdraft_message, reserve_record
from reserves.selectors import entries_of, overdrawn_if_opened_at

APPROVED_BY_LENGTH = 300


def enter_movement(
    *,
    reserve: Reserve,
    period: int,
    kind: str,
    amount_pence: int,
    description: str,
    approved_by: str,
    by,
    form: uuid.UUID | None = None,
) -> ReserveMovement:
    """Add an increment to a reserve: positive is put in, negative is drawn.

    A nil amount says that nothing was booked. `approved_by` says who agreed to it, and when, in
    words. `form` is that of the page it was typed on: sent twice, it stands once. Raises Refused
    where the period is published, or an earmarked reserve would be overdrawn beyond what was
    approved.
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
        entered_by=by,
    )
    return _enter(movement, {reserve: amount_pence})


def enter_transfer(
    *,
    giver: Reserve,
    receiver: Reserve,
    period: int,
    kind: str,
    amount_pence: int,
    description: str,
    approved_by: str,
    by,
    form: uuid.UUID | None = None,
) -> ReserveMovement:
    """Move an amount (positive) from one reserve to another: one record, two sides.

    `form` and Refused as for enter_movement.
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
        entered_by=by,
    )
    return _enter(movement, {giver: -amount_pence, receiver: amount_pence})


def _enter(movement: ReserveMovement, sides: dict[Reserve, int]) -> ReserveMovement:
    _refuse_words(movement)
    with change_year(movement.reserve.year_id, affects_figures=False) as change:
        year = change.year
        if movement.form and (same := ReserveMovement.objects.filter(form=movement.form).first()):
            change.is_needed = False
            return same
        _refuse_published(year, movement.period)
        _refuse_overdraft(movement, sides)
        movement.save()
        for reserve, amount in sides.items():
            audit.record(
                by=movement.entered_by,
                action="entered a transfer" if movement.transfer_to_id else "entered a movement",
                on=reserve_record(year, reserve.code),
                period=movement.period,
                kind=movement.kind,
                amount_pence=amount,
                description=movement.description,
                approved_by=movement.approved_by,
            )
    return movement


def _refuse_words(movement: ReserveMovement) -> None:
    if not movement.description:
        raise Refused("Say what the movement is for; readers of the report will see it.")
    if len(movement.description) > TEXT_LENGTH:
        raise Refused(f"Shorten the description: it has more than {TEXT_LENGTH:,} characters.")
    if not movement.approved_by:
        raise Refused("Say who approved the movement, and when: a person, or a meeting.")
    if len(movement.approved_by) > APPROVED_BY_LENGTH:
        raise Refused(f"Shorten who approved it to at most {APPROVED_BY_LENGTH} characters.")


def _refuse_published(year: FinancialYear, number: int) -> None:
    period = Period.objects.select_related("year").filter(year=year, number=number).first()
    if period is None:
        raise Refused(f"There is no period {number}; periods are numbered 0 to 13.")
    if period.is_published:
        raise Refused(published_message(period))


def _refuse_overdraft(movement: ReserveMovement, sides: dict[Reserve, int]) -> None:
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


def approve_deficit(*, reserve: Reserve, up_to_pence: int, reason: str, by) -> None:
    """Let a reserve be overdrawn by so much at most (a positive amount). Raises Refused."""
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
            on=reserve_record(year, reserve.code),
            reason=reason,
            up_to_pence={"from": before, "to": up_to_pence},
        )


@dataclass(frozen=True)
class Carried:
    """What carrying forward did: reserves made in the new year, and opening balances changed."""

    made: int
    changed: int


def carry_reserves_forward(*, year: FinancialYear, by) -> Carried:
    """Open the next year's reserves at what the published close of `year` says.

    A reserve that the next year has already, by its code, keeps everything but its opening
    balance. Done again it changes nothing. Raises Refused where there is no published close, no
    next year, or an earmarked reserve would be overdrawn by what is entered there already.
    """
    following = year_after(year)
    if following is None:
        raise Refused(f"Set {financial_year_label(year.start + 1)} up first.")
    with change_year(following.pk, affects_figures=False) as change:
        following = change.year
        found = carrying_into(following)
        if found.refusal:
            raise Refused(found.refusal)
        _refuse_overdrawn(found.openings)
        services = dict(Service.objects.filter(year=following).values_list("code", "pk"))
        carried = Carried(0, 0)
        for place, each in enumerate(found.openings, start=1):
            if each.standing is None:
                _open(following, each.before, each.closing, place, services, by)
                carried = Carried(carried.made + 1, carried.changed)
            elif each.changes:
                _reopen(following, each.standing, each.closing, by)
                carried = Carried(carried.made, carried.changed + 1)
        change.is_needed = carried != Carried(0, 0)
    return carried


def _refuse_overdrawn(openings: Iterable[Opening]) -> None:
    lower = {
        each.standing: each.closing
        for each in openings
        if each.standing is not None
        and each.standing.kind == ReserveKind.EARMARKED
        and each.closing < each.standing.opening_balance_pence
    }
    messages = [
        f"{overdraft_message(reserve.name, found, reserve.approved_deficit_pence or 0)}. It would "
        f"open at {plain_pounds(lower[reserve])}; nothing was carried forward."
        for reserve, found in overdrawn_if_opened_at(lower).items()
    ]
    if messages:
        raise Refused(*messages)


def _open(following, before: dict, opening: int, place: int, services: dict, by) -> None:
    Reserve.objects.create(
        year=following,
        code=before["code"],
        name=before["name"],
        kind=before["kind"],
        group=before["group"],
        service_id=services.get(before["service"]),
        opening_balance_pence=opening,
        purpose=before["purpose"],
        owner=before["owner"],
        order=place,
    )
    _note_carried(following, before["code"], None, opening, by)


def _reopen(following, reserve: Reserve, opening: int, by) -> None:
    before, reserve.opening_balance_pence = reserve.opening_balance_pence, opening
    reserve.save(update_fields=["opening_balance_pence"])
    _note_carried(following, reserve.code, before, opening, by)


def _note_carried(following, code: str, before: int | None, opening: int, by) -> None:
    audit.record(
        by=by,
        action="carried forward",
        on=reserve_record(following, code),
        opening_balance_pence={"from": before, "to": opening},
    )
