"""Who looks after each service of today's tree, and the services that no director looks after."""

from dataclasses import dataclass

from django.db.models import QuerySet

from council_finance.accounts.models import Role, User
from council_finance.one_reading import once_a_reading
from council_finance.prepared import prepared
from monitoring.people.models import TreeRight
from monitoring.structure.models import UNALLOCATED, FinancialYear
from monitoring.structure.selectors.tree import current_tree, service_rows
from monitoring.structure.trees import Node

_SHOWN = (Role.DIRECTOR, Role.BUDGET_MANAGER, Role.FINANCE_OFFICER)


@dataclass(frozen=True)
class TiedService:
    """A service, the names of people tied to it by role, and who directs it from above."""

    code: str
    name: str
    level: int
    directors: tuple[str, ...]
    managers: tuple[str, ...]
    officers: tuple[str, ...]
    from_above: tuple[str, ...]
    lacks_director: bool


@once_a_reading
def people_by_service(year: FinancialYear) -> dict[str, list[User]]:
    """Return the people tied to each service, by the code that it has today.

    Of a service that closed into another the people are those of its successor.
    """
    services = {row.id: (row.code, row.successor) for row in service_rows(year)}
    today = {code: _find_last_code(services, pk) for pk, (code, _) in services.items()}
    people: dict[str, list[User]] = {}
    for right in _rights_of_active_people():
        tied = people.setdefault(today.get(right.service_code, ""), [])
        if right.user not in tied:
            tied.append(right.user)
    return people


@once_a_reading
def _rights_of_active_people() -> list[TreeRight]:
    """Return who is tied to which code, which holds for every year, by the people's names."""
    return _rights_by_name()


@prepared
def _rights_by_name() -> QuerySet[TreeRight]:
    rights = TreeRight.objects.filter(user__is_active=True).select_related("user")
    return rights.order_by("user__last_name", "user__username")


def tied_services(year: FinancialYear) -> list[TiedService]:
    """Return the services of today's tree with the people who look after them."""
    people = people_by_service(year)
    nodes = [node for node in current_tree(year).nodes if node.service.code != UNALLOCATED]
    above: dict[str, tuple[str, ...]] = {}
    rows = []
    for node in nodes:
        names = {role: _names_of(people, node.key, role) for role in _SHOWN}
        from_above = above.get(node.parent_key, ())
        above[node.key] = names[Role.DIRECTOR] or from_above
        rows.append(
            TiedService(
                code=node.key,
                name=node.service.name,
                level=node.level,
                directors=names[Role.DIRECTOR],
                managers=names[Role.BUDGET_MANAGER],
                officers=names[Role.FINANCE_OFFICER],
                from_above=() if names[Role.DIRECTOR] else from_above,
                lacks_director=_is_reported(node) and not above[node.key],
            )
        )
    return rows


def services_without_director(year: FinancialYear | None) -> list[TiedService]:
    """Return the services whose commentary nobody could sign off: no director at or above them."""
    return [row for row in tied_services(year) if row.lacks_director] if year else []


def latest_year() -> FinancialYear | None:
    """Return the latest year; None where there is none."""
    return FinancialYear.objects.order_by("-start").first()


def _is_reported(node: Node) -> bool:
    """Return whether commentary is written for a row: it is a service, and none above others."""
    return node.kind == "service"


def _names_of(people: dict[str, list[User]], code: str, role: str) -> tuple[str, ...]:
    return tuple(user.name for user in people.get(code, ()) if user.role == role)


def _find_last_code(services: dict[int, tuple[str, int | None]], pk: int) -> str:
    """Return the code of the last successor of a service; its own where it has none."""
    visited: set[int] = set()
    while (successor := services[pk][1]) is not None and pk not in visited:
        visited.add(pk)
        pk = successor
    return services[pk][0]
