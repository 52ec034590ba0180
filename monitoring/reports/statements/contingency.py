"""The corporate contingency: opening amount, transfers, and the amount left unallocated."""

from collections.abc import Sequence

from council_finance import registry
from council_finance.statements import Cell, Column, Footnote, Row, Statement
from monitoring.published.report_rows import ContingencyLine, VirementLeg
from monitoring.reports.selectors.report_data import ReportData

NAME = "contingency"
TITLE = "Corporate contingency"


@registry.statement(NAME, title=TITLE, after="budget-reconciliation")
def contingency(facts: ReportData) -> Statement:
    """Build the statement: opening, transfers, after transfers, notional offset, unallocated."""
    display = facts.display(NAME)
    steps = contingency_steps(facts)
    rows = []
    for number, (key, label, pence) in enumerate(steps):
        kind = {"after": "subtotal", "unallocated": "total"}.get(key, "line")
        sums = {
            "after": tuple(step[0] for step in steps[:number]),
            "unallocated": ("after", "offset"),
        }.get(key, ())
        cells = {"amount": Cell.of_amount(pence, display)}
        rows.append(Row(key, label, kind, cells, sum_of=sums))
    notes = () if steps else (Footnote("", "No budget line is set as contingency."),)
    return Statement(
        name=NAME,
        title=TITLE,
        header=facts.header,
        display=display,
        columns=(Column("amount", "Amount", display.unit_label),),
        rows=tuple(rows),
        footnotes=notes,
        row_heading="Step",
    )


def contingency_steps(facts: ReportData) -> list[tuple[str, str, int]]:
    """Return the rows as (key, label, pence); empty where no contingency line has figures."""
    lines = facts.contingency
    if not lines:
        return []
    ids = {line.line for line in lines}
    transfers = [
        (f"transfer:{leg.reference}#{leg.leg}", _transfer_label(leg), change)
        for leg in facts.approved_virements
        if (change := leg.change_of(ids))
    ]
    opening = _opening_amount(lines, sum(change for _, _, change in transfers))
    after = opening + sum(change for _, _, change in transfers)
    offset = _offset_amount(facts, lines)
    return [
        ("opening", "Opening contingency", opening),
        *transfers,
        ("after", "Contingency after transfers", after),
        ("offset", "Notional offset of overspends elsewhere", offset),
        ("unallocated", "Unallocated", after + offset),
    ]


def _transfer_label(leg: VirementLeg) -> str:
    return f"{leg.reference}: {leg.reason}" if leg.reason else leg.reference


def _opening_amount(lines: Sequence[ContingencyLine], transferred: int) -> int:
    """Return the approved budget, or where none was given the current one before transfers."""
    if all(line.original_budget is None for line in lines):
        return sum(line.budget for line in lines) - transferred
    return sum(line.original_budget or 0 for line in lines)


def _offset_amount(facts: ReportData, lines: Sequence[ContingencyLine]) -> int:
    """Return the notional offset in pence, nil or negative.

    It is the amount entered for the month or carried from an earlier one, else the council's
    setting, or else the favourable variance forecast on the lines.
    """
    if facts.monthly_offset is not None:
        return -facts.monthly_offset.amount
    if facts.settings.notional_offset_pence is not None:
        return -facts.settings.notional_offset_pence
    return min(0, sum(line.net_variance or 0 for line in lines))
