"""The budget reconciliation: from approved budget to current budget, by service."""

from typing import Any

from council_finance import registry
from council_finance.statements import Cell, Column, CrossCast, Statement
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import tree_rows, with_rounding_note

NAME = "budget-reconciliation"
TITLE = "Budget reconciliation"
_PARTS = ("original_budget", "virements_in", "virements_out", "other_changes")


@registry.statement(NAME, title=TITLE, after="virements", of_ledger=True)
def budget_reconciliation(facts: ReportData) -> Statement:
    """Build the statement: approved budget + virements + other changes = current budget.

    Virements out are negative, so that each row adds across. A virement between two lines of one
    service counts neither in nor out. Without approved budgets, other changes are not given.
    """
    display = facts.display(NAME)
    unit = display.unit_label
    figures = reconcile(facts)
    return with_rounding_note(
        Statement(
            name=NAME,
            title=TITLE,
            header=facts.header,
            display=display,
            columns=(
                Column("original_budget", "Approved budget", unit),
                Column("virements_in", "Virements in", unit),
                Column("virements_out", "Virements out", unit),
                Column("other_changes", "Changes that no virement explains", unit),
                Column("budget", "Current budget", unit),
            ),
            rows=tree_rows(
                facts,
                lambda node: {
                    key: Cell.of_amount(value, display) for key, value in figures[node.key].items()
                },
                headings=False,
            ),
            cross_casts=(CrossCast("budget", tuple((part, 1) for part in _PARTS)),),
        )
    )


def reconcile(facts: ReportData) -> dict[str, dict[str, int | None]]:
    """Return the statement's figures by row key in pence, summed from services upwards."""
    into, out_of = _virements_by_key(facts)
    known = facts.top.original_budget is not None
    figures: dict[str, dict[str, Any]] = {}
    for node in reversed(facts.nodes):
        key = node.key
        parts = [figures[child.key] for child in facts.children.get(key, [])]
        came = into.get(key, 0) + sum(part["virements_in"] for part in parts)
        went = -out_of.get(key, 0) + sum(part["virements_out"] for part in parts)
        other = node.budget - (node.original_budget or 0) - came - went
        figures[key] = {
            "original_budget": node.original_budget,
            "virements_in": came,
            "virements_out": went,
            "other_changes": other if known else None,
            "budget": node.budget,
        }
    return figures


def _virements_by_key(facts: ReportData) -> tuple[dict[str, int], dict[str, int]]:
    into: dict[str, int] = {}
    out_of: dict[str, int] = {}
    for leg in facts.approved_virements:
        giver = leg.giver.key if leg.giver else None
        receiver = leg.receiver.key if leg.receiver else None
        if giver != receiver:
            for key, sums in ((receiver, into), (giver, out_of)):
                if key is not None:
                    sums[key] = sums.get(key, 0) + leg.amount
    return into, out_of
