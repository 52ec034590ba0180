"""The groups of activity beside the services that they name: budget and forecast."""

from collections.abc import Iterator
from dataclasses import dataclass

from monitoring.reports.selectors.report_data import ReportData
from performance.activity.report_section import section_of
from performance.activity.totals import ActivityTotal


@dataclass(frozen=True)
class GroupTie:
    """A figure of a group beside that of its service, in pence: `what` is budget or forecast."""

    code: str
    name: str
    service: str
    service_name: str
    what: str
    of_group: int
    of_service: int

    @property
    def difference(self) -> int:
        """The group's figure less the service's, in pence."""
        return self.of_group - self.of_service


def ties_of(facts: ReportData) -> Iterator[GroupTie]:
    """Yield budget and forecast of each group that names a service, where both have them."""
    section = section_of(facts)
    nodes = {node.key: node for node in facts.nodes}
    for group in section.groups:
        node = nodes.get(group.home) if group.home else None
        if node is None:
            continue
        total = ActivityTotal(section.lines_under(group.code))
        figures: tuple[tuple[str, int | None, int | None], ...] = (
            ("budget", total.budget, node.budget),
            ("forecast", total.forecast, node.forecast),
        )
        for what, of_group, of_service in figures:
            if of_group is not None and of_service is not None:
                yield GroupTie(
                    group.code, group.name, node.key, node.label, what, of_group, of_service
                )
