"""What a reserve holds, by the rules of "Reserves" of the domain page. Pure: whole pence.

Movements are increments, positive where money is put in. Before the close a balance closes at
opening + budgeted + anticipated, and what is booked stands beside it; at the close it is opening +
actual where any actual was entered.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from council_finance.periods import CLOSE

BUDGETED, ANTICIPATED, ACTUAL = "budgeted", "anticipated", "actual"
EXPECTED, BOOKED = "expected", "booked"
"""The two ways in which a reserve can be overdrawn: by what is expected and by what is booked."""


@dataclass(frozen=True)
class Entry:
    """One side of a movement: what it adds to its reserve, in pence, from which period on."""

    period: int
    kind: str
    amount: int


@dataclass(frozen=True)
class Balance:
    """A reserve, or several together, in pence. `booked` says whether any actual was entered."""

    opening: int = 0
    budgeted: int = 0
    anticipated: int = 0
    actual: int = 0
    closing: int = 0
    booked: bool = False

    @property
    def moved(self) -> bool:
        """Whether anything is expected or booked."""
        return bool(self.budgeted or self.anticipated or self.actual) or self.booked


@dataclass(frozen=True)
class Overdraft:
    """Where a reserve would be overdrawn: by what, from which period on, and to what balance."""

    measure: str
    period: int
    balance: int


def balance_of(opening: int, entries: Iterable[Entry], *, at_close: bool) -> Balance:
    """A reserve's balance by the rules above."""
    entries = list(entries)
    sums = {
        kind: sum(entry.amount for entry in entries if entry.kind == kind)
        for kind in (BUDGETED, ANTICIPATED, ACTUAL)
    }
    booked = any(entry.kind == ACTUAL for entry in entries)
    moved = sums[ACTUAL] if at_close and booked else sums[BUDGETED] + sums[ANTICIPATED]
    return Balance(opening, *sums.values(), closing=opening + moved, booked=booked)


def together(balances: Iterable[Balance]) -> Balance:
    """Several reserves as one."""
    total = Balance()
    for each in balances:
        total = Balance(
            total.opening + each.opening,
            total.budgeted + each.budgeted,
            total.anticipated + each.anticipated,
            total.actual + each.actual,
            total.closing + each.closing,
            total.booked or each.booked,
        )
    return total


def overdraft(
    opening: int,
    before: Iterable[Entry],
    after: Iterable[Entry],
    *,
    approved_deficit: int = 0,
) -> Overdraft | None:
    """Where replacing the entries `before` by those `after` overdraws a reserve; else None.

    Overdrawn is a balance below nil, or below a deficit that was approved or that the year began
    with. What was overdrawn already may stay, or get better.
    """
    floor = min(-approved_deficit, opening)
    earlier = _course(opening, list(before))
    for place, balance in _course(opening, list(after)).items():
        if balance < floor and balance < earlier.get(place, floor):
            return Overdraft(place[1], place[0], balance)
    return None


def _course(opening: int, entries: list[Entry]) -> Mapping[tuple[int, str], int]:
    """The balances by period and measure.

    A drawing may be booked before the contribution that it leans on, where that is budgeted or
    anticipated; once the close itself is booked, only what was booked counts.
    """
    course = {}
    for period in range(CLOSE + 1):
        so_far = [entry for entry in entries if entry.period <= period]
        budgeted, anticipated, actual = (
            [entry.amount for entry in so_far if entry.kind == kind]
            for kind in (BUDGETED, ANTICIPATED, ACTUAL)
        )
        if any(entry.kind == ACTUAL and entry.period == CLOSE for entry in so_far):
            course[period, BOOKED] = opening + sum(actual)
            continue
        course[period, EXPECTED] = opening + sum(budgeted) + sum(anticipated)
        if actual:
            put_in = sum(amount for amount in actual if amount > 0)
            to_come = max(0, sum(budgeted)) + max(0, sum(anticipated)) - put_in
            course[period, BOOKED] = opening + sum(actual) + max(0, to_come)
    return course
