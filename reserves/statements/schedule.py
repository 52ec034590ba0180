"""The schedule of all reserves, revenue and capital (Cambridgeshire, Appendix 5)."""

from council_finance import registry
from council_finance.statements import Row, Statement
from monitoring.reports.selectors.report_data import ReportData
from reserves.report_rows import CAPITAL, EARMARKED, GENERAL_FUND
from reserves.statements.table import BalanceTable

NAME = "reserves-schedule"
TITLE = "Schedule of reserves"
_BLOCKS = (
    ("revenue", "Total revenue reserves", (GENERAL_FUND, EARMARKED)),
    ("capital", "Total capital reserves", (CAPITAL,)),
)


@registry.statement(NAME, title=TITLE, after="reserves-general-fund")
def reserves_schedule(facts: ReportData) -> Statement:
    """Return a row for each reserve in groups, and totals of revenue and of capital reserves."""
    table = BalanceTable(facts, NAME, tuple(kind for _, _, kinds in _BLOCKS for kind in kinds))
    rows: list[Row] = []
    for key, label, kinds in _BLOCKS:
        reserves = [each for each in table.reserves if each.kind in kinds]
        if reserves:
            rows += table.rows_with_total(reserves, f"total:{key}", label)
    return table.build_statement(TITLE, rows, table.notes())
