"""The plan's net budget of a year by service, beside the ledger's original budget. Pure; pence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planning.plan.calculations import Roll, net_changes_by_service
from planning.plan.report_rows import ServiceNode


@dataclass(frozen=True)
class ServiceBudget:
    """A service with its budget in the plan and in the ledger; None where it is not known."""

    code: str
    name: str
    level: int
    is_group: bool
    plan: int | None
    ledger: int | None


def budgets_by_service(
    roll: Roll,
    year: int,
    *,
    services: Sequence[ServiceNode],
    base: int | None,
    base_by_service: Mapping[str, int],
    ledger: Mapping[str, int],
) -> list[ServiceBudget]:
    """Return a budget for each service of the tree, groups with all that is under them.

    The plan of a service is its original budget of the year before and the steps since. Without
    that ledger only the whole is known. An item without a service counts in the whole alone.
    """
    steps: dict[str, int] = {}
    for place in range(roll.years.index(year) + 1):
        for code, pence in net_changes_by_service(roll, place).items():
            steps[code] = steps.get(code, 0) + pence
    under = codes_under(services)
    found = []
    for node in services:
        own = under[node.code]
        plan: int | None = None
        if node.level == 0:
            plan = None if base is None else base + sum(steps.values())
        elif base_by_service:
            plan = _sum_of(base_by_service, own) + _sum_of(steps, own)
        total = _sum_of(ledger, own) if ledger else None
        found.append(ServiceBudget(node.code, node.name, node.level, len(own) > 1, plan, total))
    return found


def codes_under(services: Sequence[ServiceNode]) -> dict[str, set[str]]:
    """Return for each service its own code and those of all services under it."""
    found = {node.code: {node.code} for node in services}
    parents = {node.code: node.parent for node in services}
    for code in parents:
        above = parents[code]
        while above in found:
            found[above].add(code)
            above = parents[above]
    return found


def _sum_of(amounts: Mapping[str, int], codes: set[str]) -> int:
    return sum(pence for code, pence in amounts.items() if code in codes)
