"""The grants of one report as rows, which publishing keeps as plain data. Pure.

Amounts are whole pence without the suffix `_pence`; None is not given.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from reserves.grants.calculations import add_given, closing_balance, divide_by_shares

REVENUE, CAPITAL = "revenue", "capital"


@dataclass(frozen=True)
class ShareRow:
    """A service's share of a grant; `service` is its code, "" where the share has no service."""

    service: str
    service_name: str
    expected: int | None


@dataclass(frozen=True)
class GrantRow:
    """A grant of the year and its position in the period.

    `expected` is that of the period where it gives one, else the sum of the shares. `reported` says
    whether the period has a position of it. `end_date` is an ISO date or "".
    """

    reference: str
    name: str
    awarding_body: str
    group: str
    kind: str
    ring_fenced: bool | None
    opening: int | None
    purpose: str
    end_date: str
    repay_unspent: bool | None
    shares: tuple[ShareRow, ...]
    expected: int | None
    reported: bool
    received: int | None
    applied: int | None
    repaid: int | None
    other_movements: int | None
    commentary: str

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "GrantRow":
        """Return the row of its plain data."""
        shares = tuple(ShareRow(**share) for share in data["shares"])
        return cls(**{**data, "shares": shares})

    @property
    def is_capital(self) -> bool:
        """Return whether it is a capital grant."""
        return self.kind == CAPITAL

    @property
    def carried_forward(self) -> int | None:
        """Return the closing balance; negative where more was applied than there was."""
        return closing_balance(
            self.opening, self.received, self.applied, self.repaid, self.other_movements
        )

    def divided(self, amount: int | None) -> list[int | None]:
        """Return an amount of the grant divided between its shares, as they are expected."""
        return divide_by_shares(amount, [share.expected for share in self.shares])


@dataclass(frozen=True)
class GrantLine:
    """The budget line that carries a group's grants; `budget` is negative, None without it."""

    group: str
    line: str
    budget: int | None


@dataclass(frozen=True)
class GrantsSection:
    """A report's grants and the lines that carry them, read from plain data when needed.

    Empty in a report published before there were grants.
    """

    data: Mapping[str, Any] | None

    @cached_property
    def grants(self) -> list[GrantRow]:
        """The grants in the order of their file."""
        return [GrantRow.from_data(each) for each in self.data["grants"]] if self.data else []

    @cached_property
    def lines(self) -> list[GrantLine]:
        """The budget lines that carry groups of grants, by the council's settings."""
        return [GrantLine(**each) for each in self.data["lines"]] if self.data else []

    def of_kind(self, kind: str) -> list[GrantRow]:
        """Return the grants of a kind."""
        return [grant for grant in self.grants if grant.kind == kind]

    def find(self, reference: str) -> GrantRow | None:
        """Return the grant of that reference."""
        return next((grant for grant in self.grants if grant.reference == reference), None)


def total_expected(grants: list[GrantRow]) -> int | None:
    """Return what the grants are expected to bring together; None where none is given."""
    return add_given([grant.expected for grant in grants])
