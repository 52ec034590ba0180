"""The preview of other settings of the plan: the summary now and as it would be."""

from council_finance import registry
from council_finance.registry import PreviewTable, SettingsPreview, settings_preview
from council_finance.statements import Statement
from council_finance.statements.wording import heading
from monitoring.reports.selectors.report_data import ReportData
from planning.plan.selectors.plan_data import plan_of
from planning.plan.settings_tables import PlanSettings
from planning.plan.statements.summary import SUMMARY

_NAME = "plan"


@settings_preview(_NAME)
def preview_plan(report: ReportData, value: PlanSettings) -> SettingsPreview:
    """Show the summary of the plan under the other settings, where it would change."""
    changed = report.with_settings(report.settings.with_value(_NAME, value))
    version = plan_of(report.of_year).version
    if version is None:
        return SettingsPreview(("No plan is stored for this year yet.",))
    if version.adopted_on:
        return SettingsPreview(
            (f"The plan was adopted on {version.adopted_text} and stays as it is.",)
        )
    make = registry.statement_entry(SUMMARY).make
    now, after = make(report), make(changed)
    if now.rows == after.rows:
        return SettingsPreview(("No amount of the plan’s summary would change.",))
    return SettingsPreview(
        ("The summary of the plan would change.",),
        (_whole_table("as it is now", now), _whole_table("as it would be", after)),
    )


def _whole_table(words: str, statement: Statement) -> PreviewTable:
    return PreviewTable(
        f"{statement.title}: {words}",
        (statement.row_heading, *(heading(column) for column in statement.columns)),
        tuple(
            (row.label, *(row.cells[column.key].text for column in statement.columns))
            for row in statement.rows
        ),
    )
