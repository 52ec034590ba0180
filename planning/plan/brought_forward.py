"""What a year's savings did not deliver, and what of it is the next year's to find. Pure; pence."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from council_finance.registry import RegisteredSaving
from planning.plan.calculations import Roll
from planning.plan.report_rows import GROWTH, RECURRING

_WRITES_OUT = re.compile(
    r"\b(unachieved|undelivered|unachievable|non-?delivery|not (delivered|achieved)|reprofiled)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Shortfall:
    """A saving at the close: what it lacks, what of that recurs, and what the plan writes out.

    `written_out` is the part that growth of the next plan covers; the rest is brought forward.
    """

    saving: RegisteredSaving
    shortfall: int
    recurring: int
    written_out: int

    @property
    def brought_forward(self) -> int:
        """Return what is the next year's to find."""
        return self.recurring - self.written_out


@dataclass(frozen=True)
class NextPlan:
    """The plan of the year after: its items, and the place of that year among its years."""

    roll: Roll
    place: int

    def growth_for(self, names: Iterable[str]) -> int:
        """Return the growth of the year in items that name a saving: as reference or driver."""
        wanted = set(names)
        return sum(
            max(0, self._step_of(item.reference))
            for item in self.roll.leaves(GROWTH)
            if {item.reference, item.driver} & wanted
        )

    @property
    def growth_for_any(self) -> int:
        """Return the growth of the year that writes out undelivered savings without naming them."""
        return sum(
            max(0, self._step_of(item.reference))
            for item in self.roll.leaves(GROWTH)
            if _WRITES_OUT.search(item.title)
        )

    def _step_of(self, reference: str) -> int:
        return self.roll.steps[reference][self.place] or 0


def shortfalls_of(savings: Sequence[RegisteredSaving], plan: NextPlan | None) -> list[Shortfall]:
    """Return each saving with its shortfall; one of which nothing was reported lacks all of it.

    Growth that names a saving writes that one out; growth for undelivered savings in general
    writes out the others in the order of the register, until it is used up.
    """
    rest = 0 if plan is None else plan.growth_for_any
    found = []
    for saving in savings:
        shortfall = saving.agreed - (saving.delivered or 0)
        recurring = max(0, shortfall) if saving.recurrence == RECURRING else 0
        names = filter(None, (saving.reference, saving.plan_reference))
        named = 0 if plan is None else min(recurring, plan.growth_for(names))
        general = min(recurring - named, rest)
        rest -= general
        found.append(Shortfall(saving, shortfall, recurring, named + general))
    return found
