"""What is to be noted about contracts on the date of a report. Pure; amounts in pence."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from council_finance.money import plain_pounds
from council_finance.periods import long_date
from planning.contracts.calculations import is_within, last_notice_day, same_supplier_names
from planning.contracts.report_rows import ContractRow
from planning.decisions.report_rows import date_of


@dataclass(frozen=True)
class ContractDay:
    """The date of a report, the months ahead that count, and the threshold of key decisions."""

    as_at: datetime.date
    horizon_months: int
    key_decision_above: int | None = None

    def is_due(self, day: datetime.date | None) -> bool:
        """Return whether a day falls within the horizon."""
        return is_within(day, self.as_at, self.horizon_months)


def ended_before(contract: ContractRow, as_at: datetime.date) -> datetime.date | None:
    """Return the day against which a contract has ended without a decision that extends it.

    It is the day of the decision that it names, else the date of the report; None where the
    contract had not ended on that day, or its end is not known.
    """
    day = date_of(contract.decision_on) or as_at
    end = contract.term.end
    return day if end is not None and end < day else None


def ended_text(contract: ContractRow, as_at: datetime.date) -> str:
    """Return that a contract has ended, and how long before its decision; "" where it has not."""
    day, end = ended_before(contract, as_at), contract.term.end
    if day is None or end is None:
        return ""
    if not contract.decision_on:
        return f"ended {long_date(end)} without a decision that extends it"
    days = (day - end).days
    return (
        f"ended {long_date(end)} without a decision that extends it: {contract.decision} is "
        f"{days} day{'' if days == 1 else 's'} later"
    )


def award_above_estimate(contract: ContractRow) -> tuple[int, int] | None:
    """Return the estimate and the award; None where either is not known."""
    value, estimate = contract.whole_life_value, contract.estimated_value
    return None if value is None or estimate is None else (estimate, value)


def is_above_threshold(contract: ContractRow, threshold: int | None) -> bool:
    """Return whether the value is above the threshold and no key decision is named."""
    value = contract.whole_life_value
    value = contract.annual_value if value is None else value
    above = threshold is not None and value is not None and value > threshold
    return above and contract.key_decision != "yes"


def findings_of(
    contract: ContractRow, day: ContractDay, names: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    """Yield each finding on a contract in words; `names` are those of one supplier, by each."""
    ended = ended_text(contract, day.as_at)
    if ended:
        yield ended
    elif day.is_due(contract.term.end) and contract.term.end:
        yield f"ends {long_date(contract.term.end)}"
    yield from _notice_findings(contract, day)
    if contract.annual_value is None:
        yield "no annual value"
    award = award_above_estimate(contract)
    if award is not None and award[1] > award[0]:
        yield f"awarded {plain_pounds(award[1] - award[0])} above the estimate"
    if is_above_threshold(contract, day.key_decision_above):
        yield "above the key decision threshold without a key decision"
    if others := [each for each in names.get(contract.supplier, ()) if each != contract.supplier]:
        yield f"the supplier is also entered as {', '.join(others)}"


def _notice_findings(contract: ContractRow, day: ContractDay) -> Iterator[str]:
    last, end = last_notice_day(contract.term, day.as_at), contract.term.end
    if last is None:
        return
    if day.is_due(last):
        yield f"last day for notice {long_date(last)}"
    elif last < day.as_at and (end is None or end >= day.as_at):
        yield f"last day for notice {long_date(last)} has passed"


def names_of_suppliers(contracts: Sequence[ContractRow]) -> dict[str, tuple[str, ...]]:
    """Return the names under which each supplier is entered, where there are several."""
    return same_supplier_names((each.supplier, each.supplier_registration) for each in contracts)


def first_day_due(contract: ContractRow, day: ContractDay) -> datetime.date | None:
    """Return the first day within the horizon on which a contract ends or notice must be given."""
    days = (last_notice_day(contract.term, day.as_at), contract.term.end)
    return min((each for each in days if each is not None and day.is_due(each)), default=None)
