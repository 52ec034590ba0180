"""The people who are tied to parts of the council's tree."""

from collections.abc import Container

from council_finance.registry import Person
from monitoring.people.selectors.service_ties import people_by_service
from monitoring.reports.selectors.report_data import ReportData


class Ties:
    """People by the part of the tree they are tied to; a closed service's by its successor."""

    def __init__(self, facts: ReportData) -> None:
        self.above = {node.key: node.parent_key for node in facts.nodes}
        self.people = people_by_service(facts.period.year)

    def nearest(self, key: str, roles: Container[str]) -> tuple[Person, ...]:
        """Return the people of these roles tied to a row, or to the nearest above it."""
        while key:
            tied = [user for user in self.people.get(key, ()) if user.role in roles]
            if tied:
                return tuple(Person(user.pk, user.name) for user in tied)
            key = self.above.get(key, "")
        return ()

    def all_above(self, key: str, roles: Container[str]) -> frozenset[Person]:
        """Return the people of these roles tied to a row or to any above it."""
        found: set[Person] = set()
        while key:
            tied = (user for user in self.people.get(key, ()) if user.role in roles)
            found |= {Person(user.pk, user.name) for user in tied}
            key = self.above.get(key, "")
        return frozenset(found)
