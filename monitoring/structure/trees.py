"""The tree of services as it is today, and the row of it for every service's lines. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ServiceRow:
    """A service as the year's register has it; `parent` and `successor` are ids."""

    id: int
    code: str
    name: str
    parent: int | None
    order: int = 0
    total_label: str = ""
    section: str = ""
    successor: int | None = None
    named: bool = True


@dataclass(frozen=True)
class Node:
    """A row of today's tree: `kind` is node, service or closed (see NodeKind)."""

    key: str
    service: ServiceRow
    parent_key: str
    level: int
    kind: str


CLOSED_ENDING = " (closed)"
"""Ends the row key of a closed service's earlier lines; no code of a service ends so."""


def stray_key(code: str) -> str:
    """Return the row key of the earlier lines of a service that closed or was split."""
    return f"{code}{CLOSED_ENDING}"


@dataclass(frozen=True)
class Tree:
    """Today's open services in their order (parents before children), with stray rows.

    A stray row holds the lines of a service that has closed without a successor, or has been
    split, where the node they fall to has other services under it.
    """

    register: dict[int, ServiceRow]
    open_ids: frozenset[int]
    strays: tuple[int, ...] = ()

    @classmethod
    def of(cls, services: Iterable[ServiceRow], with_lines: set[int]) -> "Tree":
        """Return today's tree; `with_lines` are ids of services with a line in an open period.

        Open are the services that the last file named and that have no successor, those not named
        that have such a line, and every service above an open one. Services under a top that is
        no longer named are put under the new top.
        """
        register = _under_one_top({service.id: service for service in services})
        open_ids = set()
        for service in register.values():
            if service.successor is None and (service.named or service.id in with_lines):
                walker: ServiceRow | None = service
                while walker is not None and walker.id not in open_ids:
                    open_ids.add(walker.id)
                    walker = register.get(walker.parent) if walker.parent else None
        return cls(register, frozenset(open_ids))

    @classmethod
    def with_open(cls, services: Iterable[ServiceRow], open_ids: Iterable[int]) -> "Tree":
        """Return the tree with these services open."""
        return cls(_under_one_top({row.id: row for row in services}), frozenset(open_ids))

    def home(self, service_id: int) -> int:
        """Return the id of the open service to which the lines of a service belong today.

        Lines of a closed service go to its successor, else to its nearest open parent; where the
        top itself has closed, to the new top, so that no line leaves the council's total.
        """
        service = self.register[service_id]
        seen = set()
        while service.id not in self.open_ids and service.id not in seen:
            seen.add(service.id)
            step = service.successor or service.parent
            if step is None:
                return self.top or service.id
            service = self.register[step]
        return service.id

    @cached_property
    def top(self) -> int | None:
        """The open service above all others."""
        tops = (service for service in self.open_ids if self.register[service].parent is None)
        return min(tops, key=lambda service: self.register[service].code, default=None)

    @cached_property
    def parents(self) -> frozenset[int]:
        """Ids of open services that have open services under them."""
        above = {self.register[service].parent for service in self.open_ids}
        return frozenset(parent for parent in above if parent is not None)

    def is_stray(self, service_id: int) -> bool:
        """Return whether the lines of a service go to a node that has other services under it."""
        return self.home(service_id) in self.parents

    def with_strays(self, used: set[int]) -> "Tree":
        """Return the tree with a stray row for each of the used services that needs one."""
        strays = sorted(
            (service for service in used if self.is_stray(service)),
            key=lambda service: self.register[service].code,
        )
        return Tree(self.register, self.open_ids, tuple(strays))

    @cached_property
    def nodes(self) -> list[Node]:
        """Every row, parents before children, in the council's order, then by code."""
        children: dict[int | None, list[ServiceRow]] = {}
        for service_id in self.open_ids:
            service = self.register[service_id]
            children.setdefault(service.parent, []).append(service)
        strays: dict[int, list[ServiceRow]] = {}
        for service_id in self.strays:
            strays.setdefault(self.home(service_id), []).append(self.register[service_id])
        rows: list[Node] = []

        def walk(parent: int | None, parent_key: str, level: int) -> None:
            for service in sorted(children.get(parent, []), key=lambda s: (s.order, s.code)):
                kind = "node" if service.id in self.parents else "service"
                rows.append(Node(service.code, service, parent_key, level, kind))
                walk(service.id, service.code, level + 1)
                for stray in strays.get(service.id, []):
                    key = stray_key(stray.code)
                    rows.append(Node(key, stray, service.code, level + 1, "closed"))

        walk(None, "", 0)
        return rows

    @cached_property
    def keys(self) -> list[str]:
        """The row keys in order."""
        return [node.key for node in self.nodes]

    @cached_property
    def home_keys(self) -> dict[int, str]:
        """The row of every service's lines today, by the service's id."""
        strays = set(self.strays)
        return {
            service: stray_key(self.register[service].code)
            if service in strays
            else self.register[self.home(service)].code
            for service in self.register
        }

    @cached_property
    def key_of_service(self) -> dict[int, str]:
        """The row key of each service itself, also of those without a row today."""
        return {service.id: service.code for service in self.register.values()}

    @cached_property
    def published_services(self) -> list[int | None]:
        """The service whose published figure is the comparative of each row, as published.

        A split service's own row has that figure, so its stray row has none.
        """
        return [
            None if node.kind == "closed" and node.service.id in self.open_ids else node.service.id
            for node in self.nodes
        ]

    @cached_property
    def ancestry(self) -> "pd.DataFrame":
        """Each row with itself and every row above it, in columns key and ancestor."""
        import pandas as pd  # noqa: PLC0415 (who only reads a tree need not wait for it)

        above = {node.key: node.parent_key for node in self.nodes}
        pairs = []
        for key in above:
            walker = key
            while walker:
                pairs.append((key, walker))
                walker = above[walker]
        return pd.DataFrame(pairs, columns=["key", "ancestor"])


def _under_one_top(register: dict[int, ServiceRow]) -> dict[int, ServiceRow]:
    tops = [service for service in register.values() if service.parent is None]
    top = next((each for each in tops if each.named and each.successor is None), None)
    if top is None:
        return register
    former = {service.id for service in tops if service is not top}
    return {
        number: replace(service, parent=top.id)
        if number in former or service.parent in former
        else service
        for number, service in register.items()
    }


DEEPEST = 20
"""The most levels of a tree, the top being the first: pages nest one in another."""


def check_tree(services: list[ServiceRow], rows: dict[int, int]) -> list[tuple[int, str, str]]:
    """Return the faults of a tree as (row, column, message); `rows` gives each service's row.

    One service stands at the top, and a tree has at most DEEPEST levels; no service is above
    itself; a service with a successor has nothing under it; a successor is an open service with
    nothing under it, or leads to one.
    """
    register = {service.id: service for service in services}
    named = [service for service in services if service.id in rows]
    open_named = [service for service in named if service.successor is None]
    parents = {service.parent for service in open_named}
    faults = []
    tops = [service for service in open_named if service.parent is None]
    if len(tops) != 1:
        message = "exactly one service must have no parent_code: the top of the tree"
        faults += [(rows[s.id], "parent_code", message) for s in tops[1:] or named[:1]]
    levels = _find_levels(register)
    for service in named:
        row = rows[service.id]
        if levels.get(service.id) == DEEPEST + 1:
            message = f"the service would stand on level {DEEPEST + 1}, and a tree has {DEEPEST}"
            faults.append((row, "parent_code", message))
        if _comes_round(register, service, "parent"):
            faults.append((row, "parent_code", "the service stands above itself"))
        elif service.parent and register[service.parent].successor is not None:
            faults.append((row, "parent_code", "the parent closes, as it has a successor_code"))
        if service.successor is None:
            continue
        if _comes_round(register, service, "successor"):
            faults.append((row, "successor_code", "the successors lead back to the service"))
        elif _last_successor(register, service) in parents:
            message = "the successor has services under it; lines need one without"
            faults.append((row, "successor_code", message))
    return faults


def _find_levels(register: dict[int, ServiceRow]) -> dict[int, int]:
    """Return the level of each service under a top, which is on level 1."""
    under: dict[int | None, list[int]] = {}
    for service in register.values():
        under.setdefault(service.parent, []).append(service.id)
    levels: dict[int, int] = {}
    here, level = under.get(None, []), 1
    while here:
        levels |= dict.fromkeys(here, level)
        here, level = [child for each in here for child in under.get(each, [])], level + 1
    return levels


def _comes_round(register: dict[int, ServiceRow], service: ServiceRow, link: str) -> bool:
    seen, walker = {service.id}, getattr(service, link)
    while walker is not None:
        if walker in seen:
            return True
        seen.add(walker)
        walker = getattr(register[walker], link)
    return False


def _last_successor(register: dict[int, ServiceRow], service: ServiceRow) -> int:
    while service.successor is not None:
        service = register[service.successor]
    return service.id
