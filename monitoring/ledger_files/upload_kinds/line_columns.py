"""The columns of files of budget lines, explained for people who fill them in."""

from council_finance.uploads.columns import AMOUNT, CODE, ColumnSpec

AMOUNTS = (
    "original_budget",
    "current_budget",
    "actual_to_date",
    "commitments",
    "profiled_budget_to_date",
    "forecast",
    "planned_use_of_reserves",
    "planned_use_of_capital_receipts",
)
_WORDS = {
    "original_budget": (
        "The budget for the year as the council approved it.",
        "The budget approved in period 0.",
        "125000.00",
    ),
    "current_budget": (
        "The budget for the year as it is now, with every approved virement. Income is negative.",
        "",
        "127500.00",
    ),
    "actual_to_date": (
        "Spent or received from 1 April to the end of the month. Income is negative.",
        "No actual is given, which is not nil. Enter 0 for nil.",
        "31250.40",
    ),
    "commitments": (
        "Orders placed that are not paid yet.",
        "None is given, which is not nil.",
        "4200.00",
    ),
    "profiled_budget_to_date": (
        "The part of the current budget that was expected to be spent by now.",
        "None is given, which is not nil.",
        "31875.00",
    ),
    "forecast": (
        "The total that the year is expected to end at, not what is left to spend.",
        "The forecast that there is stays: typed, or last month’s carried forward.",
        "131000.00",
    ),
    "planned_use_of_reserves": (
        "What is planned to be drawn from earmarked reserves: negative. Put into them: positive.",
        "Last month’s is carried forward. Enter 0 for none.",
        "-2500.00",
    ),
    "planned_use_of_capital_receipts": (
        "What is paid for by capital receipts under the flexibilities: negative.",
        "Last month’s is carried forward. Enter 0 for none.",
        "-1000.00",
    ),
}
_BLANK_KEEPS = "The figure that is stored stays as it is. Enter 0 for nil."

COST_CENTRE = ColumnSpec(
    "cost_centre",
    CODE,
    required=True,
    meaning="The code of the team or place that spends, as in the ledger.",
    example="A100",
)
ACCOUNT = ColumnSpec(
    "account",
    CODE,
    required=True,
    meaning="The code of what is bought or received: the subjective code.",
    example="NET",
)


def amount_column(name: str, *, required: bool = False, keeps: bool = False) -> ColumnSpec:
    """Return a column of amounts; with `keeps` a blank cell leaves the stored figure."""
    meaning, blank, example = _WORDS[name]
    if keeps:
        blank = _BLANK_KEEPS
    return ColumnSpec(
        name, AMOUNT, required=required, meaning=meaning, blank=blank, example=example
    )
