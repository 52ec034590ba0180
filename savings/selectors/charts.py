"""The charts of a report's savings: the figures of the page as charts take them."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from council_finance.charts import Chart
from council_finance.periods import period_name
from monitoring.models import Report
from monitoring.reports.selectors.report_data import ReportData
from savings import charts
from savings.calculations import (
    agreed_by_status,
    combined_totals,
    delivery_breakdown,
    statuses_in_use,
)
from savings.report_rows import SavingRow, SavingsSection
from savings.rules import statuses
from savings.selectors.overview import savings_display
from savings.selectors.report_savings import savings_of, service_names, services_with_savings
from savings.selectors.report_section import NAME


@dataclass(frozen=True)
class SavingsCharts:
    """The charts of the overview; None where there is nothing to draw."""

    services: Chart | None
    shortfall: Chart | None
    reports: Chart | None


def savings_charts(facts: ReportData, services: Container[int]) -> SavingsCharts:
    """Return the charts of a report's savings; `services` (ids) limits those of earlier reports."""
    display = savings_display(facts)
    return SavingsCharts(
        services=service_chart(facts),
        shortfall=charts.to_shortfall(delivery_breakdown(savings_of(facts)), display),
        reports=report_chart(facts, services),
    )


def service_chart(facts: ReportData) -> Chart | None:
    """Return the chart of agreed savings by service and status."""
    savings, names = savings_of(facts), service_names(facts)
    words = statuses_in_use(savings, statuses(facts.settings))
    totals = combined_totals(savings, words, services_with_savings(facts))
    rows = [(names[key], sums) for key, sums in totals.services.items()]
    return charts.by_service(rows, words, savings_display(facts))


def report_chart(facts: ReportData, services: Container[int]) -> Chart | None:
    """Return the chart of agreed savings by status, for each report of the year up to this one."""
    reports = {
        **earlier_savings(facts, services),
        period_name(facts.period.number): savings_of(facts),
    }
    every = [saving for savings in reports.values() for saving in savings]
    words = statuses_in_use(every, statuses(facts.settings))
    rows = [(name, agreed_by_status(savings, words)) for name, savings in reports.items()]
    return charts.by_report(rows, words, savings_display(facts))


def earlier_savings(
    facts: ReportData, services: Container[int]
) -> Mapping[str, Sequence[SavingRow]]:
    """Return the savings of each earlier report of the year, as last published, by its name.

    Limited to those of some services (ids), by the service that the register named then; reports
    without any are left out.
    """
    # Only this section of each report is read: the others may be large.
    reports = Report.objects.filter(
        period__year=facts.period.year, period__number__lt=facts.period.number
    ).order_by("period__number", "version")
    latest = {
        number: SavingsSection.from_data(data).savings
        for number, data in reports.values_list("period__number", f"frozen__parts__{NAME}")
    }
    ids = {node.key: node.service for node in facts.nodes}
    found = {}
    for number, savings in latest.items():
        if mine := [saving for saving in savings if ids.get(saving.service) in services]:
            found[period_name(number)] = mine
    return found
