"""Words and sentences about the capital programme that files, pages and publishing share. Pure."""

from capital.calculations import Balance
from council_finance.money import plain_pounds

CHANGE_LABELS = {
    "carry_forward": "Carry forward",
    "rephasing": "Rephasing",
    "variation": "Variations",
    "virement": "Virements",
    "new_scheme": "New schemes",
    "to_revenue": "Moved to revenue",
}
"""The columns of the kinds of changes, in the order in which reports print them."""

FUNDING_LABELS = {
    "grant": "Grant",
    "contribution": "Contribution",
    "capital_receipt": "Capital receipt",
    "revenue": "Revenue",
    "reserve": "Reserve",
    "borrowing": "Borrowing",
}
REASON_LABELS = {"rephasing": "Rephasing", "cost": "Cost"}
COLUMN_WORDS = {
    "original": "the original budget",
    "budget": "the revised budget",
    "forecast": "the forecast",
}


def describe_shortfall(balance: Balance) -> str:
    """Return the sentence that funding and expenditure of a column differ."""
    return (
        f"Capital funding and expenditure differ in {COLUMN_WORDS[balance.column]}: funding is "
        f"{plain_pounds(balance.funding or 0)}, expenditure "
        f"{plain_pounds(balance.expenditure or 0)}, a difference of "
        f"{plain_pounds(abs(balance.shortfall))}."
    )
