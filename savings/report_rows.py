"""The savings of one report as rows, which publishing keeps as plain data. Pure.

Amounts are whole pence and positive, without the suffix `_pence`; None is not given.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PlainData = Mapping[str, Any]
"""A row as JSON keeps it: the same names as the fields of its dataclass."""


@dataclass(frozen=True)
class PreviousSaving:
    """A saving as the previous report had it."""

    service: str
    service_name: str
    agreed: int
    forecast: int | None
    status: str
    direction: str


@dataclass(frozen=True)
class ReplacedSaving:
    """A saving that another one replaces, and the agreement to it; `agreed_on` is an ISO date."""

    reference: str
    title: str
    agreed: int
    agreed_by: str
    agreed_on: str
    reason: str


@dataclass(frozen=True)
class RemovedSaving:
    """A saving of the previous report that no longer counts; `replaced_by` is a reference or ""."""

    reference: str
    title: str
    service: str
    service_name: str
    agreed: int
    status: str
    replaced_by: str


@dataclass(frozen=True)
class SavingRow:
    """A saving that counts in the period of a report.

    `service` is the one that the register names, `home` the row of the tree that it belongs to
    today. `derived` is the status that was overridden, "" where none was. `direction_given` says
    that an officer chose the direction of travel.
    """

    reference: str
    title: str
    service: str
    service_name: str
    decision: str
    category: str
    committee: str
    owner: str
    agreed: int
    investment: int | None
    forecast: int | None
    delivered: int | None
    phasing: tuple[int | None, ...]
    status: str
    derived: str
    override_reason: str
    override_by: str
    direction_given: bool
    commentary: str
    previous: PreviousSaving | None
    direction: str
    home: str
    replaces: tuple[ReplacedSaving, ...]

    @property
    def shortfall(self) -> int | None:
        """Agreed less forecast, in pence: positive is a shortfall; None without a forecast."""
        return None if self.forecast is None else self.agreed - self.forecast

    @property
    def is_short(self) -> bool:
        """Return whether less is forecast than was agreed."""
        return (self.shortfall or 0) > 0

    @property
    def is_overridden(self) -> bool:
        """Return whether an officer replaced the derived status."""
        return bool(self.derived)

    @property
    def fall_of_forecast(self) -> int:
        """The fall of the forecast since the previous report, in pence; negative is a rise.

        Nil where either report has no forecast.
        """
        before = self.previous.forecast if self.previous else None
        return 0 if before is None or self.forecast is None else before - self.forecast

    @classmethod
    def from_data(cls, data: PlainData) -> "SavingRow":
        """Read a saving from plain data."""
        before = data["previous"]
        nested = {
            "phasing": tuple(data["phasing"]),
            "previous": PreviousSaving(**before) if before else None,
            "replaces": tuple(ReplacedSaving(**each) for each in data["replaces"]),
        }
        return cls(**{**data, **nested})

    def to_data(self) -> dict[str, Any]:
        """Return the saving as plain data, its fields in order."""
        nested = {
            "phasing": list(self.phasing),
            "previous": dict(vars(self.previous)) if self.previous else None,
            "replaces": [dict(vars(each)) for each in self.replaces],
        }
        return {**vars(self), **nested}


@dataclass(frozen=True)
class SavingsSection:
    """The savings that count in a report, and those of the previous report that no longer do."""

    savings: tuple[SavingRow, ...] = ()
    removed: tuple[RemovedSaving, ...] = ()

    @classmethod
    def from_data(cls, data: PlainData | None) -> "SavingsSection":
        """Read the section; empty in a report published before there was a register of savings."""
        if not data:
            return cls()
        return cls(
            tuple(SavingRow.from_data(each) for each in data["savings"]),
            tuple(RemovedSaving(**each) for each in data["left"]),
        )

    def to_data(self) -> dict[str, Any]:
        """Return the section as publishing keeps it."""
        return {
            "savings": [each.to_data() for each in self.savings],
            "left": [dict(vars(each)) for each in self.removed],
        }

    def find(self, reference: str) -> SavingRow | None:
        """Return the saving of that reference."""
        return next((each for each in self.savings if each.reference == reference), None)
