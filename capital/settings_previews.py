"""The preview of other terms of borrowing."""

from capital.borrowing import cost_sentence
from capital.settings_tables import FinancingTerms
from council_finance.registry import SettingsPreview, settings_preview
from monitoring.reports.selectors.report_data import ReportData

_NAME = "capital"


@settings_preview(_NAME)
def preview_terms(report: ReportData, terms: FinancingTerms | None) -> SettingsPreview:
    """Say what this year's borrowing would cost revenue, now and with the change."""
    now = cost_sentence(report)
    after = cost_sentence(report.with_settings(report.settings.with_value(_NAME, terms)))
    if now == after:
        return SettingsPreview((now or "What borrowing costs revenue would not be shown.",))
    return SettingsPreview(
        (
            f"Now: {now}" if now else "Now: the cost to revenue is not shown.",
            f"After: {after}" if after else "After: the cost to revenue would not be shown.",
        )
    )
