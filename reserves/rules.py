"""Words about periods and overdrafts that pages, files and the audit trail share. Pure."""

from council_finance.money import plain_pounds
from council_finance.periods import CLOSE, period_name
from reserves.calculations import BOOKED, Overdraft

_ROW_KEYS = {"total", "variance", "after"}
_ROW_KEY_STARTS = ("total:", "group:", "heading:")
CODE_OF_A_ROW = "statements call a row of their own by this code; give the reserve another"


def names_a_statement_row(code: str) -> bool:
    """Return whether statements use this key for a row that is not a reserve."""
    return code in _ROW_KEYS or code.startswith(_ROW_KEY_STARTS)


def in_period(number: int) -> str:
    """Return a period's name for use within a sentence: `month 3`, `the close`."""
    name = period_name(number)
    lower = name[:1].lower() + name[1:]
    return lower if number in range(1, CLOSE) else f"the {lower}"


def reserve_record(year_label: str, code: str) -> str:
    """Return the name under which the audit trail keeps a reserve of a year."""
    return f"reserve {year_label} {code}"


def project_record(year_label: str, reference: str) -> str:
    """Return the name under which the audit trail keeps a capital receipts project of a year."""
    return f"capital receipts project {year_label} {reference}"


def overdraft_message(name: str, found: Overdraft, approved_deficit: int = 0) -> str:
    """Return the reason why an earmarked reserve may not be overdrawn so; amounts in pence."""
    by = "booked" if found.measure == BOOKED else "budgeted and anticipated"
    rule = "an earmarked reserve is overdrawn only where the finance lead approved its deficit"
    if approved_deficit:
        rule = f"the deficit that the finance lead approved is {plain_pounds(approved_deficit)}"
    return (
        f"{name} would be overdrawn: with what is {by} by {in_period(found.period)} its balance "
        f"is {plain_pounds(found.balance)}, and {rule}"
    )
