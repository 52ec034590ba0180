"""Stored lines, figures and scenarios of activity, and the names that the audit trail keeps."""

import hashlib
import json
from collections.abc import Container

from monitoring.models import FinancialYear, Period
from performance.activity.models import (
    ActivityGroup,
    ActivityLine,
    ActivityPosition,
    ActivityScenario,
)
from performance.activity.report_section import groups_in_order


def activity_record(period: Period, code: str) -> str:
    """Return the name under which the audit trail keeps the activity of a group in a period."""
    return f"activity {period.year.label} {period.number} {code}"


def homes_of_stored_groups(year: FinancialYear) -> dict[str, int | None]:
    """Return by code the id of the service that each group belongs to: its own, or one above it."""
    homes: dict[str, int | None] = {}
    for group in groups_in_order(year):  # a group comes after the one that it stands in
        above = homes.get(group.parent.code) if group.parent else None
        homes[group.code] = group.service_id or above
    return homes


def groups_within(year: FinancialYear, services: Container[int], *, all_of: bool) -> set[str]:
    """Return the codes of groups of some services (ids); with `all_of` those without one too."""
    return {
        code
        for code, home in homes_of_stored_groups(year).items()
        if (all_of if home is None else home in services)
    }


def lines_in_groups(year: FinancialYear, codes: Container[str]) -> list[ActivityLine]:
    """Return the lines of some groups, in the order in which statements print them."""
    order = {group.code: place for place, group in enumerate(groups_in_order(year))}
    found = ActivityLine.objects.filter(year=year).select_related("group")
    lines = [line for line in found if line.group.code in codes]
    return sorted(lines, key=lambda line: (order[line.group.code], line.order, line.reference))


def positions_of(period: Period) -> dict[int, ActivityPosition]:
    """Return the figures of a period by the id of the line."""
    found = ActivityPosition.objects.filter(period=period).select_related("written_by")
    return {position.line_id: position for position in found}


def figures_version(position: ActivityPosition | None) -> str:
    """Return a digest of the figures stored; "" without any."""
    if position is None:
        return ""
    figures = [
        position.volume,
        position.average_volume,
        position.unit_cost_pence,
        position.forecast_pence,
    ]
    return hashlib.sha256(json.dumps(figures).encode()).hexdigest()[:32]


def scenarios_of(period: Period, code: str) -> list[ActivityScenario]:
    """Return the scenarios kept for a group in a period, by name."""
    found = ActivityScenario.objects.filter(period=period, group__code=code)
    return sorted(
        found.select_related("written_by", "group"), key=lambda each: each.name.casefold()
    )


def find_stored_group(year: FinancialYear, code: str) -> ActivityGroup | None:
    """Return the stored group of that code."""
    return ActivityGroup.objects.filter(year=year, code=code).first()
