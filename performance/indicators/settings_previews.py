"""Previews of other settings of indicators: the ratings that would change."""

from council_finance.registry import PreviewTable, SettingsPreview, settings_preview
from monitoring.reports.selectors.report_data import ReportData
from performance.indicators.printing import DIRECTION_WORDS
from performance.indicators.report_rows import IndicatorRow
from performance.indicators.scheme import PerformanceScheme
from performance.indicators.selectors.section import build_section
from performance.indicators.settings_tables import (
    PERFORMANCE,
    STATUSES,
    PerformanceSettings,
    performance_scheme,
)


@settings_preview(PERFORMANCE)
def preview_performance(report: ReportData, value: PerformanceSettings) -> SettingsPreview:
    """List the indicators whose status or direction of travel would change."""
    return _compare_ratings(report, PERFORMANCE, value)


@settings_preview(STATUSES)
def preview_statuses(report: ReportData, value: PerformanceScheme) -> SettingsPreview:
    """List the indicators whose status would change, also in the words that it prints as."""
    return _compare_ratings(report, STATUSES, value)


def _compare_ratings(report: ReportData, name: str, value: object) -> SettingsPreview:
    after = report.settings.with_value(name, value)
    schemes = performance_scheme(report.settings), performance_scheme(after)
    pairs = zip(
        build_section(report.period, report.settings).indicators,
        build_section(report.period, after).indicators,
        strict=True,
    )
    changes = [
        (row.measure, _describe_rating(row, schemes[0]), _describe_rating(then, schemes[1]))
        for row, then in pairs
    ]
    rows = tuple(change for change in changes if change[1] != change[2])
    if not rows:
        return SettingsPreview(("No indicator would change its status or direction of travel.",))
    return SettingsPreview(
        (f"{len(rows)} of {len(changes)} indicators would be rated or compared otherwise.",),
        (PreviewTable("Indicators that change", ("Measure", "Now", "Then"), rows),),
    )


def _describe_rating(row: IndicatorRow, scheme: PerformanceScheme) -> str:
    direction = DIRECTION_WORDS[row.direction]
    status = scheme.label(row.status)
    return f"{status}, {direction}" if direction else status
