"""Capital receipts beside Annex A: what projects are forecast to use, service by service."""

from collections.abc import Iterator
from dataclasses import dataclass

from monitoring.reports.selectors.report_data import ReportData
from reserves.selectors import part_of


@dataclass(frozen=True)
class Difference:
    """A service's forecast of its projects, and its planned use in Annex A as a positive amount."""

    key: str
    label: str
    forecast: int
    planned_use: int

    @property
    def pence(self) -> int:
        """Forecast less planned use; nil where they agree."""
        return self.forecast - self.planned_use


def projects_by_node(facts: ReportData) -> dict[str, list[dict]]:
    """The part's projects by the key of the node where they stand; the top for any other."""
    keys = {node["key"] for node in facts.nodes}
    found: dict[str, list[dict]] = {}
    for project in part_of(facts)["projects"]:
        place = project["service"] if project["service"] in keys else facts.top["key"]
        found.setdefault(place, []).append(project)
    return found


def differences(facts: ReportData) -> list[Difference]:
    """Each service with projects or planned use, in the order of the tree.

    A group that has projects of its own is compared as a whole. None where no project has a
    forecast in the period: there is nothing to compare with then.
    """
    projects = part_of(facts)["projects"]
    if all(project["forecast"] is None for project in projects):
        return []
    return list(_compared(facts, facts.top, projects_by_node(facts)))


def _compared(facts: ReportData, node: dict, own: dict[str, list[dict]]) -> Iterator[Difference]:
    children = facts.children.get(node["key"], [])
    if children and node["key"] not in own:
        for child in children:
            yield from _compared(facts, child, own)
        return
    forecast = _forecast(facts, node, own)
    use = -node["use_of_capital_receipts"]
    if forecast or use:
        yield Difference(node["key"], node["label"], forecast, use)


def _forecast(facts: ReportData, node: dict, own: dict[str, list[dict]]) -> int:
    here = sum(project["forecast"] or 0 for project in own.get(node["key"], []))
    children = facts.children.get(node["key"], [])
    return here + sum(_forecast(facts, child, own) for child in children)
