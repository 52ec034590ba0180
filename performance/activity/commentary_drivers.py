"""Activity as a driver of a service's variance, beside the commentary that people write."""

from collections.abc import Mapping, Sequence

from council_finance.accounts.models import User
from council_finance.registry import commentary_driver
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from performance.activity.report_section import section_of
from performance.activity.selectors.overview import activity_display, describe_group
from performance.activity.selectors.report_activity import groups_under_row
from performance.activity.totals import ActivityTotal


@commentary_driver("activity", title="Activity")
def activity_drivers(
    facts: ReportData, nodes: Sequence[ReportRow], _user: User
) -> Mapping[str, Sequence[str]]:
    """Return for each service the variance of its groups as people and price."""
    section = section_of(facts)
    if not section.lines:
        return {}
    display = activity_display(facts)
    return {
        node.key: [
            " ".join(describe_group(group, total, display))
            for code in groups_under_row(facts, node.key)
            if (group := section.find(code))
            and (total := ActivityTotal(section.lines_under(code))).variance is not None
        ]
        for node in nodes
    }
