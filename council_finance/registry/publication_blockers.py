"""Reasons of apps against publishing a period, such as capital funding that is not equal.

The foundation knows no app's tables: a period is passed on as it is.
"""

from collections.abc import Callable, Iterable
from typing import Any

from council_finance.registry.order import Register

BlockerFunction = Callable[[Any], Iterable[str]]

_blockers: Register[BlockerFunction] = Register("publication blocker", "publication_blockers")


def publication_blocker(name: str) -> Callable[[BlockerFunction], BlockerFunction]:
    """Register a function that returns why an open period cannot be published, in sentences.

    Register only what must never be published; of unfinished work a step of the month warns.
    """

    def decorate(function: BlockerFunction) -> BlockerFunction:
        _blockers.add(name, function)
        return function

    return decorate


def find_publication_blockers(period: Any) -> list[str]:
    """Return the reasons of every app against publishing the period."""
    return [reason for find in _blockers.in_order().values() for reason in find(period)]
