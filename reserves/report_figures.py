"""The figures of reserves that other apps read by name."""

from council_finance.registry import report_figure
from monitoring.reports.selectors.report_data import ReportData
from reserves.overview import ReservesOverview
from reserves.report_rows import GENERAL_FUND
from reserves.settings_tables import minimum_general_fund


@report_figure(
    "general-fund-headroom",
    missing="There is no General Fund, or its minimum level is not set.",
)
def general_fund_headroom(facts: ReportData) -> int | None:
    """Return the General Fund after the forecast variance less its minimum level, in pence."""
    overview = ReservesOverview(facts)
    if overview.minimum is None or not overview.of_kinds(GENERAL_FUND):
        return None
    return overview.after - overview.minimum


@report_figure("general-fund-minimum", missing="The General Fund’s minimum level is not set.")
def general_fund_minimum(facts: ReportData) -> int | None:
    """Return the level above which the council holds its General Fund, in pence."""
    return minimum_general_fund(facts.settings)
