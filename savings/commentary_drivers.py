"""Savings as drivers of a service's variance, beside the commentary that people write."""

from collections.abc import Mapping, Sequence

from council_finance.accounts.models import User
from council_finance.registry import commentary_driver
from council_finance.statements import Display
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from savings.report_rows import SavingRow
from savings.selectors.overview import savings_display
from savings.selectors.report_savings import savings_of, savings_under
from savings.selectors.service_savings import describe_service_savings

_NAMED = 3


@commentary_driver("savings", title="Savings")
def savings_drivers(
    facts: ReportData, nodes: Sequence[ReportRow], _user: User
) -> Mapping[str, Sequence[str]]:
    """Return the outlook of each service's savings, and those with the largest shortfalls."""
    if not savings_of(facts):
        return {}
    return {node.key: _describe_savings(facts, node) for node in nodes}


def _describe_savings(facts: ReportData, node: ReportRow) -> list[str]:
    found, display = savings_under(facts, node.key), savings_display(facts)
    if not found:
        return []
    short = [each for each in found if each.is_short]
    largest = sorted(short, key=lambda each: (-(each.shortfall or 0), each.reference))[:_NAMED]
    named = [_describe_shortfall(each, display) for each in largest]
    return [describe_service_savings(facts, node), *named]


def _describe_shortfall(saving: SavingRow, display: Display) -> str:
    short, agreed = display.in_words(saving.shortfall or 0), display.in_words(saving.agreed)
    return f"{saving.reference} {saving.title}: {short} short of {agreed}."
