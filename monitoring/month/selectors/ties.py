"""The people who are tied to parts of the council's tree."""

from collections.abc import Container

from council_finance.accounts.models import User
from monitoring.people.models import TreeRight
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.models import Service


class Ties:
    """People by the part of the tree they are tied to; a closed service's by its successor."""

    def __init__(self, facts: ReportData) -> None:
        self.above = {node.key: node.parent_key for node in facts.nodes}
        fields = ("pk", "code", "successor")
        year = Service.objects.filter(year=facts.period.year)
        services = {pk: (code, after) for pk, code, after in year.values_list(*fields)}
        today = {code: _last_code(services, pk) for pk, (code, _) in services.items()}
        self.people: dict[str, list[User]] = {}
        rights = TreeRight.objects.filter(user__is_active=True).select_related("user")
        for right in rights.order_by("user__last_name", "user__username"):
            key = today.get(right.service_code, "")
            self.people.setdefault(key, []).append(right.user)

    def nearest(self, key: str, roles: Container[str]) -> tuple[str, ...]:
        """Return the names of people of these roles tied to a row, or to the nearest above it."""
        while key:
            names = [user.name for user in self.people.get(key, ()) if user.role in roles]
            if names:
                return tuple(dict.fromkeys(names))
            key = self.above.get(key, "")
        return ()


def _last_code(services: dict[int, tuple[str, int | None]], pk: int) -> str:
    """Return the code of the last successor of a service; its own where it has none."""
    visited: set[int] = set()
    while (successor := services[pk][1]) is not None and pk not in visited:
        visited.add(pk)
        pk = successor
    return services[pk][0]
