"""What holds for every virement, whether a file brought it or a person typed it.

Rules: "Restating the previous report" of the domain page. Amounts are whole pence. A leg is a
Virement, stored or not; its ends are the lines' ids, None being outside the budget.
"""

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
"""The fields of a leg that figures follow, or that say what it takes back."""

APPROVER_LENGTH = 300
"""So many characters may say who approved."""

ENTERED = "entered"
"""What the audit trail calls the entry of a virement by a person; a file's has no such entry."""

Ends = tuple[int | None, int | None]


@dataclass(frozen=True)
class NewLeg:
    """A leg as it is entered; without `forecast_amount_pence` the kind decides what moves."""

    from_line_id: int | None
    to_line_id: int | None
    amount_pence: int
    forecast_amount_pence: int | None = None


def audit_name(year: FinancialYear, reference: str) -> str:
    """What the audit trail calls a virement."""
    return f"virement {year.label} {reference}"


def amount_fault(pence: int) -> str:
    """What is wrong with the budget that moves; nothing where it is positive."""
    return "" if pence > 0 else "the amount is positive; from and to say which way it goes"


def spending_fault(pence: int) -> str:
    """What is wrong with the spending that moves; nothing where it is nil or positive."""
    return "" if pence >= 0 else "the spending that moves is nil or positive"


def ends_fault(giver: object | None, receiver: object | None) -> tuple[str, str] | None:
    """The end that is wrong, "from" or "to", and why. None stands for outside the budget."""
    if giver is None and receiver is None:
        return "from", "a virement needs a line it comes from or a line it goes to"
    if giver == receiver:
        return "to", "it goes to the line it comes from"
    return None


def spending_of(kind: str, amount_pence: int, given_pence: int | None) -> int:
    """The spending that moves: as given, else nothing for a pressure, all where a team moves."""
    if given_pence is not None:
        return given_pence
    return amount_pence if kind == VirementKind.TECHNICAL else 0


def same_figures(stored: Collection[Virement], new: Collection[Virement]) -> bool:
    """Whether two virements move the same, leg by leg."""
    return len(stored) == len(new) and all(
        getattr(old, name) == getattr(leg, name)
        for old, leg in zip(stored, new, strict=True)
        for name in FIGURES
    )


@dataclass
class Moved:
    """Budget and spending in pence, and the number of the first leg that moved them."""

    leg: int
    amount: int = 0
    spending: int = 0

    def spending_with(self, kind: str, amount_pence: int) -> int:
        """What goes back with an amount: all that is left with the last of it, never more."""
        left = max(0, self.spending)
        if amount_pence == self.amount:
            return left
        return min(left, spending_of(kind, amount_pence, None))


class Reversals:
    """A register of virements, and what reversals take back of each, ends by ends.

    `register` are the legs by reference; those of `counted` that reverse another count at once.
    Declined virements are no part of it.
    """

    def __init__(self, register: Mapping[str, list[Virement]], counted: Iterable[Virement] = ()):
        self.register = register
        self._taken: dict[tuple[str, Ends], list[int]] = defaultdict(lambda: [0, 0])
        for leg in counted:
            if leg.reverses:
                self._count(leg)

    def rest(self, reference: str) -> dict[Ends, Moved]:
        """By ends, what a virement moved that no reversal has taken back."""
        moved: dict[Ends, Moved] = {}
        for leg in self.register.get(reference, ()):
            left = moved.setdefault((leg.from_line_id, leg.to_line_id), Moved(leg.leg))
            left.amount += leg.amount_pence
            left.spending += leg.forecast_amount_pence
        for ends, left in moved.items():
            amount, spending = self._taken[reference, ends]
            left.amount -= amount
            left.spending -= spending
        return moved

    def take_back(self, leg: Virement, *, spending_given: bool) -> str:
        """Count a leg that reverses another, and fill in what it leaves out.

        It goes the opposite way; ends and spending it does not give are its original's. Answers
        what is wrong with it: all reversals together take back no more than was moved.
        """
        originals = self.register.get(leg.reverses, [])
        if not originals or leg.reverses == leg.reference:
            return "there is no other virement with that reference"
        if leg.from_line_id is None and leg.to_line_id is None:
            if len(originals) > 1:
                return "that virement has several legs; say from where to where each is taken back"
            leg.from_line_id, leg.to_line_id = originals[0].to_line_id, originals[0].from_line_id
        left = self.rest(leg.reverses).get((leg.to_line_id, leg.from_line_id))
        if left is None:
            return "a reversal moves the money back: from where it went, to where it came from"
        if leg.amount_pence > left.amount:
            moved = plain_pounds(self._moved(leg))
            return f"that is more than was moved, which is {moved} for all reversals of it"
        if not spending_given:
            leg.forecast_amount_pence = left.spending_with(leg.kind, leg.amount_pence)
        self._count(leg)
        return ""

    def _moved(self, leg: Virement) -> int:
        ends = (leg.to_line_id, leg.from_line_id)
        return sum(
            original.amount_pence
            for original in self.register[leg.reverses]
            if (original.from_line_id, original.to_line_id) == ends
        )

    def _count(self, leg: Virement) -> None:
        taken = self._taken[leg.reverses, (leg.to_line_id, leg.from_line_id)]
        taken[0] += leg.amount_pence
        taken[1] += leg.forecast_amount_pence
