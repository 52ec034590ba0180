"""The ledger of the made-up council: budget lines with budgets, spending and forecasts. Pure.

Amounts are whole pence; expenditure is positive.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from monitoring.packs.made_up.chance import Chance, rounded
from monitoring.packs.made_up.kinds import KINDS, LineKind, Months
from monitoring.packs.made_up.tree import Council, Service

CLOSE = 13


@dataclass(frozen=True)
class Line:
    """A budget line in a year.

    `variance` is outturn less budget before virements; `path` the part of it that is forecast in
    months 1 to 12.
    """

    service: Service
    kind: LineKind
    budget: int
    variance: int
    path: Months

    @property
    def key(self) -> tuple[str, str]:
        """Return cost centre and account."""
        return self.service.centre, self.kind.account

    def forecast(self, month: int) -> int:
        """Return the forecast outturn of a month, before virements and use of reserves."""
        part = 1.0 if month >= CLOSE else self.path[month - 1]
        return self.budget + rounded(self.variance * part, 100)


@dataclass(frozen=True)
class Leg:
    """A leg of a virement, in force in the ledger from a month on.

    `spending` moves with the budget. `dated` is the period that the register gives it, which is
    earlier than `month` where it was approved late.
    """

    reference: str
    month: int
    dated: int
    giver: Line
    receiver: Line
    amount: int
    spending: int
    kind: str
    approved_by: str
    approved_on: str
    reason: str
    reverses: str = ""

    @property
    def is_approved(self) -> bool:
        """Return whether it is approved; one that is not changes nothing."""
        return bool(self.approved_on)


@dataclass(frozen=True)
class PlannedUse:
    """Spending of a service that a reserve, or capital receipts, pay for from a month on."""

    line: Line
    month: int
    amount: int
    source: str
    is_receipts: bool = False


@dataclass(frozen=True)
class LineFigures:
    """The figures of a line in a month."""

    line: Line
    original: int
    budget: int
    actual: int
    profile: int
    commitments: int | None
    forecast: int
    reserves: int
    receipts: int

    @property
    def net_variance(self) -> int:
        """Return forecast less budget with planned use."""
        return self.forecast - self.budget + self.reserves + self.receipts


@dataclass
class Ledger:
    """The ledger of a year."""

    start: int
    lines: Sequence[Line]
    legs: list[Leg] = field(default_factory=list)
    uses: list[PlannedUse] = field(default_factory=list)

    @cached_property
    def by_service(self) -> dict[str, list[Line]]:
        """Return the lines of each service by its code."""
        found = defaultdict(list)
        for line in self.lines:
            found[line.service.code].append(line)
        return dict(found)

    def month(self, month: int) -> list[LineFigures]:
        """Return the figures of every line in a month, 13 for the close."""
        moved, spending = self._moves_of(month)
        reserves, receipts = (self._use_of(month, is_receipts=each) for each in (False, True))
        found = []
        for line in self.lines:
            use = reserves[line.key], receipts[line.key]
            forecast = line.forecast(month) + spending[line.key] - sum(use)
            budget = line.budget + moved[line.key]
            actual = self._actual_to_date(line, forecast, month)
            found.append(
                LineFigures(
                    line=line,
                    original=line.budget,
                    budget=budget,
                    actual=actual,
                    profile=round(budget * _share_by(line.kind.months, month)),
                    commitments=_open_commitments(line, forecast - actual, month),
                    forecast=actual if month == CLOSE else forecast,
                    reserves=use[0],
                    receipts=use[1],
                )
            )
        return found

    def _moves_of(self, month: int) -> tuple[defaultdict[object, int], defaultdict[object, int]]:
        """Return the budget and the spending that virements have moved to each line by a month."""
        budget: defaultdict[object, int] = defaultdict(int)
        spending: defaultdict[object, int] = defaultdict(int)
        for leg in self.legs:
            if leg.is_approved and leg.month <= month:
                for line, sign in ((leg.giver, -1), (leg.receiver, 1)):
                    budget[line.key] += sign * leg.amount
                    spending[line.key] += sign * leg.spending
        return budget, spending

    def _use_of(self, month: int, *, is_receipts: bool) -> defaultdict[object, int]:
        """Return planned use by line: negative, as it pays for spending."""
        found: defaultdict[object, int] = defaultdict(int)
        for use in self.uses:
            if use.is_receipts == is_receipts and use.month <= month:
                found[use.line.key] -= use.amount
        return found

    def _actual_to_date(self, line: Line, forecast: int, month: int) -> int:
        """Return spending to date; at the close the outturn, which is not in round pounds."""
        chance = Chance("actual", self.start, *line.key)
        outturn = forecast + chance.whole(-4999, 4999)
        if month == CLOSE:
            return outturn
        wobble = 1 + chance.between(-0.06, 0.06) * (1 - month / 13)
        return round(outturn * min(0.995, _share_by(line.kind.months, month) * wobble))


def _share_by(months: Months, month: int) -> float:
    """Return the share of a year that is spent by the end of a month."""
    return sum(months[: min(month, 12)])


def _open_commitments(line: Line, left: int, month: int) -> int | None:
    """Return orders that are placed and not paid, for lines that are spent by order."""
    if line.kind.account[0] != "5" or month >= CLOSE or left <= 0:
        return None
    return round(left * 0.6)


def make_lines(
    council: Council, start: int, *, growth: float = 1, pressure: float = 1
) -> list[Line]:
    """Return the budget lines of a year.

    `growth` multiplies the budgets of the council's file, and `pressure` its overspends.
    """
    return [
        line for service in council.services for line in _lines_of(service, start, growth, pressure)
    ]


def _lines_of(service: Service, start: int, growth: float, pressure: float) -> Iterable[Line]:
    chance = Chance("service", start, service.code)
    size = Chance("size", service.code).between(0.82, 1.18)
    budget = service.budget * (1 if service.centre.startswith("Z") else size) * growth
    variance = abs(budget) * (service.variance * chance.between(0.7, 1.35))
    variance *= pressure if variance > 0 else 1
    kind = KINDS[service.kind]
    whole = sum(each.share for each in kind.lines)
    delay = chance.between(0.9, 1.1)
    path = tuple(part * delay for part in kind.shape)
    for each in kind.lines:
        part = each.over if variance > 0 else each.under
        yield Line(
            service=service,
            kind=each,
            budget=rounded((budget if whole > 0 else abs(budget)) * each.share, 100),
            variance=rounded(variance * part, 1),
            path=path,
        )
