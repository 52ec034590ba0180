"""The preview of another de minimis of grants, or of other lines that carry them."""

from collections.abc import Iterator

from council_finance.registry import PreviewTable, SettingsPreview, settings_preview
from council_finance.statements import Statement
from monitoring.reports.selectors.report_data import ReportData
from reserves.grants.report_rows import total_expected
from reserves.grants.report_section import lines_in, section_of
from reserves.grants.settings_tables import NAME, GrantsSettings, grants_settings
from reserves.grants.statements.register import NAME as STATEMENT
from reserves.grants.statements.register import grants


@settings_preview(NAME)
def preview_grants(report: ReportData, value: GrantsSettings) -> SettingsPreview:
    """Show the rows of grants that would change, and what groups come to beside their lines."""
    now, changed = (
        grants_settings(report.settings),
        report.with_settings(report.settings.with_value(NAME, value)),
    )
    if value == now:
        return SettingsPreview(("Nothing would change.",))
    rows = tuple(_changed_rows(grants(report), grants(changed)))
    tables = [PreviewTable("Rows of grants that would change", ("Row", "Now", "After"), rows)]
    if value.lines != now.lines:
        headings = ("Group", "Grants expected", "Line", "Budget of the line")
        lines = tuple(_describe_lines(report, value))
        tables.append(PreviewTable("Groups of grants and their budget lines", headings, lines))
    shown = tuple(table for table in tables if table.rows)
    text = "The tables show what would change." if shown else "No row of grants would change."
    return SettingsPreview((text,), shown)


def _changed_rows(before: Statement, after: Statement) -> Iterator[tuple[str, str, str]]:
    """Yield label and expected amount of rows that only one of the two statements has."""
    was, then = (
        {row.label: row.cells["expected"].text for row in made.rows if row.cells}
        for made in (before, after)
    )
    for label in dict.fromkeys([*was, *then]):
        if was.get(label) != then.get(label):
            yield label, was.get(label, "no row"), then.get(label, "no row")


def _describe_lines(report: ReportData, value: GrantsSettings) -> Iterator[tuple[str, ...]]:
    display = report.display(STATEMENT)
    for line in lines_in(report.batch, value.lines):
        members = [grant for grant in section_of(report).grants if grant.group == line.group]
        expected = total_expected(members)
        yield (
            line.group,
            "none" if expected is None else display.amount(expected),
            line.line,
            "no such line in this report" if line.budget is None else display.amount(line.budget),
        )
