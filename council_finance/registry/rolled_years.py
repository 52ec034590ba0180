"""The registers that apps carry into the next year when one is rolled forward."""

from collections.abc import Callable
from typing import Any

from council_finance.registry.order import Register

CarryFunction = Callable[[Any, Any], int]

_carried: Register[CarryFunction] = Register("register carried forward", "rolled_years")


def carried_forward(name: str, *, after: str = "") -> Callable[[CarryFunction], CarryFunction]:
    """Register a function that carries a register of an app into the next year.

    It takes the year and the one made from it (`monitoring.models.FinancialYear`), whose services
    and lines are stored, and returns how many rows it carried; it is called inside the transaction
    that makes the year. The audit trail keeps the number under the name.
    """

    def decorate(function: CarryFunction) -> CarryFunction:
        _carried.add(name, function, after=after)
        return function

    return decorate


def carry_registers(year: Any, following: Any) -> dict[str, int]:
    """Carry every registered register into the next year; return how many rows each had."""
    carried = {name: carry(year, following) for name, carry in _carried.in_order().items()}
    return {name: count for name, count in carried.items() if count}
