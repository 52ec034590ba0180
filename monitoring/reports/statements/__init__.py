"""The statements of a report: each is built from report data and is a table."""

from monitoring.reports.statements import (
    annex_a,
    budget_available,
    budget_reconciliation,
    budgetary_control,
    contingency,
    section_headlines,
)

__all__ = [
    "annex_a",
    "budget_available",
    "budget_reconciliation",
    "budgetary_control",
    "contingency",
    "section_headlines",
]
