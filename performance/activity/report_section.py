"""The activity section of a report: read live for a draft, kept as plain data when published."""

from collections.abc import Iterator, Mapping
from typing import Any

from council_finance import registry
from council_finance.one_reading import TableOfYears
from monitoring.models import FinancialYear, Period
from monitoring.published.selectors.published_data import frozen_of
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.selectors.tree import current_tree
from performance.activity.models import (
    ActivityGroup,
    ActivityLine,
    ActivityPosition,
    UnitCost,
    VolumeBasis,
)
from performance.activity.report_rows import (
    ActivityFigures,
    ActivitySection,
    GroupRow,
    LineRow,
)

NAME = "activity"
_GROUPS = TableOfYears(ActivityGroup)


@registry.report_section(NAME)
def activity_data(period: Period) -> dict[str, Any]:
    """Return the period's activity section as plain data."""
    return activity_section(period).to_data()


def section_of(facts: ReportData) -> ActivitySection:
    """Return the activity section of a report, draft or published."""
    return facts.typed_section(NAME, ActivitySection.from_data)


def activity_section(period: Period) -> ActivitySection:
    """Return the groups of the year in the order of their tree, and each line with its figures."""
    groups = groups_in_order(period.year)
    if not groups:
        return ActivitySection()
    homes = _home_services(groups, period.year)
    before = _previous_figures(period)
    stored = {
        position.line_id: position for position in ActivityPosition.objects.filter(period=period)
    }
    lines = ActivityLine.objects.filter(year=period.year).select_related("group")
    return ActivitySection(
        tuple(_build_group(group, homes) for group in groups),
        tuple(
            _build_line(line, stored.get(line.pk), before.get(line.reference))
            for line in sorted(lines, key=lambda line: (line.order, line.reference))
        ),
    )


def groups_in_order(year: FinancialYear) -> list[ActivityGroup]:
    """Return the groups of a year, each followed by those below it, in their order."""
    if _GROUPS.is_known_empty(year):
        return []
    found = ActivityGroup.objects.filter(year=year).select_related("service", "parent")
    below: dict[int | None, list[ActivityGroup]] = {}
    for group in sorted(found, key=lambda group: (group.order, group.code)):
        below.setdefault(group.parent_id, []).append(group)

    def walk(parent: int | None) -> Iterator[ActivityGroup]:
        for group in below.get(parent, ()):
            yield group
            yield from walk(group.pk)

    return list(walk(None))


def _home_services(groups: list[ActivityGroup], year: FinancialYear) -> dict[int, str]:
    """Return the code of the row that each group's service belongs to today, by service id."""
    services = {group.service_id: group.service for group in groups if group.service}
    if all(service.named and not service.successor_id for service in services.values()):
        return {pk: service.code for pk, service in services.items() if pk}
    tree = current_tree(year)
    return {pk: tree.register[tree.home(pk)].code for pk in services if pk}


def _previous_figures(period: Period) -> dict[str, ActivityFigures]:
    """Return by reference the figures that the previous report published."""
    report = period.compared_with
    data = frozen_of(report).get("parts", {}).get(NAME) if report else None
    return {line.reference: line.now for line in ActivitySection.from_data(data).lines}


def _build_group(group: ActivityGroup, homes: Mapping[int, str]) -> GroupRow:
    return GroupRow(
        code=group.code,
        name=group.name,
        parent=group.parent.code if group.parent else "",
        total_label=group.total_label,
        service=group.service.code if group.service else "",
        service_name=group.service.name if group.service else "",
        home=homes[group.service_id] if group.service_id else "",
        volume_name=group.volume_name,
        volume_basis=group.volume_basis,
        unit_cost=group.unit_cost,
        average_unit_cost=group.average_unit_cost,
    )


def _build_line(
    line: ActivityLine, position: ActivityPosition | None, before: ActivityFigures | None
) -> LineRow:
    return LineRow(
        reference=line.reference,
        group=line.group.code,
        name=line.name,
        kind=line.kind,
        counted=line.counted,
        unit=line.unit,
        units=line.units_per_year,
        decimals=line.unit_cost_decimals,
        budget_volume=line.budgeted_volume,
        stated_budget_unit_cost=line.budgeted_unit_cost_pence,
        budget=line.annual_budget_pence,
        now=figures_of(position),
        previous=before,
        reported=position is not None,
        follows_average=line.group.volume_basis == VolumeBasis.AVERAGE,
        derives_unit_cost=line.group.unit_cost == UnitCost.DERIVED,
    )


def figures_of(position: ActivityPosition | None) -> ActivityFigures:
    """Return the figures of a stored position; none where there is no position."""
    if position is None:
        return ActivityFigures()
    return ActivityFigures(
        volume=position.volume,
        average_volume=position.average_volume,
        unit_cost=position.unit_cost_pence,
        forecast=position.forecast_pence,
    )
