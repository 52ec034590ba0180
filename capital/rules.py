"""Sentences about the capital programme that files, pages and publishing share. Pure."""

from capital.calculations import Balance
from council_finance.money import plain_pounds

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
