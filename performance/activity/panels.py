"""Panels about activity on the overview and on services' pages, and the search for it."""

from typing import Any

from django.urls import reverse

from council_finance import registry
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from performance.activity.report_section import section_of
from performance.activity.selectors.overview import activity_summary, summary_of_row

FOUND_AT_MOST = 20
Context = dict[str, Any]


@registry.panel("activity", place="overview", template="performance/activity/in_brief.html")
def activity_in_brief(facts: ReportData, _node: ReportRow) -> Context | None:
    """Return the groups of activity with their variance as people and price."""
    summary = activity_summary(facts)
    return None if summary is None else _report_address(facts) | {"summary": summary}


@registry.panel(
    "activity-of-service", place="service", template="performance/activity/in_brief.html"
)
def activity_of_service(facts: ReportData, node: ReportRow) -> Context | None:
    """Return the same of the groups that belong to a service, or to one below it."""
    summary = summary_of_row(facts, node.key)
    return None if summary is None else _report_address(facts) | {"summary": summary}


@registry.finder("Activity", noun="line of activity")
def find_activity(facts: ReportData, words: list[str]) -> list[registry.Found]:
    """Return groups and lines of the report that have all the words in code, name or reference."""
    section = section_of(facts)
    address = (facts.period.year.start, facts.period.number)
    groups = [(each.code, each.name, "", each.code) for each in section.groups]
    names = {each.code: each.name for each in section.groups}
    lines = [(each.reference, each.name, names[each.group], each.group) for each in section.lines]
    return [
        registry.Found(
            name,
            f"{code}, {group}" if group else code,
            reverse("activity-group", args=[*address, at]),
        )
        for code, name, group, at in [*groups, *lines]
        if all(word in f"{code} {name}".casefold() for word in words)
    ][:FOUND_AT_MOST]


def _report_address(facts: ReportData) -> Context:
    """Return the parts of a link to this report; the version only of a published one."""
    return {
        "start": facts.period.year.start,
        "number": facts.period.number,
        "version": facts.version if facts.report is not None else None,
    }
