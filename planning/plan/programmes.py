"""Programmes of funding against what the plan costs: the cost that a fund leaves behind. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planning.plan.calculations import ByYear, Roll, funding_by_year
from planning.plan.report_rows import IN_NET, RECURRENT, RECURRING, FundingRow


@dataclass(frozen=True)
class Programme:
    """A heading of the funding: cost and funding of each year of the plan, and of the year after.

    Amounts are in pence; a balance below nil is money short, and there is none for a year whose
    funding is not given. The last is the first year after the plan, with what recurs.
    """

    heading: str
    cost: tuple[int, ...]
    funding: ByYear

    @property
    def balance(self) -> ByYear:
        """Return the funding less the cost of each year."""
        pairs = zip(self.funding, self.cost, strict=True)
        return tuple(None if paid is None else paid - cost for paid, cost in pairs)

    @property
    def cumulative_balance(self) -> ByYear:
        """Return the balance of each year with those before it."""
        balance = self.balance
        return tuple(
            None if pence is None else sum(each or 0 for each in balance[: place + 1])
            for place, pence in enumerate(balance)
        )


def programmes(roll: Roll, headings: Mapping[str, Sequence[FundingRow]]) -> list[Programme]:
    """Return a programme for each heading of the funding, against the cost of all items."""
    cost = (*_cost_by_year(roll), cost_after(roll))
    return [
        Programme(
            heading,
            cost,
            (*funding_by_year(sources, roll.years), funding_after(sources, roll.years)),
        )
        for heading, sources in headings.items()
    ]


def _cost_by_year(roll: Roll) -> list[int]:
    tops = roll.tops(*IN_NET)
    return [roll.sum_of(tops, place) or 0 for place in range(len(roll.years))]


def cost_after(roll: Roll) -> int:
    """Return what the items that recur cost in the year after the plan."""
    recurring = [item for item in roll.tops(*IN_NET) if item.recurrence == RECURRING]
    return roll.sum_of(recurring, len(roll.years) - 1) or 0


def funding_after(sources: Sequence[FundingRow], years: Sequence[int]) -> int | None:
    """Return what recurrent sources pay in the year after the plan, as in its last year.

    None where no source gives the last year.
    """
    given = [source for source in sources if years[-1] in source.amounts]
    recurrent = [source.amounts[years[-1]] for source in given if source.recurrence == RECURRENT]
    return sum(recurrent) if given else None
