"""Earmarked reserves, reserve by reserve and together (Somerset, Table 1)."""

from council_finance import registry
from council_finance.statements import Statement
from monitoring.reports.selectors.report_data import ReportData
from reserves.report_rows import EARMARKED
from reserves.statements.table import BalanceTable

NAME = "reserves-earmarked"
TITLE = "Earmarked reserves"


@registry.statement(NAME, title=TITLE)
def reserves_earmarked(facts: ReportData) -> Statement:
    """Return a row for each reserve, in groups where there are several, and the total."""
    table = BalanceTable(facts, NAME, (EARMARKED,))
    rows = table.rows_with_total(table.reserves, "total", "Total earmarked reserves")
    notes = [*table.budget_notes(), *table.notes()]
    return table.build_statement(TITLE, rows if table.reserves else (), notes)
