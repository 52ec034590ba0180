"""Earmarked reserves, reserve by reserve and together (Somerset, Table 1)."""

from council_finance import registry
from council_finance.statements import Statement
from monitoring.reports.selectors.report_data import ReportData
from reserves.statements.table import Sheet

NAME = "reserves-earmarked"
TITLE = "Earmarked reserves"


@registry.statement(NAME, title=TITLE)
def reserves_earmarked(facts: ReportData) -> Statement:
    """A row a reserve, in groups where there are several, and the total."""
    sheet = Sheet(facts, NAME, ("earmarked",))
    rows = sheet.block(sheet.reserves, "total", "Total earmarked reserves")
    notes = [*sheet.after_budget(), *sheet.notes()]
    return sheet.statement(TITLE, rows if sheet.reserves else (), notes)
