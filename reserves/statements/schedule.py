"""The schedule of all reserves, revenue and capital (Cambridgeshire, Appendix 5)."""

from council_finance import registry
from council_finance.statements import Row, Statement
from monitoring.reports.selectors.report_data import ReportData
from reserves.statements.table import Sheet

NAME = "reserves-schedule"
TITLE = "Schedule of reserves"
_BLOCKS = (
    ("revenue", "Total revenue reserves", ("general_fund", "earmarked")),
    ("capital", "Total capital reserves", ("capital",)),
)


@registry.statement(NAME, title=TITLE, after="reserves-general-fund")
def reserves_schedule(facts: ReportData) -> Statement:
    """A row a reserve, in groups, with a total of revenue and one of capital reserves."""
    sheet = Sheet(facts, NAME, tuple(kind for _, _, kinds in _BLOCKS for kind in kinds))
    rows: list[Row] = []
    for key, label, kinds in _BLOCKS:
        reserves = [each for each in sheet.reserves if each["kind"] in kinds]
        if reserves:
            rows += sheet.block(reserves, f"total:{key}", label)
    return sheet.statement(TITLE, rows, sheet.notes())
