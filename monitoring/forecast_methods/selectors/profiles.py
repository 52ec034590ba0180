"""The monthly profiles of budgets that files brought, by line and by service."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from monitoring.forecast_methods.models import BudgetProfile
from monitoring.forecast_methods.selectors.frozen_figures import in_parts
from monitoring.forecast_methods.selectors.in_force import services_above
from monitoring.structure.models import BudgetLine, FinancialYear
from monitoring.structure.selectors.tree import current_tree
from monitoring.structure.trees import Tree

_Entry = tuple[datetime.datetime, Sequence[int]]
"""When a profile was stored, and its twelve monthly figures."""


@dataclass(frozen=True)
class StoredProfiles:
    """Profiles of some years, by line and by service (ids), each in the order of storing.

    Where services of a year have any, `trees` has the year's tree, and `services` the service of
    each line today.
    """

    by_line: Mapping[int, Sequence[_Entry]]
    by_service: Mapping[int, Sequence[_Entry]]
    trees: Mapping[int, Tree]
    services: Mapping[int, int]

    def months_of(
        self, start: int, line: int, at: datetime.datetime | None
    ) -> Sequence[int] | None:
        """Return the monthly figures of a line, or of the nearest service above it today.

        `start` is the line's year, `at` the time of a published report (None: now). None where
        there is no profile.
        """
        if months := _latest_months(self.by_line.get(line, ()), at):
            return months
        if start not in self.trees:
            return None
        for each in services_above(self.trees[start], self.services[line]):
            if months := _latest_months(self.by_service.get(each, ()), at):
                return months
        return None


def _latest_months(entries: Sequence[_Entry], at: datetime.datetime | None) -> Sequence[int] | None:
    """Return the last of the profiles that was stored by a time; the last of all without one."""
    until = [months for stored_at, months in entries if at is None or stored_at <= at]
    return until[-1] if until else None


def stored_profiles(starts: Collection[int], lines: Collection[int]) -> StoredProfiles:
    """Return the profiles of these years, for these lines and for all services; few queries."""
    by_line: dict[int, list[_Entry]] = defaultdict(list)
    by_service: dict[int, list[_Entry]] = defaultdict(list)
    wanted, with_services = set(lines), set()
    rows = BudgetProfile.objects.filter(year__start__in=sorted(starts)).order_by("pk")
    for start, line, service, at, months in rows.values_list(
        "year__start", "line", "service", "at", "months"
    ):
        if service is not None:
            by_service[service].append((at, months))
            with_services.add(start)
        elif line in wanted:
            by_line[line].append((at, months))
    if not with_services:
        return StoredProfiles(by_line, by_service, {}, {})
    years = FinancialYear.objects.filter(start__in=with_services)
    trees = {year.start: current_tree(year) for year in years}
    services: dict[int, int] = {}
    for some in in_parts(sorted(wanted)):
        services |= dict(BudgetLine.objects.filter(pk__in=some).values_list("pk", "service"))
    return StoredProfiles(by_line, by_service, trees, services)
