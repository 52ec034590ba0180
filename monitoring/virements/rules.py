"""The rules for every virement, from a file or entered on a page.

The source is "Restating the previous report" in docs/rules.md. Amounts are whole pence. A leg is
a Virement, stored or not; its ends are ids of budget lines, and None is outside the budget.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from council_finance.money import plain_pounds
from monitoring.structure.models import FinancialYear
from monitoring.virements.models import Virement, VirementKind

FIGURES = (
    "period",
    "from_line_id",
    "to_line_id",
    "amount_pence",
    "forecast_amount_pence",
    "kind",
    "reverses",
)
"""The fields of a leg that decide figures, or name the virement that it reverses."""

APPROVER_LENGTH = 300
"""The most characters of the text that says who approved."""

ENTERED = "entered"
"""The action on the audit trail when a person enters a virement; a file leaves no such entry."""

Ends = tuple[int | None, int | None]


@dataclass(frozen=True)
class NewLeg:
    """A leg as entered; without `forecast_amount_pence` the kind decides what spending moves."""

    from_line_id: int | None
    to_line_id: int | None
    amount_pence: int
    forecast_amount_pence: int | None = None


def audit_name(year: FinancialYear, reference: str) -> str:
    """Return the audit trail's name of a virement."""
    return f"virement {year.label} {reference}"


def amount_fault(pence: int) -> str:
    """Return the fault of an amount of budget; empty where it is positive."""
    return "" if pence > 0 else "the amount is positive; from and to say which way it goes"


def spending_fault(pence: int) -> str:
    """Return the fault of an amount of spending; empty where it is nil or positive."""
    return "" if pence >= 0 else "the spending that moves is nil or positive"


def ends_fault(giver: object | None, receiver: object | None) -> tuple[str, str] | None:
    """Return the end at fault, "from" or "to", and why; None where both are right.

    An end of None is outside the budget.
    """
    if giver is None and receiver is None:
        return "from", "a virement needs a line it comes from or a line it goes to"
    if giver == receiver:
        return "to", "it goes to the line it comes from"
    return None


def spending_of(kind: str, amount_pence: int, given_pence: int | None) -> int:
    """Return the spending that moves, in pence: as given, else all if technical, else none."""
    if given_pence is not None:
        return given_pence
    return amount_pence if kind == VirementKind.TECHNICAL else 0


def same_figures(stored: Collection[Virement], new: Collection[Virement]) -> bool:
    """Return whether two virements have the same figures, leg by leg."""
    return len(stored) == len(new) and all(
        getattr(old, name) == getattr(leg, name)
        for old, leg in zip(stored, new, strict=True)
        for name in FIGURES
    )


def legs_version(legs: Iterable[Virement]) -> str:
    """Return a mark of a virement's legs that changes with what its approver reads."""
    fields = (*FIGURES, "reference", "reason")
    shown = [[str(getattr(leg, name)) for name in fields] for leg in legs]
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:16]


@dataclass
class MovedAmount:
    """Budget and spending moved between two lines, in pence, and the number of the first leg."""

    leg: int
    amount: int = 0
    spending: int = 0

    def spending_with(self, kind: str, amount_pence: int) -> int:
        """Return the spending that goes back with an amount: the rest with the last of it."""
        left = max(0, self.spending)
        if amount_pence == self.amount:
            return left
        return min(left, spending_of(kind, amount_pence, None))


class Reversals:
    """A register of virements, and how much of each reversals take back, by its ends.

    `register` holds the legs by reference; legs of `counted` that reverse another are counted from
    the start. Declined virements must be left out of both.
    """

    def __init__(
        self, register: Mapping[str, list[Virement]], counted: Iterable[Virement] = ()
    ) -> None:
        self.register = register
        self._taken: dict[tuple[str, Ends], list[int]] = defaultdict(lambda: [0, 0])
        for leg in counted:
            if leg.reverses:
                self._count_reversal(leg)

    def remaining(self, reference: str) -> dict[Ends, MovedAmount]:
        """Return by ends what a virement moved and no reversal has taken back."""
        moved: dict[Ends, MovedAmount] = {}
        for leg in self.register.get(reference, ()):
            left = moved.setdefault((leg.from_line_id, leg.to_line_id), MovedAmount(leg.leg))
            left.amount += leg.amount_pence
            left.spending += leg.forecast_amount_pence
        for ends, left in moved.items():
            amount, spending = self._taken[reference, ends]
            left.amount -= amount
            left.spending -= spending
        return moved

    def take_back(self, leg: Virement, *, spending_given: bool) -> str:
        """Count a leg that reverses another, and return its fault; empty where it has none.

        Ends and spending that the leg does not give are filled in from its original, the opposite
        way. All reversals together take back no more than was moved.
        """
        originals = self.register.get(leg.reverses, [])
        if not originals or leg.reverses == leg.reference:
            return "there is no other virement with that reference"
        if leg.from_line_id is None and leg.to_line_id is None:
            if len(originals) > 1:
                return "that virement has several legs; say from where to where each is taken back"
            leg.from_line_id, leg.to_line_id = originals[0].to_line_id, originals[0].from_line_id
        left = self.remaining(leg.reverses).get((leg.to_line_id, leg.from_line_id))
        if left is None:
            return "a reversal moves the money back: from where it went, to where it came from"
        if leg.amount_pence > left.amount:
            moved = plain_pounds(self._moved_pence(leg))
            return f"that is more than was moved, which is {moved} for all reversals of it"
        if not spending_given:
            leg.forecast_amount_pence = left.spending_with(leg.kind, leg.amount_pence)
        self._count_reversal(leg)
        return ""

    def _moved_pence(self, leg: Virement) -> int:
        ends = (leg.to_line_id, leg.from_line_id)
        return sum(
            original.amount_pence
            for original in self.register[leg.reverses]
            if (original.from_line_id, original.to_line_id) == ends
        )

    def _count_reversal(self, leg: Virement) -> None:
        taken = self._taken[leg.reverses, (leg.to_line_id, leg.from_line_id)]
        taken[0] += leg.amount_pence
        taken[1] += leg.forecast_amount_pence
