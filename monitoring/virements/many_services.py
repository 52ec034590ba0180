"""Approve many virements at once: all or none, each by the rules for one."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from council_finance.accounts.models import User
from council_finance.errors import Refused
from monitoring.structure.council_settings import read_settings
from monitoring.structure.models import FinancialYear
from monitoring.structure.year_changes import change_year
from monitoring.virements.models import Virement
from monitoring.virements.rights import find_split_amounts, why_not_approve
from monitoring.virements.rules import legs_version
from monitoring.virements.services import (
    approve_legs,
    find_legs,
    is_approved_by,
    refuse_baseless_reversal,
    refuse_decided,
)


@dataclass(frozen=True)
class ShownVirement:
    """A virement as the approver's page showed it; `seen` is its `legs_version`."""

    reference: str
    seen: str


class ApprovalsRefused(Refused):
    """A refusal of some of several virements; none was approved. `faults` are by reference."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = dict(faults)
        each = (f"{reference}: {fault}" for reference, fault in faults.items())
        super().__init__("Nothing was approved.", *each)


def approve_virements(
    *,
    year: FinancialYear,
    virements: Sequence[ShownVirement],
    approved_by: str,
    by: User,
    today: datetime.date,
) -> None:
    """Approve several pending virements, so that later reports are compared with restated figures.

    `approved_by` is what the register prints. Raise `ApprovalsRefused` where one was decided or
    changed meanwhile, or this person may not approve it; virements between the same lines count
    together against their limit. What the same person has approved already stays as it is.
    """
    if not virements:
        raise Refused("Tick the virements that you approve.")
    with change_year(year.pk, affects_figures=True) as change:
        settings = read_settings(change.year.settings)
        found: dict[str, list[Virement]] = {}
        faults: dict[str, str] = {}
        for each in virements:
            try:
                legs = find_legs(change.year, each.reference)
                if is_approved_by(legs, by):
                    continue
                _refuse_unready(change.year, legs, each.seen)
            except Refused as refused:
                faults[each.reference] = " ".join(refused.messages)
                continue
            if fault := why_not_approve(by, legs, settings):
                faults[each.reference] = fault
            found[each.reference] = legs
        faults = find_split_amounts(by, found, settings) | faults
        if faults:
            raise ApprovalsRefused(faults)
        change.is_needed = bool(found)
        for legs in found.values():
            approve_legs(legs, approved_by=approved_by, by=by, today=today)


def _refuse_unready(year: FinancialYear, legs: list[Virement], seen: str) -> None:
    """Refuse a virement that was decided or changed, or reverses one that is not approved."""
    refuse_decided(legs)
    if legs_version(legs) != seen:
        raise Refused("It changed while you were reading. Look at it again, then approve it.")
    refuse_baseless_reversal(year, legs)
