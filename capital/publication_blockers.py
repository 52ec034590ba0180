"""The rule that a report is not published while capital funding differs from expenditure."""

from capital.report_section import draft_section
from capital.rules import describe_shortfall
from council_finance.registry import publication_blocker
from monitoring.models import Period


@publication_blocker("capital-funding")
def find_shortfalls(period: Period) -> list[str]:
    """Return a sentence for each column in which funding does not equal expenditure."""
    section = draft_section(period)
    if not section.funding:
        return []
    return [
        f"{describe_shortfall(balance)} Correct either, or set borrowing to balance."
        for balance in section.balances
        if balance.shortfall
    ]
