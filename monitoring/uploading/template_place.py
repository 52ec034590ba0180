"""The place for which a template is filled, and the services that it lists."""

from dataclasses import dataclass
from functools import cached_property

from council_finance.uploads.template_files import CodeList, ListedCode
from monitoring.structure.models import FinancialYear, Period
from monitoring.structure.selectors.tree import current_tree
from monitoring.structure.trees import ServiceRow, Tree


@dataclass(frozen=True)
class TemplatePlace:
    """A year or one of its periods, and what of it a template may hold.

    `services` are the ids of the services that its reader may upload for (None: all), and
    `with_exempt` says whether the reader sees exempt lines.
    """

    year: FinancialYear
    period: Period | None
    services: frozenset[int] | None = None
    with_exempt: bool = False

    @property
    def its_period(self) -> Period:
        """The period of a template that is for one. Raise `ValueError` for one of the year."""
        if self.period is None:
            raise ValueError("this template is for a period")
        return self.period

    @cached_property
    def tree(self) -> Tree:
        """The year's tree as it is now."""
        return current_tree(self.year)

    def holds(self, service_id: int) -> bool:
        """Return whether the template may hold rows of a service."""
        return self.services is None or self.tree.home(service_id) in self.services

    def list_services(self, *, leaf: bool = False) -> CodeList:
        """Return the open services that the template may hold; `leaf`: those without others."""
        return CodeList([ListedCode(each.code, each.name) for each in self.open_services(leaf)])

    def open_services(self, leaf: bool = False) -> list[ServiceRow]:
        """Return the open services that the template may hold, in the order of the tree."""
        nodes = [node.service for node in self.tree.nodes if node.kind != "closed"]
        return [
            service
            for service in nodes
            if service.named
            and self.holds(service.id)
            and not (leaf and service.id in self.tree.parents)
        ]
