"""What a period holds beside the ledger's figures, such as values of indicators.

A period without a ledger that has any of it can be read, checked and published.
"""

from collections.abc import Callable
from typing import Any

from council_finance.registry.order import Register

PeriodContentFunction = Callable[[Any], bool]

_contents: Register[PeriodContentFunction] = Register("period content", "report_section")


def period_content(name: str) -> Callable[[PeriodContentFunction], PeriodContentFunction]:
    """Register a function that returns True where a period holds something of an app.

    Register only what makes sense in a report without any figures of the ledger. The function asks
    one quick query.
    """

    def decorate(function: PeriodContentFunction) -> PeriodContentFunction:
        _contents.add(name, function)
        return function

    return decorate


def has_period_content(period: Any) -> bool:
    """Return True where any app holds something of the period beside the ledger's figures."""
    return any(holds(period) for holds in _contents.in_order().values())
