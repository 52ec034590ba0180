"""The directorates of a council, read from its tree of services."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from monitoring.structure.models import FinancialYear
from monitoring.structure.selectors.tree import current_tree
from monitoring.structure.trees import Node


@dataclass(frozen=True)
class Directorate:
    """A part of the tree that one director looks after; `section` says that it is a section."""

    name: str
    codes: tuple[str, ...]
    first_service: str
    section: bool = False


def directorates(year: FinancialYear) -> list[Directorate]:
    """Return parts that together hold every service, in the order of the tree.

    They are the rows under the council's. A row with more than half of all services is no
    directorate but a block, such as Key Services: the rows under it are taken instead. Services
    that share a section are one part.
    """
    nodes = [node for node in current_tree(year).nodes if node.kind != "closed"]
    if not nodes:
        return []
    children: dict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        children[node.parent_key].append(node)
    top, *_ = nodes
    return list(_join_sections(_split_blocks(children, top), children))


def _split_blocks(children: dict[str, list[Node]], top: Node) -> list[Node]:
    whole, found = len(_services_under(children, top)), []
    for node in children[top.key]:
        under = children[node.key]
        is_block = under and 2 * len(_services_under(children, node)) > whole
        found += under if is_block else [node]
    return found


def _join_sections(parts: Iterable[Node], children: dict[str, list[Node]]) -> Iterator[Directorate]:
    joined: dict[str, list[Node]] = {}
    for node in parts:
        joined.setdefault(node.service.section or f"part {node.key}", []).append(node)
    for same in joined.values():
        name = same[0].service.section or same[0].service.name
        yield Directorate(
            name=name,
            codes=tuple(node.key for node in same),
            first_service=_services_under(children, same[0])[0].key,
            section=bool(same[0].service.section),
        )


def _services_under(children: dict[str, list[Node]], node: Node) -> list[Node]:
    """Return the services without others under them, at a row and below it."""
    below = children[node.key]
    return [leaf for each in below for leaf in _services_under(children, each)] or [node]
