"""The rule that a report is not published while capital funding differs from expenditure."""

from capital.calculations import balances
from capital.report_section import funding_rows, scheme_rows
from capital.rules import describe_shortfall
from council_finance.registry import publication_blocker
from monitoring.models import Period


@publication_blocker("capital-funding")
def find_shortfalls(period: Period) -> list[str]:
    """Return a sentence for each column in which funding does not equal expenditure."""
    funding = funding_rows(period)
    if not funding:
        return []
    found = balances(scheme_rows(period), funding)
    return [
        f"{describe_shortfall(balance)} Correct either, or set borrowing to balance."
        for balance in found
        if balance.shortfall
    ]
