"""What grants pay for in the capital programme; the app that keeps the programme registers it.

The foundation knows no app's tables: a report is passed on as it is.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from council_finance.registry.order import load_registering


class GrantFunding(NamedTuple):
    """A source of capital funding that names a grant of the register by its reference.

    `forecast` is what it pays for in the year, in pence; None where it is not given.
    """

    grant_reference: str
    source: str
    forecast: int | None


GrantFundingFunction = Callable[[Any], Iterable[GrantFunding]]

_readers: list[GrantFundingFunction] = []
_MODULES = frozenset({"report_section"})


def register_grant_funding(read: GrantFundingFunction) -> None:
    """Register the function that returns the grant funding in a report, draft or published."""
    _readers.append(read)


def grant_funding(report: Any) -> list[GrantFunding]:
    """Return the grant funding of the capital programme in a report; none without a programme."""
    load_registering(_MODULES)
    return [each for read in _readers for each in read(report)]
