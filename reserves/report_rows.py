"""The reserves of one report as rows, which publishing keeps as plain data. Pure.

Amounts are whole pence without the suffix `_pence`; None is not given.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

GENERAL_FUND, EARMARKED, CAPITAL = "general_fund", "earmarked", "capital"


@dataclass(frozen=True)
class ReserveRow:
    """A reserve of the year; `opening` is negative where it began the year in deficit.

    `service` is the code of the service that it is held for, or "".
    """

    code: str
    name: str
    kind: str
    group: str
    service: str
    service_name: str
    opening: int
    purpose: str
    owner: str
    approved_deficit: int | None
    deficit_approved_by: str

    @property
    def is_earmarked(self) -> bool:
        """Return whether it is an earmarked reserve, which may not be overdrawn."""
        return self.kind == EARMARKED


@dataclass(frozen=True)
class MovementSide:
    """A movement as one reserve sees it: positive is put in, negative is drawn.

    A transfer has two sides with the same number in `transfer`, which is None for other movements;
    `other` is the code of the other reserve. `decision_reference` names the decision that is its
    authority; older reports lack it. Reports of the first weeks lack `approved_by`.
    """

    reserve: str
    period: int
    kind: str
    amount: int
    description: str
    approved_by: str = ""
    transfer: int | None = None
    other: str = ""
    decision_reference: str = ""

    @property
    def is_transfer(self) -> bool:
        """Return whether the amount comes from, or goes to, another reserve."""
        return self.transfer is not None


@dataclass(frozen=True)
class ReceiptsProject:
    """A project under the capital receipts flexibilities; amounts are positive.

    `service` is the code of the open service that it belongs to today.
    """

    reference: str
    project: str
    service: str
    cost_centre: str
    purpose: str
    original_planned: int
    forecast: int | None
    previous_forecast: int | None


@dataclass(frozen=True)
class ReservesSection:
    """A report's reserves, sides of movements and projects, read from plain data when needed.

    Empty in a report published before there were reserves.
    """

    data: Mapping[str, Any] | None

    @cached_property
    def reserves(self) -> list[ReserveRow]:
        """The reserves in the order of their file."""
        return [ReserveRow(**each) for each in self._read_rows("reserves")]

    @cached_property
    def movements(self) -> list[MovementSide]:
        """The sides of movements up to the period, in its order."""
        return [MovementSide(**each) for each in self._read_rows("movements")]

    @cached_property
    def projects(self) -> list[ReceiptsProject]:
        """The projects in the order of their file."""
        return [ReceiptsProject(**each) for each in self._read_rows("projects")]

    def _read_rows(self, name: str) -> list[dict[str, Any]]:
        return self.data[name] if self.data else []

    def of_kinds(self, *kinds: str) -> list[ReserveRow]:
        """Return the reserves of these kinds."""
        return [each for each in self.reserves if each.kind in kinds]

    def find(self, code: str) -> ReserveRow | None:
        """Return the reserve of that code."""
        return next((each for each in self.reserves if each.code == code), None)
