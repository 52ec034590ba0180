"""The approvals that a file of the register claims: which count, and their audit entries.

The file of a pack or a command is stored as it is: what it says is approved was approved outside
the product. In a file from the browser or the API an approval counts only where the sender may
approve that amount and did not enter it; any other virement comes in as pending, with a warning.
"""

from collections.abc import Iterable, Mapping

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.uploads.table import TypedTable
from monitoring.structure.council_settings import read_settings
from monitoring.uploading.prepared import Target
from monitoring.virements.models import Virement
from monitoring.virements.rights import find_split_amounts, why_not_approve
from monitoring.virements.rules import audit_name, same_figures

Register = Mapping[str, list[Virement]]
"""Legs by reference."""

_SENDERS_OWN = (
    "who brings a virement in does not approve it; somebody else approves it on its page."
)
_ENTERED_ON_PAGE = "it was entered on its page, and is approved or declined there."


def settle_approvals(
    table: TypedTable,
    legs: Register,
    first_rows: Mapping[str, int],
    stored: Register,
    typed: set[str],
    target: Target,
) -> frozenset[str]:
    """Return the references of pending virements that the sender approves by this file.

    Any other approval that the file claims, of what is not approved already, is removed from
    `legs`, with a warning. `first_rows` gives the first row of each reference in the file, and
    `typed` the references that a person entered on a page.
    """
    sender = _sender_of(target)
    claimed = _claimed_references(legs, stored)
    reasons = {
        reference: _ENTERED_ON_PAGE
        if reference in typed
        else _find_reason_pending(legs, stored, reference, target, sender)
        for reference in claimed
    }
    approved = {reference: stored[reference] for reference, why in reasons.items() if not why}
    reasons |= find_split_amounts(sender, approved, read_settings(target.year.settings))
    reasons |= _find_baseless_reversals(reasons, stored, target)
    for reference, reason in reasons.items():
        if reason:
            table.warn(
                f"{reference} comes in as pending: {reason}",
                first_rows[reference],
                "approved_by",
            )
            _clear_approval(legs[reference])
    return frozenset(reference for reference, reason in reasons.items() if not reason)


def _claimed_references(legs: Register, stored: Register) -> list[str]:
    """Return references that the file says are approved, and the register has as pending or new.

    Without a date a virement is not approved, and the name of an approver is removed.
    """
    found = []
    for reference, same in legs.items():
        known = stored.get(reference)
        if known and (known[0].approved_on or known[0].declined_on):
            continue
        if same[0].approved_on is None:
            _clear_approval(same)
        else:
            found.append(reference)
    return found


def _clear_approval(legs: list[Virement]) -> None:
    for leg in legs:
        leg.approved_on, leg.approved_by = None, ""


def _find_reason_pending(
    legs: Register, stored: Register, reference: str, target: Target, sender: User
) -> str:
    """Return why the sender may not approve a virement by this file; empty where they may."""
    known = stored.get(reference)
    if known is None or not same_figures(known, legs[reference]):
        return _SENDERS_OWN
    return why_not_approve(sender, known, read_settings(target.year.settings))


def _find_baseless_reversals(
    reasons: Mapping[str, str], stored: Register, target: Target
) -> dict[str, str]:
    """Return reasons against reversals of a virement that is not approved."""
    approved = {reference for reference, reason in reasons.items() if not reason}
    wanted = {leg.reverses for reference in approved for leg in stored[reference] if leg.reverses}
    register = Virement.objects.filter(
        year=target.year, reference__in=wanted, approved_on__isnull=False
    )
    known = set(register.values_list("reference", flat=True))
    return {
        reference: f"it takes {missing[0]} back, which is not approved."
        for reference in approved
        if (missing := sorted({leg.reverses for leg in stored[reference]} - {""} - known))
    }


def approve_by_file(references: Iterable[str], legs: Register, target: Target) -> None:
    """Approve pending virements as the file's sender, with an entry on the audit trail."""
    for reference in references:
        first, sender = legs[reference][0], _sender_of(target)
        said = first.approved_by or sender.get_role_display()
        Virement.objects.filter(year=target.year, reference=reference).update(
            approved_by=said, approved_on=first.approved_on, approver=sender
        )
        _record_approval("approved", legs[reference], target, approved_by=said)


def note_approved_outside(references: Iterable[str], legs: Register, target: Target) -> None:
    """Record on the audit trail who uploaded virements that were approved outside the product."""
    for reference in references:
        first = legs[reference][0]
        if first.approved_on is not None:
            _record_approval(
                "approved outside", legs[reference], target, approved_by=first.approved_by
            )


def _sender_of(target: Target) -> User:
    """Return the person who sent the file. Raise `ValueError` for the file of a command."""
    if target.by is None:
        raise ValueError("only a person approves virements by a file")
    return target.by


def _record_approval(
    action: str, legs: list[Virement], target: Target, *, approved_by: str
) -> None:
    day = legs[0].approved_on
    if day is None:
        raise ValueError("the virement is not approved")
    audit.record(
        by=target.by,
        action=action,
        on=audit_name(target.year, legs[0].reference),
        approved_by=approved_by,
        approved_on=day.isoformat(),
        amount_pence=sum(leg.amount_pence for leg in legs),
        upload=target.upload.pk,
    )
