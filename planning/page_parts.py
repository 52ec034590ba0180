"""What the pages of this app have in common."""

from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.statements import statement_titles


def has_statement(facts: ReportData, name: str) -> bool:
    """Return whether a report has a statement; one published before it was added has not."""
    return facts.report is None or name in dict(statement_titles(facts))
