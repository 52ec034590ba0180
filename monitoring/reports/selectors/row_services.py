"""The service that a row of a statement belongs to, and its place in the tree of the report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from council_finance.statements.model import Row, Statement
from monitoring.published.report_rows import ReportRow

PATH_SEPARATOR = " / "
_PREFIXES = ("heading:", "total:")


@dataclass(frozen=True, slots=True)
class ServicePlace:
    """A service's code, its path of names from the council down, and its level (0 = council).

    `labels` are the names under which statements print it: its own and that of its total.
    """

    code: str
    path: str
    level: int
    labels: frozenset[str]
    is_closed: bool


ServicePlaces = Mapping[str, ServicePlace]
"""Places by the key of the row in the report's tree of services."""


def service_places(nodes: Iterable[ReportRow]) -> dict[str, ServicePlace]:
    """Return the place of each row of a report's tree; rows come after the row above them."""
    found: dict[str, ServicePlace] = {}
    for node in nodes:
        above = found.get(node.parent_key)
        path = f"{above.path}{PATH_SEPARATOR}{node.label}" if above else node.label
        labels = frozenset({node.label, node.total_label} - {""})
        found[node.key] = ServicePlace(node.code, path, node.level, labels, node.is_closed)
    return found


def with_service_codes(made: Statement, nodes: Iterable[ReportRow]) -> Statement:
    """Return the statement with the codes of the services that its rows are about."""
    places = service_places(nodes)
    found = {row.key: place_of_row(row, places) for row in made.rows}
    return replace(
        made, service_codes={key: place.code for key, place in found.items() if place is not None}
    )


def place_of_row(row: Row, places: ServicePlaces) -> ServicePlace | None:
    """Return the place of the service that a row is about; None where it is about no service.

    References of savings, reserves or schemes may be the same text as a service's code. So a key
    alone counts only for rows of kind `service` and of closed services; headings and totals must
    bear the service's name, too.
    """
    if row.kind == "service":
        return _place_of_service_row(row.key, places)
    if row.kind == "line":
        place = places.get(row.key)
        return place if place and place.is_closed else None
    keys = (row.key, *(row.key.removeprefix(each) for each in _PREFIXES))
    return next((places[key] for key in keys if _is_named(row, places.get(key))), None)


def _is_named(row: Row, place: ServicePlace | None) -> bool:
    return place is not None and row.label in place.labels


def _place_of_service_row(key: str, places: ServicePlaces) -> ServicePlace | None:
    """Return the place by a code, or by one in a block of rows: `2:ADULT`, `ADULT:Debtor`."""
    if key in places or ":" not in key:
        return places.get(key)
    after_block = key.partition(":")[2]
    if after_block in places:
        return places[after_block]
    # Codes and names may hold colons: the longest code that the key begins with is meant.
    ends = [end for end, character in enumerate(key) if character == ":"]
    return next((places[key[:end]] for end in reversed(ends) if key[:end] in places), None)
