"""The savings of a plan that may not be delivered, and why. Pure; amounts as in the plan."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from council_finance.money import round_half_away
from planning.plan.calculations import ByYear, Roll
from planning.plan.report_rows import SAVING, PlanRow, SchemeRow

UNIDENTIFIED, NOT_STARTED, UNDER_RATE = "unidentified", "not started", "under delivery rate"
_UNIDENTIFIED_WORDS = re.compile(
    r"\b(unallocated|unidentified|to be (identified|confirmed|found)|tbc|tbi)\b", re.IGNORECASE
)
_DECIDED_SCHEMES = ("approved",)
_DECIDED_DECISIONS = ("taken", "implemented")


@dataclass(frozen=True)
class SavingAtRisk:
    """A saving at risk with its reason and its cumulative amount of each year, below nil."""

    key: str
    label: str
    reason: str
    amounts: ByYear


def is_unidentified(item: PlanRow) -> bool:
    """Return whether a saving is called unallocated, unidentified, to be found or TBC."""
    return _UNIDENTIFIED_WORDS.search(item.title) is not None


def savings_at_risk(
    roll: Roll,
    *,
    schemes: Sequence[SchemeRow],
    decisions: Mapping[str, str],
    not_started: Collection[str],
    delivery_rate_percent: int | None,
) -> list[SavingAtRisk]:
    """Return each saving at risk, once, by the first reason that holds.

    Below them stands the part of all other savings that the delivery rate says is not delivered,
    where there is a rate. `not_started` are references of the year's register.
    """
    statuses = {scheme.reference: scheme.status for scheme in schemes}
    found, safe = [], []
    for item in roll.leaves(SAVING):
        reason = _reason_of(item, statuses, decisions, not_started)
        if reason:
            label = f"{item.reference} {item.title}"
            amounts = roll.cumulative[item.reference]
            found.append(SavingAtRisk(item.reference, label, reason, amounts))
        else:
            safe.append(item)
    short = None if delivery_rate_percent is None else 100 - delivery_rate_percent
    if safe and short:
        amounts = tuple(
            _share_of(roll.sum_of(safe, place), short) for place in range(len(roll.years))
        )
        label = f"{short}% of the other savings, by the delivery rate"
        found.append(SavingAtRisk("under-delivery-rate", label, UNDER_RATE, amounts))
    return found


def _share_of(pence: int | None, percent: int) -> int | None:
    return None if pence is None else round_half_away(pence * percent, 100)


def _reason_of(
    item: PlanRow,
    schemes: Mapping[str, str],
    decisions: Mapping[str, str],
    not_started: Collection[str],
) -> str:
    if is_unidentified(item):
        return UNIDENTIFIED
    if item.depends_on and not _is_decided(item.depends_on, schemes, decisions):
        return f"depends on {item.depends_on}"
    return NOT_STARTED if item.reference in not_started else ""


def _is_decided(reference: str, schemes: Mapping[str, str], decisions: Mapping[str, str]) -> bool:
    if reference in schemes:
        return schemes[reference] in _DECIDED_SCHEMES
    return decisions.get(reference) in _DECIDED_DECISIONS
