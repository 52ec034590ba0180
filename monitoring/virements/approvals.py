"""Which of the approvals that a register's file claims count, and what the audit trail says.

A pack or a command keeps the register as it is: what it says is approved was approved outside the
product. In a file from the browser or the API an approval counts only where the sender may approve
that amount and entered none of it; anything else comes in as pending, and says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from council_finance import audit
from council_finance.uploads.table import TypedTable
from monitoring.structure.council_settings import read_settings
from monitoring.uploading.prepared import Target
from monitoring.virements.models import Virement
from monitoring.virements.rights import why_not_approve
from monitoring.virements.rules import audit_name, same_figures

Register = Mapping[str, list[Virement]]
"""Legs by reference."""

_BROUGHT = "who brings a virement in does not approve it; somebody else approves it on its page."
_TYPED = "it was entered on its page, and is approved or declined there."


def settle_approvals(
    table: TypedTable, legs: Register, stored: Register, typed: set[str], target: Target
) -> frozenset[str]:
    """References of pending virements that the sender approves by this file.

    Every other approval that the file claims, of what is not approved already, is taken out of
    `legs`, with a warning. `typed` are references that a person entered on their page.
    """
    claimed = _claimed(legs, stored)
    reasons = {
        reference: _TYPED if reference in typed else _why_pending(legs, stored, reference, target)
        for reference in claimed
    }
    reasons |= _split(reasons, stored, target)
    reasons |= _baseless(reasons, stored, target)
    for reference, reason in reasons.items():
        if reason:
            table.warn(
                f"{reference} comes in as pending: {reason}",
                legs[reference][0].row,
                "approved_by",
            )
            _take_out(legs[reference])
    return frozenset(reference for reference, reason in reasons.items() if not reason)


def _claimed(legs: Register, stored: Register) -> list[str]:
    """References that the file says are approved, and the register does not, nor declined them.

    Without a date nothing is approved, and nobody's name stands beside it.
    """
    found = []
    for reference, same in legs.items():
        standing = stored.get(reference)
        if standing and (standing[0].approved_on or standing[0].declined_on):
            continue
        if same[0].approved_on is None:
            _take_out(same)
        else:
            found.append(reference)
    return found


def _take_out(legs: list[Virement]) -> None:
    for leg in legs:
        leg.approved_on, leg.approved_by = None, ""


def _why_pending(legs: Register, stored: Register, reference: str, target: Target) -> str:
    standing = stored.get(reference)
    if standing is None or not same_figures(standing, legs[reference]):
        return _BROUGHT
    return why_not_approve(target.by, standing, read_settings(target.year.settings))


def _split(reasons: Mapping[str, str], stored: Register, target: Target) -> dict[str, str]:
    """What a file approves between the same lines counts as one amount, however it is split."""
    groups: dict[frozenset, list[str]] = defaultdict(list)
    for reference, reason in reasons.items():
        if not reason:
            ends = frozenset((leg.from_line_id, leg.to_line_id) for leg in stored[reference])
            groups[ends].append(reference)
    settings, found = read_settings(target.year.settings), {}
    for group in groups.values():
        together = [leg for reference in group for leg in stored[reference]]
        if len(group) > 1 and (fault := why_not_approve(target.by, together, settings)):
            names = " and ".join(group)
            found |= dict.fromkeys(group, f"{names} move budget between the same lines. {fault}")
    return found


def _baseless(reasons: Mapping[str, str], stored: Register, target: Target) -> dict[str, str]:
    """A reversal is approved only once what it takes back is."""
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
        first = legs[reference][0]
        said = first.approved_by or target.by.get_role_display()
        Virement.objects.filter(year=target.year, reference=reference).update(
            approved_by=said, approved_on=first.approved_on, approver=target.by
        )
        _record("approved", legs[reference], target, approved_by=said)


def note_approved_outside(references: Iterable[str], legs: Register, target: Target) -> None:
    """Put on the audit trail who brought virements that were approved outside the product."""
    for reference in references:
        first = legs[reference][0]
        if first.approved_on is not None:
            _record("approved outside", legs[reference], target, approved_by=first.approved_by)


def _record(action: str, legs: list[Virement], target: Target, *, approved_by: str) -> None:
    audit.record(
        by=target.by,
        action=action,
        on=audit_name(target.year, legs[0].reference),
        approved_by=approved_by,
        approved_on=legs[0].approved_on.isoformat(),
        amount_pence=sum(leg.amount_pence for leg in legs),
        upload=target.upload.pk,
    )
