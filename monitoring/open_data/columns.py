"""The columns of the flat table: their types and their meaning, for programs. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FlatColumn:
    """A column: its type in Table Schema, its type in Parquet, and what it holds."""

    name: str
    title: str
    type: str
    sql_type: str
    description: str
    unit: str = ""
    is_required: bool = True


_TEXT = ("string", "VARCHAR")
_WHOLE = ("integer", "INTEGER")
_FLAG = ("boolean", "BOOLEAN")
_DATE = ("date", "DATE")
_MONEY = ("number", "DECIMAL(18,2)")
_QUANTITY = ("number", "DECIMAL(18,4)")

FLAT_COLUMNS = (
    FlatColumn("council", "Council", *_TEXT, "The council's name."),
    FlatColumn("financial_year", "Financial year", *_TEXT, "From April to March, as 2019/20."),
    FlatColumn(
        "period",
        "Period",
        *_WHOLE,
        "1 is April, 12 is March and 13 the close. Empty in statements of a year as a whole.",
        is_required=False,
    ),
    FlatColumn("version", "Version", *_WHOLE, "The version of the report; the first is 1."),
    FlatColumn("status", "Status", *_TEXT, "published, or draft."),
    FlatColumn(
        "as_at",
        "As at",
        *_DATE,
        "The date of the figures: the end of the month. Empty in statements of a year.",
        is_required=False,
    ),
    FlatColumn("statement", "Statement", *_TEXT, "The statement's name, as in addresses."),
    FlatColumn("row_number", "Row number", *_WHOLE, "The row in the statement; the first is 1."),
    FlatColumn("row_key", "Row key", *_TEXT, "The row within its statement; unique in it."),
    FlatColumn("label", "Label", *_TEXT, "The row's label, as printed.", is_required=False),
    FlatColumn("kind", "Kind of row", *_TEXT, "service, line, subtotal, total or percent."),
    FlatColumn(
        "service_code",
        "Service code",
        *_TEXT,
        "The code of the service that the row is about. Empty where it is about none.",
        is_required=False,
    ),
    FlatColumn(
        "service_path",
        "Service path",
        *_TEXT,
        "The names from the council down to the service, joined by “ / ”.",
        is_required=False,
    ),
    FlatColumn(
        "level",
        "Level",
        *_WHOLE,
        "The service's level in the tree; the council is 0. Empty where there is no service.",
        is_required=False,
    ),
    FlatColumn(
        "counted",
        "Counted",
        *_FLAG,
        "Whether the row is no subtotal, total or percentage: adding up these doubles nothing.",
    ),
    FlatColumn("measure", "Measure", *_TEXT, "The key of the statement's column."),
    FlatColumn(
        "measure_label", "Measure label", *_TEXT, "The column's heading.", is_required=False
    ),
    FlatColumn(
        "unit",
        "Unit",
        *_TEXT,
        "£, % or number; it says which of the next three columns holds the figure. Empty for text.",
        is_required=False,
    ),
    FlatColumn(
        "pounds",
        "Pounds",
        *_MONEY,
        "An amount, exact to the penny. Spending is positive, income negative.",
        "GBP",
        is_required=False,
    ),
    FlatColumn(
        "percent", "Per cent", *_QUANTITY, "A percentage as it is printed.", "%", is_required=False
    ),
    FlatColumn(
        "number",
        "Number",
        *_QUANTITY,
        "A quantity that is neither money nor a percentage.",
        is_required=False,
    ),
    FlatColumn("text", "Text", *_TEXT, "The cell as it is printed.", is_required=False),
    FlatColumn(
        "previous",
        "Previous",
        *_QUANTITY,
        "The same cell in the report that this one was compared with, in the same unit.",
        is_required=False,
    ),
)
"""In the order of `flat_rows.FlatRow`. A text is never missing, but may be empty."""

PRIMARY_KEY = ("statement", "row_key", "measure")
"""What tells the rows of one report from each other; none of it is ever missing."""

TEXT_COLUMNS = tuple(each.name for each in FLAT_COLUMNS if each.type == "string")
