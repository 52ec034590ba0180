"""Balances of reserves, by the rules of "Reserves" in docs/rules.md. Pure: whole pence.

Movements are increments, positive where money is put in. Before the close the closing balance is
opening + budgeted + anticipated, and actual movements are shown beside it; at the close it is
opening + actual, where any actual movement was entered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from council_finance.periods import CLOSE

BUDGETED, ANTICIPATED, ACTUAL = "budgeted", "anticipated", "actual"
EXPECTED, BOOKED = "expected", "booked"
"""The two ways in which a reserve can be overdrawn: as expected, or as booked."""


@dataclass(frozen=True)
class Entry:
    """A movement of one reserve: its amount in pence counts from `period` on."""

    period: int
    kind: str
    amount: int


@dataclass(frozen=True)
class Balance:
    """The balance of one or several reserves, in pence; `booked` says that it has actuals."""

    opening: int = 0
    budgeted: int = 0
    anticipated: int = 0
    actual: int = 0
    closing: int = 0
    booked: bool = False

    @property
    def moved(self) -> bool:
        """Return whether any movement is expected or booked."""
        return bool(self.budgeted or self.anticipated or self.actual) or self.booked


@dataclass(frozen=True)
class Overdraft:
    """An overdrawn reserve: by which measure, from which period on, and its balance then."""

    measure: str
    period: int
    balance: int


def balance_of(opening: int, entries: Iterable[Entry], *, at_close: bool) -> Balance:
    """Return the balance of a reserve by the rules above."""
    entries = list(entries)
    budgeted, anticipated, actual = (
        sum(_amounts_of(entries, kind)) for kind in (BUDGETED, ANTICIPATED, ACTUAL)
    )
    booked = any(entry.kind == ACTUAL for entry in entries)
    moved = actual if at_close and booked else budgeted + anticipated
    return Balance(opening, budgeted, anticipated, actual, opening + moved, booked)


def _amounts_of(entries: Iterable[Entry], kind: str) -> list[int]:
    return [entry.amount for entry in entries if entry.kind == kind]


def add_balances(balances: Iterable[Balance]) -> Balance:
    """Return the balance of several reserves together."""
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
    """Return the first overdraft that replacing the entries `before` by `after` causes.

    A reserve is overdrawn below nil, or below a deficit that was approved or that the year began
    with. An overdraft that `before` had already, as deep or deeper, is not counted.
    """
    floor = min(-approved_deficit, opening)
    earlier = _balances_by_period(opening, list(before))
    for place, balance in _balances_by_period(opening, list(after)).items():
        if balance < floor and balance < earlier.get(place, floor):
            return Overdraft(place[1], place[0], balance)
    return None


def _balances_by_period(opening: int, entries: Sequence[Entry]) -> dict[tuple[int, str], int]:
    """Return the balances by period and measure (EXPECTED, BOOKED).

    A drawing may be booked before the contribution that it relies on, where that is budgeted or
    anticipated; once the close itself is booked, only what was booked counts.
    """
    balances = {}
    for period in range(CLOSE + 1):
        so_far = [entry for entry in entries if entry.period <= period]
        budgeted, anticipated, actual = (
            _amounts_of(so_far, kind) for kind in (BUDGETED, ANTICIPATED, ACTUAL)
        )
        if any(entry.kind == ACTUAL and entry.period == CLOSE for entry in so_far):
            balances[period, BOOKED] = opening + sum(actual)
            continue
        balances[period, EXPECTED] = opening + sum(budgeted) + sum(anticipated)
        if actual:
            put_in = sum(amount for amount in actual if amount > 0)
            to_come = max(0, sum(budgeted)) + max(0, sum(anticipated)) - put_in
            balances[period, BOOKED] = opening + sum(actual) + max(0, to_come)
    return balances
