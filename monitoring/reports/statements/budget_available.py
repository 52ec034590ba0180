"""What is left of each service's budget after what is spent and what is committed."""

from council_finance import registry
from council_finance.statements import Cell, Column, CrossCast, Display, Footnote, Row, Statement
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.spending import available
from monitoring.reports.statements.rows import tree_rows, with_rounding_note

NAME = "budget-available"
TITLE = "Budget, committed, actual and available"
NO_COMMITMENTS = (
    "The ledger gives no commitments for this period, so what is available is not known."
)


@registry.statement(NAME, title=TITLE, after="budget-reconciliation", of_ledger=True)
def budget_available(facts: ReportData) -> Statement:
    """Build the statement: current budget less commitments less actual to date, in pence.

    A negative amount available is spent or committed beyond the budget. It has no rows where the
    ledger gives no commitments at all: missing is not nil. Where only some lines have them, the
    others take nothing off, and a note counts them.
    """
    display = facts.display(NAME)
    unit = display.unit_label
    rows: tuple[Row, ...] = ()
    notes: tuple[Footnote, ...] = (Footnote("", NO_COMMITMENTS),)
    if facts.nodes and facts.top.commitments is not None:
        rows = tree_rows(facts, lambda node: _build_cells(node, display), headings=False)
        notes = _note_what_is_missing(facts.top)
    return with_rounding_note(
        Statement(
            name=NAME,
            title=TITLE,
            header=facts.header,
            display=display,
            columns=(
                Column("budget", "Current budget", unit),
                Column("committed", "Committed", unit),
                Column("actual", "Actual to date", unit),
                Column("available", "Available", unit),
                Column("available_percent", "Available", "%"),
            ),
            rows=rows,
            footnotes=notes,
            cross_casts=(
                CrossCast("available", (("budget", 1), ("committed", -1), ("actual", -1))),
            ),
        )
    )


def _build_cells(node: ReportRow, display: Display) -> dict[str, Cell]:
    left = available(node.budget, node.commitments, node.actual_to_date)
    return {
        "budget": Cell.of_amount(node.budget, display),
        "committed": Cell.of_amount(node.commitments, display),
        "actual": Cell.of_amount(node.actual_to_date, display),
        "available": Cell.of_amount(left, display),
        "available_percent": Cell.of_percent(left, node.budget, display),
    }


def _note_what_is_missing(top: ReportRow) -> tuple[Footnote, ...]:
    """Return a note with the number of lines without a figure; none where every line has both."""
    missing = [
        f"no {word} for {count:,} of {top.lines:,} lines"
        for word, count in (
            ("commitments", top.lines_without_commitments),
            ("actual", top.lines_without_actual),
        )
        if count
    ]
    if not missing:
        return ()
    text = f"The ledger gives {' and '.join(missing)}; nothing is taken off for them."
    return (Footnote("", text),)
