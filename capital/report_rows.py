"""The capital programme of one report as rows, which publishing keeps as plain data. Pure.

Amounts are whole pence without the suffix `_pence`; None is not given. `total_` amounts are those
of the whole scheme, all others those of this year.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

SCHEME, VARIATIONS, FINANCING = "scheme", "variations", "financing"
REPHASING, COST = "rephasing", "cost"
BORROWING = "borrowing"


@dataclass(frozen=True)
class PreviousScheme:
    """A scheme as the previous report had it."""

    home: str
    budget: int | None
    forecast: int | None
    total_budget: int | None
    total_forecast: int | None
    completion: str


@dataclass(frozen=True)
class SchemeRow:
    """A line of the programme with its figures in a period.

    `service` is the code that the file names, `home` the row of the tree that it belongs to today;
    both are "" for the whole council. `reported` says whether the period has figures of it.
    `total_budget` is the period's, or else the year's.
    """

    reference: str
    name: str
    programme: str
    service: str
    home: str
    kind: str
    original: int | None
    prior_years: int | None
    planned_completion: str
    purpose: str
    reported: bool
    budget: int | None
    actual: int | None
    forecast: int | None
    total_budget: int | None
    total_forecast: int | None
    completion: str
    commentary: str
    previous: PreviousScheme | None

    @property
    def is_variations(self) -> bool:
        """Return whether the line is a variations budget, which no scheme spends."""
        return self.kind == VARIATIONS

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "SchemeRow":
        """Read a scheme from plain data."""
        before = data["previous"]
        return cls(**{**data, "previous": PreviousScheme(**before) if before else None})

    def to_data(self) -> dict[str, Any]:
        """Return the scheme as plain data, its fields in order."""
        return {**vars(self), "previous": dict(vars(self.previous)) if self.previous else None}


@dataclass(frozen=True)
class ChangeRow:
    """An approved change of a scheme's budget; `approved_on` is an ISO date or ""."""

    reference: str
    scheme: str
    period: int
    kind: str
    amount: int
    total_amount: int
    approved_by: str
    approved_on: str
    reason: str


@dataclass(frozen=True)
class ReasonRow:
    """A part of a scheme's variance, explained as rephasing or cost; slippage is negative."""

    scheme: str
    project: str
    kind: str
    amount: int | None
    total_amount: int | None
    reason: str


@dataclass(frozen=True)
class FundingRow:
    """A source that pays for the programme.

    `spend_by` is the last day on which its money may be spent, an ISO date, or ""; a report from
    before there was such a day has none.
    """

    reference: str
    name: str
    kind: str
    grant_reference: str
    original: int | None
    reported: bool
    budget: int | None
    forecast: int | None
    spend_by: str = ""


@dataclass(frozen=True)
class CapitalSection:
    """A report's schemes, changes, reasons and funding, read from plain data when needed.

    Empty in a report published before there was a capital programme.
    """

    data: Mapping[str, Any] | None

    @cached_property
    def schemes(self) -> tuple[SchemeRow, ...]:
        """The lines of the programme in the order of their file."""
        return tuple(SchemeRow.from_data(each) for each in self._read_rows("schemes"))

    @cached_property
    def changes(self) -> tuple[ChangeRow, ...]:
        """The approved changes up to the period, in its order."""
        return tuple(ChangeRow(**each) for each in self._read_rows("changes"))

    @cached_property
    def reasons(self) -> tuple[ReasonRow, ...]:
        """The reasons of the period's variances in the order of their file."""
        return tuple(ReasonRow(**each) for each in self._read_rows("reasons"))

    @cached_property
    def funding(self) -> tuple[FundingRow, ...]:
        """The sources in the order of their file."""
        return tuple(FundingRow(**each) for each in self._read_rows("funding"))

    @cached_property
    def reasons_by_scheme(self) -> dict[str, list[ReasonRow]]:
        """The reasons by the reference of their scheme."""
        found: dict[str, list[ReasonRow]] = {}
        for reason in self.reasons:
            found.setdefault(reason.scheme, []).append(reason)
        return found

    @cached_property
    def changes_by_scheme(self) -> dict[str, list[ChangeRow]]:
        """The approved changes by the reference of their scheme."""
        found: dict[str, list[ChangeRow]] = {}
        for change in self.changes:
            found.setdefault(change.scheme, []).append(change)
        return found

    def _read_rows(self, name: str) -> list[dict[str, Any]]:
        return self.data[name] if self.data else []
