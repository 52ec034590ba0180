"""The preview of another horizon for contracts that end."""

from council_finance.registry import PreviewTable, SettingsPreview, settings_preview
from monitoring.reports.selectors.report_data import ReportData
from planning.contracts.settings_tables import NAME, ContractRules
from planning.contracts.statements.contracts import contracts_due


@settings_preview(NAME)
def preview_rules(report: ReportData, rules: ContractRules) -> SettingsPreview:
    """List the contracts that another horizon adds to those due, or leaves out."""
    changed = report.with_settings(report.settings.with_value(NAME, rules))
    now, after = (
        {row.key: row.label for row in contracts_due(each).rows} for each in (report, changed)
    )
    rows = [(label, "Listed", "Not listed") for key, label in now.items() if key not in after]
    rows += [(label, "Not listed", "Listed") for key, label in after.items() if key not in now]
    if not rows:
        return SettingsPreview(("The contracts that are listed as due would not change.",))
    table = PreviewTable("Contracts due that change", ("Contract", "Now", "After"), tuple(rows))
    return SettingsPreview((), (table,))
