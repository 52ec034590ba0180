"""What brings figures up to date once a change of a year is committed."""

from collections.abc import Callable
from typing import Any

from council_finance.registry.order import Register

FollowFunction = Callable[[Any], None]

_following: Register[FollowFunction] = Register("work after a change of a year", "changed_years")


def follows_change(name: str) -> Callable[[FollowFunction], FollowFunction]:
    """Register a function that brings figures up to date once a change of a year is committed.

    It takes the year (`monitoring.models.FinancialYear`) and is called outside the transaction.
    """

    def decorate(function: FollowFunction) -> FollowFunction:
        _following.add(name, function)
        return function

    return decorate


def follow_change(year: Any) -> None:
    """Call every registered function for a year that has changed."""
    for follow in _following.in_order().values():
        follow(year)
