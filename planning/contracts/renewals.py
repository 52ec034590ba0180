"""What renewing the contracts that end would cost at today's prices. Amounts in pence."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from council_finance.money import round_half_away
from planning.contracts.findings import ContractDay, ended_before
from planning.contracts.report_rows import ContractRow

_DAY = datetime.timedelta(days=1)
_MONTHS_A_YEAR = 12


@dataclass(frozen=True)
class Renewal:
    """A contract that ends, renewed from the day after at its annual value; None is not known.

    `by_year` are the costs in the report's year and the next one. `extension_months` are those of
    the next extension that it has, or None, and `extension` is what they cost.
    """

    contract: ContractRow
    by_year: tuple[int | None, int | None]
    extension_months: int | None
    extension: int | None


def cost_after(annual: int, end: datetime.date, start: int) -> int:
    """Return what a year's value costs in a financial year after a contract's last day, by days.

    `start` is the calendar year in which the financial year begins.
    """
    first, last = datetime.date(start, 4, 1), datetime.date(start + 1, 3, 31)
    days = (last - max(first, end + _DAY)).days + 1
    return round_half_away(annual * max(0, days), (last - first).days + 1)


def renewals_of(contracts: Sequence[ContractRow], day: ContractDay, start: int) -> list[Renewal]:
    """Return the contracts that end within the horizon, or ended without a decision, renewed."""
    return [
        _price_renewal(each, each.term.end, start)
        for each in contracts
        if each.term.end is not None
        and (day.is_due(each.term.end) or ended_before(each, day.as_at) is not None)
    ]


def _price_renewal(contract: ContractRow, end: datetime.date, start: int) -> Renewal:
    annual, left = contract.annual_value, contract.extension_months[contract.extensions_taken :]
    months = left[0] if left else None
    if annual is None:
        return Renewal(contract, (None, None), months, None)
    extension = None if months is None else round_half_away(annual * months, _MONTHS_A_YEAR)
    years = (cost_after(annual, end, start), cost_after(annual, end, start + 1))
    return Renewal(contract, years, months, extension)


def sum_of_years(renewals: Sequence[Renewal]) -> tuple[int, int]:
    """Return the costs in both years, without contracts whose value is not known."""
    return (
        sum(each.by_year[0] or 0 for each in renewals),
        sum(each.by_year[1] or 0 for each in renewals),
    )
