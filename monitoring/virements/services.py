"""Enter, approve, decline and reverse virements. Nothing is ever deleted."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from council_finance.periods import long_date, period_name
from council_finance.registry import refuse_unknown_decision
from monitoring.structure.council_settings import read_settings
from monitoring.structure.models import BudgetLine, FinancialYear
from monitoring.structure.year_changes import change_year, lock_year
from monitoring.virements.models import Virement
from monitoring.virements.rights import may_decline_virement, why_not_approve
from monitoring.virements.rules import (
    ENTERED,
    NewLeg,
    amount_fault,
    audit_name,
    ends_fault,
    same_figures,
    spending_fault,
    spending_of,
)
from monitoring.virements.selectors.register import next_reference, reversals, year_register


class ReferenceTaken(Refused):
    """Another virement of the year has the reference."""


def enter_virement(
    *,
    year: FinancialYear,
    reference: str,
    period: int,
    kind: str,
    reason: str,
    legs: Sequence[NewLeg],
    by: User,
    decision_reference: str = "",
) -> None:
    """Enter a virement into the register; it is pending, without effect until it is approved.

    `decision_reference` names the decision that is its authority. Entered twice by the same person,
    it is stored once. Raise `ReferenceTaken` where another one has the reference, and `Refused`
    where a leg is at fault, or there is no such decision.
    """
    with transaction.atomic():
        year = lock_year(year.pk)
        _refuse_without_reason(reason)
        refuse_unknown_decision(year, decision_reference)
        _refuse_bad_legs(year, legs)
        new = [
            Virement(
                year=year,
                reference=reference,
                leg=number,
                period=period,
                from_line_id=leg.from_line_id,
                to_line_id=leg.to_line_id,
                amount_pence=leg.amount_pence,
                forecast_amount_pence=spending_of(
                    kind, leg.amount_pence, leg.forecast_amount_pence
                ),
                kind=kind,
                reason=reason.strip(),
                decision_reference=decision_reference,
                entered_by=by,
            )
            for number, leg in enumerate(legs, 1)
        ]
        _store_virement(year, new, by)


def _refuse_without_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused("Say why the budget moves; whoever approves it, and readers, will see it.")


def _line_ids(leg: NewLeg) -> set[int]:
    return {line for line in (leg.from_line_id, leg.to_line_id) if line is not None}


def _refuse_bad_legs(year: FinancialYear, legs: Sequence[NewLeg]) -> None:
    if not legs:
        raise Refused("Say what moves from where to where: a virement has at least one leg.")
    wanted = {line for leg in legs for line in _line_ids(leg)}
    known = set(BudgetLine.objects.filter(year=year, pk__in=wanted).values_list("pk", flat=True))
    for number, leg in enumerate(legs, 1):
        end = ends_fault(leg.from_line_id, leg.to_line_id)
        fault = (
            (end[1] if end else "")
            or amount_fault(leg.amount_pence)
            or spending_fault(leg.forecast_amount_pence or 0)
            or ("" if _line_ids(leg) <= known else "no such line")
        )
        if fault:
            raise Refused(f"Leg {number}: {fault}.")


def _store_virement(year: FinancialYear, legs: list[Virement], by: User) -> None:
    """Store a virement, once; the caller holds the year's lock."""
    first = legs[0]
    stored = list(Virement.objects.filter(year=year, reference=first.reference).order_by("leg"))
    if stored:
        own = stored[0].entered_by_id is not None and stored[0].entered_by_id == by.pk
        own = own and stored[0].declined_on is None
        same = (stored[0].reason, stored[0].decision_reference)
        if own and same_figures(stored, legs) and same == (first.reason, first.decision_reference):
            return
        raise _reference_taken(year, first.reference)
    Virement.objects.bulk_create(legs)
    detail: dict[str, Any] = {
        "period": first.period,
        "kind": first.kind,
        "amount_pence": sum(leg.amount_pence for leg in legs),
        "reason": first.reason,
    }
    if first.decision_reference:
        detail["decision"] = first.decision_reference
    if first.reverses:
        detail["reverses"] = first.reverses
        audit.record(
            by=by,
            action="entered a reversal",
            on=audit_name(year, first.reverses),
            reversal=first.reference,
            amount_pence=detail["amount_pence"],
        )
    audit.record(by=by, action=ENTERED, on=audit_name(year, first.reference), **detail)


def _reference_taken(year: FinancialYear, reference: str) -> ReferenceTaken:
    return ReferenceTaken(
        f"Another virement of {year} has the reference {reference}; {next_reference(year)} is free."
    )


def approve_virement(
    *, year: FinancialYear, reference: str, approved_by: str, by: User, today: datetime.date
) -> None:
    """Approve a pending virement, so that later reports are compared with restated figures.

    `approved_by` is what the register prints. A second approval by the same person changes nothing.
    Raise `Refused` where somebody else has decided, or this person may not approve it.
    """
    with change_year(year.pk, affects_figures=True) as change:
        year = change.year
        legs = find_legs(year, reference)
        if is_approved_by(legs, by):
            change.is_needed = False
            return
        refuse_decided(legs)
        if fault := why_not_approve(by, legs, read_settings(year.settings)):
            raise Refused(fault)
        refuse_baseless_reversal(year, legs)
        approve_legs(legs, approved_by=approved_by, by=by, today=today)


def is_approved_by(legs: Sequence[Virement], by: User) -> bool:
    """Return whether this person has approved a virement already, as after a double click."""
    return legs[0].approved_on is not None and legs[0].approver_id == by.pk


def approve_legs(
    legs: Sequence[Virement], *, approved_by: str, by: User, today: datetime.date
) -> None:
    """Store the approval of one virement, with its entry on the audit trail.

    The caller holds the year's lock and has checked everything else.
    """
    if not approved_by.strip():
        raise Refused("Say who approved it, as the register is to print it.")
    Virement.objects.filter(pk__in=[leg.pk for leg in legs]).update(
        approved_by=approved_by.strip(), approved_on=today, approver=by
    )
    audit.record(
        by=by,
        action="approved",
        on=audit_name(legs[0].year, legs[0].reference),
        approved_by=approved_by.strip(),
        amount_pence=sum(leg.amount_pence for leg in legs),
    )


def decline_virement(
    *, year: FinancialYear, reference: str, reason: str, by: User, today: datetime.date
) -> None:
    """Decline a pending virement, with a reason; it stays in the register and never counts.

    A second time by the same person changes nothing. Raise `Refused` where somebody else has
    decided, or this person may not decline it.
    """
    with transaction.atomic():
        year = lock_year(year.pk)
        legs = find_legs(year, reference)
        if legs[0].declined_by_id == by.pk:
            return
        refuse_decided(legs)
        if not may_decline_virement(by, legs, read_settings(year.settings)):
            raise Refused("Your role does not decline this virement.")
        if not reason.strip():
            raise Refused("Say why it is declined; who entered it will read it.")
        Virement.objects.filter(pk__in=[leg.pk for leg in legs]).update(
            declined_by=by, declined_on=today, decline_reason=reason.strip()
        )
        audit.record(
            by=by, action="declined", on=audit_name(year, reference), reason=reason.strip()
        )


def reverse_virement(
    *,
    year: FinancialYear,
    reference: str,
    new_reference: str,
    period: int,
    amounts: Mapping[int, int],
    reason: str,
    by: User,
) -> None:
    """Enter a pending virement that takes an approved one back, wholly or in part.

    `amounts` gives pence by the number of the original's leg; legs left out stay. Spending goes
    back with the budget. Raise `ReferenceTaken` where another one has the reference, and `Refused`
    where less than these amounts is left to take back.
    """
    with transaction.atomic():
        year = lock_year(year.pk)
        originals = find_legs(year, reference)
        if originals[0].approved_on is None:
            raise Refused(f"{reference} is not approved, so there is nothing to take back.")
        if period < originals[0].period:
            raise Refused(
                f"{reference} is of {period_name(originals[0].period).lower()}; "
                "it is not taken back before that."
            )
        _refuse_without_reason(reason)
        legs = _opposite_legs(originals, amounts)
        for leg in legs:
            leg.reference, leg.period = new_reference, period
            leg.reason, leg.entered_by = reason.strip(), by
        _fill_in_reversal(year, legs)
        _store_virement(year, legs, by)


def _opposite_legs(originals: list[Virement], amounts: Mapping[int, int]) -> list[Virement]:
    """Return legs that move these amounts the opposite way."""
    by_leg = {leg.leg: leg for leg in originals}
    taken = [(by_leg[number], pence) for number, pence in sorted(amounts.items()) if pence]
    if not taken:
        raise Refused("Say how much is taken back.")
    return [
        Virement(
            year=original.year,
            leg=place,
            from_line_id=original.to_line_id,
            to_line_id=original.from_line_id,
            amount_pence=pence,
            kind=original.kind,
            reverses=original.reference,
        )
        for place, (original, pence) in enumerate(taken, 1)
    ]


def _fill_in_reversal(year: FinancialYear, legs: list[Virement]) -> None:
    """Give each leg the spending that goes back with it; refuse more than is left to take back."""
    register, first = year_register(year), legs[0]
    # The same reversal, sent twice, is not counted against itself.
    if any(leg.reverses != first.reverses for leg in register.pop(first.reference, ())):
        raise _reference_taken(year, first.reference)
    counted = reversals(register)
    for leg in legs:
        if fault := amount_fault(leg.amount_pence):
            raise Refused(f"Leg {leg.leg}: {fault}.")
        if fault := counted.take_back(leg, spending_given=False):
            raise Refused(f"{plain_pounds(leg.amount_pence)}: {fault}.")


def find_legs(year: FinancialYear, reference: str) -> list[Virement]:
    """Return the legs of a virement in order. Raise `Refused` where there is none."""
    legs = Virement.objects.filter(year=year, reference=reference).order_by("leg")
    found = list(legs.select_related("year", "from_line", "to_line", "approver", "declined_by"))
    if not found:
        raise Refused(f"There is no virement {reference} in {year}.")
    return found


def refuse_decided(legs: list[Virement]) -> None:
    """Refuse a virement that somebody approved or declined."""
    first = legs[0]
    if first.approved_on is not None:
        who = first.approver.name if first.approver else first.approved_by or "a file"
        raise Refused(
            f"{first.reference} is approved already, by {who} on {long_date(first.approved_on)}."
        )
    if first.declined_on is not None:
        who = first.declined_by.name if first.declined_by else "a colleague"
        raise Refused(
            f"{first.reference} was declined by {who} on "
            f"{long_date(first.declined_on)}. Enter it anew under another reference."
        )


def refuse_baseless_reversal(year: FinancialYear, legs: list[Virement]) -> None:
    """Refuse a reversal of a virement that is not approved."""
    originals = {leg.reverses for leg in legs if leg.reverses}
    approved = Virement.objects.filter(
        year=year, reference__in=originals, approved_on__isnull=False
    ).values_list("reference", flat=True)
    if missing := sorted(originals - set(approved)):
        raise Refused(f"It takes {missing[0]} back, which is not approved. Approve that first.")
