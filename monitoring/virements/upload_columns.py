"""The columns of virements.csv, explained for people who fill them in."""

from council_finance.uploads.columns import AMOUNT, CHOICE, CODE, DATE, WHOLE, YES, ColumnSpec
from monitoring.virements.models import VirementKind

_FROM_OUTSIDE = "The budget comes from outside the council’s lines."
_TO_OUTSIDE = "The budget goes outside the council’s lines."

COLUMNS = (
    ColumnSpec(
        "reference",
        CODE,
        required=True,
        meaning="The reference of the virement. Rows of one reference are approved together.",
        example="V012",
    ),
    ColumnSpec(
        "period",
        WHOLE,
        required=True,
        meaning="The month from which it counts: 1 is April, 12 March, 13 the close.",
        example="4",
    ),
    ColumnSpec(
        "from_cost_centre",
        CODE,
        meaning="The cost centre of the line that gives budget up.",
        blank=_FROM_OUTSIDE,
        example="A100",
    ),
    ColumnSpec(
        "from_account",
        CODE,
        meaning="The account of the line that gives budget up.",
        blank=_FROM_OUTSIDE,
        example="NET",
    ),
    ColumnSpec(
        "to_cost_centre",
        CODE,
        meaning="The cost centre of the line that receives it.",
        blank=_TO_OUTSIDE,
        example="B200",
    ),
    ColumnSpec(
        "to_account",
        CODE,
        meaning="The account of the line that receives it.",
        blank=_TO_OUTSIDE,
        example="NET",
    ),
    ColumnSpec(
        "amount",
        AMOUNT,
        required=True,
        meaning="The budget that moves, always positive.",
        example="25000.00",
    ),
    ColumnSpec(
        "kind",
        CHOICE,
        required=True,
        choices=tuple(VirementKind.values),
        meaning="“funding” moves budget alone; “technical” moves the spending with it.",
        example="technical",
    ),
    ColumnSpec(
        "forecast_amount",
        AMOUNT,
        meaning="The spending that moves with the budget.",
        blank="None for “funding”; as much as the budget for “technical”.",
        example="25000.00",
    ),
    ColumnSpec(
        "approved_by",
        meaning="Who approved it.",
        blank="Nobody is named.",
        example="Cabinet, 14 August 2019",
    ),
    ColumnSpec(
        "approved_on",
        DATE,
        meaning="The day on which it was approved.",
        blank="It is pending and has no effect yet.",
        example="14/08/2019",
    ),
    ColumnSpec(
        "reverses",
        CODE,
        meaning="The reference of an approved virement that this one takes back.",
        blank="It takes none back.",
        example="V003",
    ),
    ColumnSpec(
        "reason",
        meaning="Why the budget moves.",
        blank="No reason is printed.",
        example="Team moves to another directorate",
    ),
    ColumnSpec(
        "permanent",
        YES,
        meaning="Whether the budget moves for good, so that next year's base has it too.",
        blank="It moves for this year alone.",
        example="yes",
    ),
    ColumnSpec(
        "decision_reference",
        CODE,
        meaning="The decision that is its authority.",
        blank="None is named.",
        example="FP/19/07/02",
    ),
)
