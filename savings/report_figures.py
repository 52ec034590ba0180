"""The figures of savings that other apps read by name."""

from council_finance.registry import report_figure
from monitoring.reports.selectors.report_data import ReportData
from savings.calculations import tracker_totals
from savings.selectors.report_savings import savings_of


@report_figure(
    "savings-shortfall",
    missing="No saving has a forecast.",
)
def savings_shortfall(facts: ReportData) -> int | None:
    """Return agreed less forecast of the savings that have a forecast, in pence."""
    return tracker_totals(savings_of(facts)).variance
