"""Carrying activity into the next year: its groups and lines, without the year's figures."""

from council_finance.registry import carried_forward
from monitoring.models import FinancialYear, Service
from performance.activity.models import ActivityGroup, ActivityLine
from performance.activity.report_section import groups_in_order


@carried_forward("activity")
def carry_activity(year: FinancialYear, following: FinancialYear) -> int:
    """Make the groups and lines of the next year, and return how many lines there are.

    Budgets, budgeted volumes and unit costs are those of a year and are not carried. A group whose
    service the next year does not have names none.
    """
    services = dict(Service.objects.filter(year=following).values_list("code", "pk"))
    groups: dict[int, ActivityGroup] = {}
    for group in groups_in_order(year):  # a group comes after the one that it stands in
        groups[group.pk] = ActivityGroup.objects.create(
            year=following,
            code=group.code,
            name=group.name,
            parent=groups[group.parent_id] if group.parent_id else None,
            order=group.order,
            total_label=group.total_label,
            service_id=services.get(group.service.code) if group.service else None,
            volume_name=group.volume_name,
            volume_basis=group.volume_basis,
            unit_cost=group.unit_cost,
            average_unit_cost=group.average_unit_cost,
        )
    lines = [
        ActivityLine(
            year=following,
            reference=line.reference,
            group=groups[line.group_id],
            name=line.name,
            order=line.order,
            kind=line.kind,
            counted=line.counted,
            unit=line.unit,
            units_per_year=line.units_per_year,
            unit_cost_decimals=line.unit_cost_decimals,
        )
        for line in ActivityLine.objects.filter(year=year)
    ]
    return len(ActivityLine.objects.bulk_create(lines))
