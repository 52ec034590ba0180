"""Previews of other settings of activity: groups that must agree, and statuses of lines."""

from collections.abc import Sequence

from council_finance.registry import PreviewTable, SettingsPreview, settings_preview
from council_finance.statuses import Rule
from monitoring.reports.selectors.report_data import ReportData
from performance.activity.report_section import section_of
from performance.activity.selectors.ties import GroupTie, ties_of
from performance.activity.settings_tables import TIES_NAME, activity_rules, groups_that_tie
from performance.activity.status import status_of_line

_NO_STATUS = "No status"


@settings_preview(TIES_NAME)
def preview_ties(report: ReportData, codes: Sequence[str]) -> SettingsPreview:
    """Name the groups that would have to agree with their differences, and unknown codes."""
    known = {group.code for group in section_of(report).groups}
    strange = tuple(
        f"There is no group of activity with the code {code}."
        for code in codes
        if code not in known
    )
    if set(codes) == set(groups_that_tie(report.settings)):
        return SettingsPreview((*strange, "The same groups would have to agree as now."))
    found = [tie for tie in ties_of(report) if tie.code in codes]
    table = PreviewTable(
        "Groups that would have to agree with their service",
        ("Group", "Figure", "Activity", "Service", "Difference"),
        tuple(_describe_tie(tie, report) for tie in found),
    )
    differing = sum(tie.difference != 0 for tie in found)
    sentence = f"{differing} of {len(found)} figures would differ, which would be an error."
    return SettingsPreview((*strange, sentence), (table,) if found else ())


def _describe_tie(tie: GroupTie, report: ReportData) -> tuple[str, ...]:
    display = report.display("activity")
    amounts = (tie.of_group, tie.of_service, tie.difference)
    return (tie.name, tie.what, *(display.amount(pence) for pence in amounts))


@settings_preview("activity-statuses")
def preview_statuses(report: ReportData, rules: Sequence[Rule]) -> SettingsPreview:
    """List the lines of activity whose status would change."""
    now = activity_rules(report.settings)
    changes = [
        (line.name, status_of_line(now, line), status_of_line(rules, line))
        for line in section_of(report).lines
    ]
    rows = tuple(
        (name, before or _NO_STATUS, after or _NO_STATUS)
        for name, before, after in changes
        if before != after
    )
    if not rows:
        return SettingsPreview(("No line of activity would change its status.",))
    sentence = f"{len(rows)} of {len(changes)} lines of activity would change their status."
    table = PreviewTable("Lines that change their status", ("Line", "Now", "Then"), rows)
    return SettingsPreview((sentence,), (table,))
