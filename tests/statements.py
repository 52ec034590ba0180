"""A small statement with every kind of row and cell, for tests of the model and its renderings."""

import datetime

from council_finance.money import percentage
from council_finance.statements import (
    Cell,
    Column,
    CrossCast,
    Display,
    Footnote,
    Header,
    Row,
    Statement,
)

HEADER = Header("Test Council", "2019/20", 3, "published", 1, datetime.date(2019, 6, 30))
DISPLAY = Display("k", "brackets", 2)
COLUMNS = (
    Column("note", "Note"),
    Column("budget", "Budget", "£000"),
    Column("variance", "Variance", "£000"),
    Column("variance_percent", "Variance", "%"),
)


def cells(budget: int, variance: int | None, note: str = "", mark: str = "") -> dict[str, Cell]:
    """Note, budget, variance and its percentage; amounts in pence."""
    return {
        "note": Cell(note),
        "budget": Cell.of_amount(budget, DISPLAY),
        "variance": Cell.of_amount(variance, DISPLAY, mark=mark),
        "variance_percent": Cell.of_percent(variance, budget, DISPLAY),
    }


def percent_row(part: int, whole: int) -> Row:
    """A row of percentages under the amounts, as aged debt has it."""
    amounts = {key: Cell.of_percent(part, whole, DISPLAY) for key in ("budget", "variance")}
    return Row("PERCENT", "% of total", "percent", {"note": Cell(""), **amounts} | NO_PERCENT)


NO_PERCENT = {"variance_percent": Cell("")}

ROWS = (
    Row("H", "Children", "heading"),
    Row("A", "=cmd|' /C calc'!A1", "service", cells(100_000_050, -37_149_999, "1"), 1),
    Row("B", "-Adults, “older”", "service", cells(0, 1_234_56, "=1+1"), 1),
    Row("C", "Learning\N{EN DASH}support", "service", cells(-5_000_000, None), 1),
    Row("T", "Total", "total", cells(95_000_050, -37_026_543, mark="*"), 0, ("A", "B", "C")),
    percent_row(1, 3),
)


def made(rows: tuple[Row, ...] = ROWS, **fields) -> Statement:
    """The statement; fields replace its own."""
    values = {
        "name": "budgetary-control",
        "title": "Budgetary control, June 2019",
        "header": HEADER,
        "display": DISPLAY,
        "columns": COLUMNS,
        "rows": rows,
        "footnotes": (Footnote("*", "Restated by V1."), Footnote("", "=HYPERLINK(1)")),
        "cross_casts": (CrossCast("variance", (("budget", 1),)),),
        "hidden_from_readers": ("note",),
    }
    return Statement(**values | fields)


THIRD = percentage(1, 3)
