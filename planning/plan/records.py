"""The name of a year's plan in the audit trail."""

from monitoring.models import FinancialYear


def plan_record(year: FinancialYear) -> str:
    """Return the name of a year's plan in the audit trail."""
    return f"plan {year.label}"
