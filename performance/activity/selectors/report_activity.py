"""The part of a report's activity that a page or a person is limited to."""

from collections.abc import Collection, Container, Iterator
from dataclasses import replace

from monitoring.models import Report
from monitoring.reports.selectors.report_data import ReportData
from performance.activity.report_rows import ActivitySection
from performance.activity.report_section import NAME, section_of


def homes_of_groups(section: ActivitySection) -> dict[str, str]:
    """Return by group the row of the tree that it belongs to: its own, or that of a group above.

    "" for a group that belongs to the council as a whole.
    """
    homes: dict[str, str] = {}
    for group in section.groups:  # a group comes after the one that it stands in
        homes[group.code] = group.home or homes.get(group.parent, "")
    return homes


def codes_with_ancestors(section: ActivitySection, codes: Collection[str]) -> set[str]:
    """Return the codes of groups and of every group above them."""
    parents = {group.code: group.parent for group in section.groups}
    found: set[str] = set()
    for code in codes:
        while code and code not in found:
            found.add(code)
            code = parents.get(code, "")
    return found


def limit_to_groups(section: ActivitySection, codes: Container[str]) -> ActivitySection:
    """Return the lines of some groups, and the groups that hold them."""
    lines = tuple(line for line in section.lines if line.group in codes)
    wanted = {group.code for group in section.groups if group.code in codes}
    shown = codes_with_ancestors(section, wanted)
    groups = tuple(group for group in section.groups if group.code in shown)
    return ActivitySection(groups, lines)


def limit_to_services(facts: ReportData, services: Container[int]) -> ReportData:
    """Return a draft with the activity of some services (ids) only; every total is of these."""
    ids = {node.key: node.service for node in facts.nodes}
    section = section_of(facts)
    homes = homes_of_groups(section)
    codes = {code for code, home in homes.items() if home and ids.get(home) in services}
    return with_section(facts, limit_to_groups(section, codes))


def within_group(facts: ReportData, code: str) -> ReportData:
    """Return the report with the activity of one group, and of those below it, only."""
    section = section_of(facts)
    groups = tuple(section.groups_under(code))
    # The group is the outermost one here, so that its total is the total of the table.
    outermost = tuple(replace(each, parent="") if each.code == code else each for each in groups)
    own = {group.code for group in groups}
    lines = tuple(line for line in section.lines if line.group in own)
    return with_section(facts, ActivitySection(outermost, lines))


def with_section(facts: ReportData, section: ActivitySection) -> ReportData:
    """Return the report with this activity in place of its own."""
    return facts.with_report_section(NAME, section.to_data())


def groups_under_row(facts: ReportData, key: str) -> list[str]:
    """Return the codes of the groups that belong to a row of the tree or to one below it.

    A group below another of these is left out: the other one has its figures.
    """
    section, keys = section_of(facts), facts.keys_under(key)
    own = [group.code for group in section.groups if group.home and group.home in keys]
    parents = {group.code: group.parent for group in section.groups}

    def ancestors(code: str) -> Iterator[str]:
        while code := parents.get(code, ""):
            yield code

    return [code for code in own if not set(ancestors(code)) & set(own)]


def earlier_sections(facts: ReportData) -> dict[int, ActivitySection]:
    """Return the activity of each earlier report of the year, as last published, by period."""
    # Only this section of each report is read: the others may be large.
    reports = Report.objects.filter(
        period__year=facts.period.year, period__number__lt=facts.period.number
    ).order_by("period__number", "version")
    return {
        number: ActivitySection.from_data(data)
        for number, data in reports.values_list("period__number", f"frozen__parts__{NAME}")
    }
