"""The statements of a report's own figures: report data in, a table out."""

from monitoring.reports.statements import (
    annex_a,
    budget_reconciliation,
    budgetary_control,
    contingency,
    section_headlines,
)

__all__ = [
    "annex_a",
    "budget_reconciliation",
    "budgetary_control",
    "contingency",
    "section_headlines",
]
