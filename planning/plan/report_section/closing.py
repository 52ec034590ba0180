"""The section of a report with the savings that a year's close leaves to the next year."""

from typing import Any

from council_finance import registry
from monitoring.models import FinancialYear
from planning.plan.brought_forward import shortfalls_of
from planning.plan.selectors.next_plan import next_plan_of

NAME = "savings_brought_forward"


@registry.report_section(NAME, of_year=True)
def closing_data(year: FinancialYear) -> list[dict[str, Any]]:
    """Return what each saving lacked at the close of a year; [] before its close."""
    register = registry.savings_register()
    savings = register.at_close(year) if register else ()
    if not savings:
        return []
    return [
        {
            "reference": each.saving.reference,
            "title": each.saving.title,
            "agreed": each.saving.agreed,
            "delivered": each.saving.delivered,
            "shortfall": each.shortfall,
            "recurring": each.recurring,
            "written_out": each.written_out,
            "brought_forward": each.brought_forward,
        }
        for each in shortfalls_of(savings, next_plan_of(year))
    ]
