"""The preview of another method of forecasting: how many lines it would be proposed for."""

from typing import Any

from council_finance.registry import SettingsPreview, settings_preview
from monitoring.forecast_methods.calculations import METHODS
from monitoring.forecast_methods.models import ForecastMethod

_NAME = "forecasting"


@settings_preview(_NAME)
def preview_default_method(report: Any, value: str) -> SettingsPreview:
    """Say of how many lines the proposal would change, and that no forecast does.

    `report` is a report's data, which this subject does not import.
    """
    now = report.settings.of_apps[_NAME]
    if value == now:
        return SettingsPreview(("Forecasts would be proposed as now.",))
    chosen = ForecastMethod.objects.filter(year=report.period.year)
    lines = report.top.lines
    method = METHODS[value].label if value else "none"
    return SettingsPreview(
        (
            f"The method of lines without their own would be: {method}. The report has {lines} "
            f"lines; {chosen.count()} methods are chosen for lines and services, and stay.",
            "No forecast changes: a proposal counts only once a person takes it.",
        )
    )
