"""The indicators of one report as rows, which publishing keeps as plain data. Pure.

Numbers are ten-thousandths; None is not given.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PlainData = Mapping[str, Any]


@dataclass(frozen=True)
class BenchmarkRow:
    """A comparator of an indicator: a value, or a quartile as printed."""

    comparator: str
    value: int | None
    decimals: int | None
    numerator: int | None
    denominator: int | None
    quartile: str
    data_period: str
    note: str


@dataclass(frozen=True)
class MonthRow:
    """An indicator in one month: `financial_year` is the year it begins in, period 13 an outturn.

    `minimum` is the floor that it is held against, given or worked out. `status` is the one shown,
    `derived` the one worked out, `against_former` that under the target before it moved
    (`former_target`). `month` is the month (1 to 12) that the value covers; 0 in reports published
    before it was kept.
    """

    financial_year: int
    period: int
    target: int | None
    actual: int | None
    minimum: int | None
    status: str
    derived: str
    former_target: int | None = None
    against_former: str = ""
    month: int = 0

    @property
    def place(self) -> tuple[int, int]:
        """Return year and period, by which months are in order."""
        return self.financial_year, self.period


@dataclass(frozen=True)
class IndicatorRow:
    """An indicator in a report.

    `status` is the one shown and `derived` the one that the rules give; they differ where
    `declared` is given against the figures. `direction` and `derived_direction` are the same of
    the direction of travel. `rated_target` is the target that it was rated against, such as the
    part of a year's target; `floor` the minimum. `is_reported`: the period's file names it.
    """

    reference: str
    measure: str
    long_name: str
    code: str
    heading: str
    priority: str
    outcome: str
    service: str
    service_name: str
    home: str
    parent: str
    polarity: str
    unit: str
    display: str
    decimals: int
    target_decimals: int
    headline_decimals: int
    basis: str
    target: int | None
    target_basis: str
    target_is_strict: bool
    target_low: int | None
    target_high: int | None
    target_count: int | None
    count_label: str
    future_target: int | None
    future_decimals: int
    rated_target: int | None
    floor: int | None
    actual: int | None
    headline: int | None
    actual_count: int | None
    numerator: int | None
    denominator: int | None
    previous: int | None
    previous_given: bool
    last_year: int | None
    previous_outturn: int | None
    data_date: str
    data_period: str
    due: str
    declared: str
    derived: str
    status: str
    status_reason: str
    declared_direction: str
    derived_direction: str
    direction: str
    commentary: str
    unit_of_measure: str
    source: str
    reported_in: str
    activity_group: str
    saving_reference: str
    note: str
    is_reported: bool
    benchmarks: tuple[BenchmarkRow, ...]
    months: tuple[MonthRow, ...]

    @property
    def is_against_the_figures(self) -> bool:
        """Return True where a status was declared that the rules do not give."""
        return bool(self.declared) and self.declared != self.derived

    @property
    def rated(self) -> int | None:
        """Return the value that is rated: the headline where there is one."""
        return self.actual if self.headline is None else self.headline

    @property
    def is_listed(self) -> bool:
        """Return True where a report of the period says something of it.

        An indicator that the period's file leaves out is missed only where it has a target.
        """
        return self.is_reported or self.has_target

    @property
    def has_target(self) -> bool:
        """Return True where there is a target, or an edge of a band."""
        edges = (self.target, self.target_low, self.target_high)
        return any(edge is not None for edge in edges)

    @classmethod
    def from_data(cls, data: PlainData) -> "IndicatorRow":
        """Read an indicator from plain data."""
        nested = {
            "benchmarks": tuple(BenchmarkRow(**each) for each in data["benchmarks"]),
            "months": tuple(MonthRow(**each) for each in data["months"]),
        }
        return cls(**{**data, **nested})

    def to_data(self) -> dict[str, Any]:
        """Return the indicator as plain data, its fields in order."""
        nested = {
            "benchmarks": [dict(vars(each)) for each in self.benchmarks],
            "months": [dict(vars(each)) for each in self.months],
        }
        return {**vars(self), **nested}


@dataclass(frozen=True)
class IndicatorsSection:
    """The indicators of a report in their order."""

    indicators: tuple[IndicatorRow, ...] = ()

    @classmethod
    def from_data(cls, data: PlainData | None) -> "IndicatorsSection":
        """Read the section; empty in a report published before there were indicators."""
        if not data:
            return cls()
        return cls(tuple(IndicatorRow.from_data(each) for each in data["indicators"]))

    def to_data(self) -> dict[str, Any]:
        """Return the section as publishing keeps it."""
        return {"indicators": [each.to_data() for each in self.indicators]}

    def find(self, reference: str) -> IndicatorRow | None:
        """Return the indicator of that reference."""
        return next((each for each in self.indicators if each.reference == reference), None)
