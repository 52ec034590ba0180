"""The register of savings as other apps read it and write to it, such as the plan on its adoption.

The app that keeps the register registers itself; without it there are no savings to read.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from council_finance.registry.order import Register

RECURRING = "recurring"


class RegisteredSaving(NamedTuple):
    """A saving of a year's register; amounts are in pence and positive, `service` is a code.

    `delivered` is what was delivered at the close, or is forecast to be; None where nothing is
    known. `brought_forward_from` is the calendar year in which the year began whose shortfall this
    is. `is_started` says that something was reported as delivered, or forecast.
    """

    reference: str
    title: str
    service: str
    agreed: int
    decision: str = ""
    category: str = ""
    recurrence: str = RECURRING
    plan_reference: str = ""
    brought_forward_from: int | None = None
    delivered: int | None = None
    is_started: bool = False


ReadSavings = Callable[[Any], Sequence[RegisteredSaving]]
WriteSavings = Callable[..., list[str]]


class SavingsRegister(NamedTuple):
    """The register: two functions of the app that keeps it.

    `read(year)` returns the savings that count at the end of a year. `at_close(year)` does so where
    the close has reports of savings, else nothing. `write(year, rows, by=, **detail)` adds rows
    inside the caller's transaction and returns a sentence for each that is there already with
    another amount, which stays as it is.
    """

    read: ReadSavings
    at_close: ReadSavings
    write: WriteSavings


_registered: Register[SavingsRegister] = Register("register of savings", "other_apps")
_NAME = "savings"


def register_savings_register(register: SavingsRegister) -> None:
    """Offer the register of savings to other apps. Raise `ValueError` where there is one."""
    _registered.add(_NAME, register)


def savings_register() -> SavingsRegister | None:
    """Return the register of savings; None where no app keeps one."""
    return _registered.in_order().get(_NAME)
