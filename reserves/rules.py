"""What may not be entered, in the sentences that pages and files say. Pure."""

from council_finance.money import plain_pounds
from council_finance.periods import CLOSE, period_name
from reserves.calculations import BOOKED, Overdraft


def in_period(number: int) -> str:
    """A period within a sentence: `month 3`, `the close`."""
    name = period_name(number)
    lower = name[:1].lower() + name[1:]
    return lower if number in range(1, CLOSE) else f"the {lower}"


def reserve_record(year, code: str) -> str:
    """What the audit trail calls a reserve of a year."""
    return f"reserve {year.label} {code}"


def overdraft_message(name: str, found: Overdraft, approved_deficit: int = 0) -> str:
    """Why a movement is refused that overdraws an earmarked reserve; amounts in pence."""
    by = "booked" if found.measure == BOOKED else "budgeted and anticipated"
    rule = "an earmarked reserve is overdrawn only where the finance lead approved its deficit"
    if approved_deficit:
        rule = f"the deficit that the finance lead approved is {plain_pounds(approved_deficit)}"
    return (
        f"{name} would be overdrawn: with what is {by} by {in_period(found.period)} it stands at "
        f"{plain_pounds(found.balance)}, and {rule}"
    )
