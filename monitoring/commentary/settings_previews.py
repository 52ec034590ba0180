"""The preview of another rule for where commentary is due."""

from council_finance.registry import PreviewTable, SettingsPreview, settings_preview
from council_finance.statements.wording import heading
from council_finance.statuses import Condition
from monitoring.commentary.selectors import CommentaryRow, commentary_rows
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.annex_a import columns

_NAME = "commentary"


@settings_preview(_NAME)
def preview_commentary(report: ReportData, value: tuple[Condition, ...]) -> SettingsPreview:
    """Name the services that would need commentary and do not now, and those no longer."""
    changed = report.with_settings(report.settings.with_value(_NAME, value))
    pairs = list(zip(commentary_rows(report), commentary_rows(changed), strict=True))
    added = [after for now, after in pairs if after.due and not now.due]
    removed = [after for now, after in pairs if now.due and not after.due]
    if not added and not removed:
        return SettingsPreview(("Commentary would be due on the same services as now.",))
    now = sum(before.due for before, _ in pairs)
    sentence = (
        f"Commentary is due on {_count_services(now)} now, and would be on "
        f"{_count_services(now + len(added) - len(removed))}."
    )
    tables = [
        _list_services(caption, report, rows)
        for caption, rows in (
            ("Services that would need commentary and do not now", added),
            ("Services that would no longer need commentary", removed),
        )
        if rows
    ]
    return SettingsPreview((sentence,), tuple(tables))


def _count_services(count: int) -> str:
    return "1 service" if count == 1 else f"{count:,} services"


def _list_services(caption: str, report: ReportData, rows: list[CommentaryRow]) -> PreviewTable:
    unit = report.display("annex-a").unit_label
    amount, percent = (
        heading(column)
        for column in columns(unit)
        if column.key in ("net_variance", "net_variance_percent")
    )
    return PreviewTable(
        caption,
        ("Service", "Under", amount, percent, "Commentary"),
        tuple(
            (
                *(row.node.label, row.under, row.net_variance, row.percent),
                "Written" if row.explained else "Not written",
            )
            for row in rows
        ),
    )
