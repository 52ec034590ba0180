"""Savings brought forward: what was not delivered at the close, and what of it comes back."""

from collections.abc import Sequence

from council_finance import registry
from council_finance.statements import Cell, Column, CrossCast, Display, Footnote, Row, Statement
from monitoring.reports.selectors.year_data import YearData
from monitoring.reports.statements.rows import with_rounding_note
from planning.plan.report_rows import ShortfallRow, read_shortfalls

BROUGHT_FORWARD = "savings-brought-forward"
SECTION = "savings_brought_forward"
_TITLE = "Savings brought forward"
_COLUMNS = {
    "agreed": "Agreed",
    "delivered": "Delivered",
    "shortfall": "Shortfall",
    "recurring": "Of which recurring",
    "written_out": "Written out by the plan",
    "brought_forward": "Brought forward",
}


@registry.statement(BROUGHT_FORWARD, title=_TITLE, of_year=True, after="contracts-due")
def savings_brought_forward(facts: YearData) -> Statement:
    """Return each saving with its shortfall at the close and what the next year has to find."""
    display = facts.display(BROUGHT_FORWARD)
    rows = facts.typed_section(SECTION, read_shortfalls)
    return with_rounding_note(
        Statement(
            name=BROUGHT_FORWARD,
            title=_TITLE,
            header=facts.header,
            display=display,
            columns=tuple(
                Column(key, label, display.unit_label) for key, label in _COLUMNS.items()
            ),
            rows=(*(_build_row(row, display) for row in rows), *_total_rows(rows, display)),
            footnotes=() if rows else (Footnote("", _NOTHING),),
            row_heading="Saving",
            cross_casts=(CrossCast("brought_forward", (("recurring", 1), ("written_out", -1))),),
        )
    )


_NOTHING = "Nothing was reported of the year’s savings at its close."


def _build_row(row: ShortfallRow, display: Display) -> Row:
    cells = {key: Cell.of_amount(getattr(row, key), display) for key in _COLUMNS}
    return Row(row.reference, f"{row.reference} {row.title}", "line", cells)


def _total_rows(rows: Sequence[ShortfallRow], display: Display) -> list[Row]:
    if not rows:
        return []
    sums = {key: sum(getattr(row, key) or 0 for row in rows) for key in _COLUMNS}
    cells = {key: Cell.of_amount(pence, display) for key, pence in sums.items()}
    return [Row("total", "Total", "total", cells, sum_of=tuple(row.reference for row in rows))]
