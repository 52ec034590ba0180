"""The preview of another minimum level of the General Fund."""

from council_finance.registry import (
    PreviewTable,
    SettingsPreview,
    preview_signs,
    settings_preview,
)
from monitoring.reports.selectors.report_data import ReportData
from reserves.overview import (
    ReservesOverview,
    general_fund_figure,
    how_long_it_lasts,
    minimum_figure,
    summary_sentence,
)
from reserves.report_rows import GENERAL_FUND
from reserves.sign_settings import NAME as SIGNS
from reserves.sign_settings import ReserveSigns

_NAME = "reserves"


@settings_preview(_NAME)
def preview_minimum(report: ReportData, pence: int | None) -> SettingsPreview:
    """Show the General Fund after the forecast against the minimum, now and with the change."""
    changed = report.with_settings(report.settings.with_value(_NAME, pence))
    now, after = ReservesOverview(report), ReservesOverview(changed)
    if now.minimum == after.minimum:
        return SettingsPreview(("The minimum level would not change.",))
    if not now.of_kinds(GENERAL_FUND):
        return SettingsPreview((summary_sentence(now),))
    fund, before, then = general_fund_figure(now), minimum_figure(now), minimum_figure(after)
    rows = (
        (fund.label, fund.value, fund.value),
        (before.label, before.value, then.value),
        ("General Fund beside it", before.note, then.note),
    )
    lasts = [text for text in (how_long_it_lasts(after),) if text != how_long_it_lasts(now)]
    table = PreviewTable("The General Fund and its minimum level", ("Figure", "Now", "After"), rows)
    return SettingsPreview((summary_sentence(now), *lasts), (table,))


@settings_preview(SIGNS)
def preview_signs_of_reserves(report: ReportData, value: ReserveSigns) -> SettingsPreview:
    """Name the warning signs of a report that other thresholds would change."""
    return preview_signs(report, report.with_settings(report.settings.with_value(SIGNS, value)))
