"""The drivers of variances that apps register: what may explain a service's figures."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from council_finance.registry.order import Register

DriverFunction = Callable[[Any, Sequence[Any], Any], Mapping[str, Sequence[str]]]


class CommentaryDriver(NamedTuple):
    """What an app knows about a service's variance: a heading, and a sentence for each fact."""

    title: str
    texts: tuple[str, ...]


class DriverEntry(NamedTuple):
    """A registered kind of driver: its heading, and the function that finds the facts."""

    title: str
    find: DriverFunction


_drivers: Register[DriverEntry] = Register("commentary driver", "commentary_drivers")


def commentary_driver(
    name: str, *, title: str, after: str = ""
) -> Callable[[DriverFunction], DriverFunction]:
    """Register what is shown beside the commentary that people write on services.

    The function takes the draft, the rows of services and groups, and the person who writes. It
    returns sentences by the key of a row, without rows for which there is nothing to say, and
    nothing that the person may not see. It reads all rows with a few queries.
    """

    def decorate(function: DriverFunction) -> DriverFunction:
        _drivers.add(name, DriverEntry(title, function), after=after)
        return function

    return decorate


def commentary_drivers(
    facts: Any, nodes: Sequence[Any], user: Any
) -> dict[str, list[CommentaryDriver]]:
    """Return the drivers of each row by its key, in order; rows without any are left out."""
    found: dict[str, list[CommentaryDriver]] = {}
    for entry in _drivers.in_order().values():
        for key, texts in entry.find(facts, nodes, user).items():
            if texts:
                found.setdefault(key, []).append(CommentaryDriver(entry.title, tuple(texts)))
    return found
