"""The preview of other thresholds of warning signs."""

from council_finance.registry import SettingsPreview, preview_signs, settings_preview
from monitoring.reports.selectors.report_data import ReportData
from monitoring.warning_signs.settings_tables import NAME, SignSettings


@settings_preview(NAME)
def preview_thresholds(report: ReportData, value: SignSettings) -> SettingsPreview:
    """Name the signs of a report that other thresholds would change."""
    return preview_signs(report, report.with_settings(report.settings.with_value(NAME, value)))
