"""Capital receipts compared with Annex A: forecasts of projects against planned use, by service."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.report_data import ReportData
from reserves.report_rows import ReceiptsProject
from reserves.report_section import section_of

ProjectsByNode = Mapping[str, Sequence[ReceiptsProject]]
"""Projects by the key of the row of the tree that they belong to."""


@dataclass(frozen=True)
class ReceiptsComparison:
    """The projects' forecast of a service and its planned use in Annex A, both positive pence."""

    key: str
    label: str
    forecast: int
    planned_use: int

    @property
    def difference(self) -> int:
        """Forecast less planned use; nil where they agree."""
        return self.forecast - self.planned_use


def projects_by_node(facts: ReportData) -> ProjectsByNode:
    """Return a report's projects by their rows of the tree; the top row for any other."""
    keys = {node.key for node in facts.nodes}
    found: dict[str, list[ReceiptsProject]] = {}
    for project in section_of(facts).projects:
        key = project.service if project.service in keys else facts.top.key
        found.setdefault(key, []).append(project)
    return found


def compare_with_annex_a(facts: ReportData) -> list[ReceiptsComparison]:
    """Return a comparison for each service with projects or planned use, in tree order.

    A group that has projects of its own is compared as a whole. Empty where no project has a
    forecast in the period: then there is nothing to compare.
    """
    if all(project.forecast is None for project in section_of(facts).projects):
        return []
    return list(_compare_node(facts, facts.top, projects_by_node(facts)))


def _compare_node(
    facts: ReportData, node: ReportRow, own: ProjectsByNode
) -> Iterator[ReceiptsComparison]:
    children = facts.children.get(node.key, [])
    if children and node.key not in own:
        for child in children:
            yield from _compare_node(facts, child, own)
        return
    forecast = _sum_forecasts(facts, node, own)
    use = -node.use_of_capital_receipts
    if forecast or use:
        yield ReceiptsComparison(node.key, node.label, forecast, use)


def _sum_forecasts(facts: ReportData, node: ReportRow, own: ProjectsByNode) -> int:
    here = sum(project.forecast or 0 for project in own.get(node.key, []))
    children = facts.children.get(node.key, [])
    return here + sum(_sum_forecasts(facts, child, own) for child in children)
