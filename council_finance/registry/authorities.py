"""What names a decision as its authority: virements, movements of reserves, contracts.

Each app that keeps such moves registers them, and the page of a decision lists them.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from council_finance.registry.order import Register


class AuthorisedMove(NamedTuple):
    """A move of money that a decision allowed; `url` is its page, "" without one.

    `pence` is its amount, None where it is not known.
    """

    kind: str
    reference: str
    name: str
    pence: int | None
    state: str = ""
    url: str = ""


AuthorityFunction = Callable[[Any, Any, str], Iterable[AuthorisedMove]]
_functions: Register[AuthorityFunction] = Register("moves under a decision", "other_apps")


def authorised_moves(name: str) -> Callable[[AuthorityFunction], AuthorityFunction]:
    """Register a function that returns the moves which name a decision.

    It takes a financial year, a published report or None, and the reference of the decision. With
    a report it returns what that report has; without one, what is stored now.
    """

    def decorate(function: AuthorityFunction) -> AuthorityFunction:
        _functions.add(name, function)
        return function

    return decorate


def moves_under(year: Any, report: Any, reference: str) -> Iterator[AuthorisedMove]:
    """Yield every move that names the decision of that reference."""
    for function in _functions.in_order().values():
        yield from function(year, report, reference)
