"""The activity of one report as rows, which publishing keeps as plain data. Pure.

Money is in whole pence, volumes and units a year in ten-thousandths; None is not given.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from performance.activity.rules import (
    ADJUSTMENT,
    AVERAGE,
    DERIVED,
    VOLUME,
    Effects,
    effects_of,
    product_of,
    round_pence,
    unit_cost_of,
)

PlainData = Mapping[str, Any]


@dataclass(frozen=True)
class ActivityFigures:
    """A line's figures in a period: the volume at its end, the average of the year to date."""

    volume: int | None = None
    average_volume: int | None = None
    unit_cost: int | None = None
    forecast: int | None = None


@dataclass(frozen=True)
class GroupRow:
    """A group of activity; `home` is the row of the tree of its service today, "" without one."""

    code: str
    name: str
    parent: str
    total_label: str
    service: str
    service_name: str
    home: str
    volume_name: str
    volume_basis: str
    unit_cost: str
    average_unit_cost: bool

    @property
    def follows_average(self) -> bool:
        """Return whether the group's costs follow the average volume of the year to date."""
        return self.volume_basis == AVERAGE

    @property
    def derives_unit_cost(self) -> bool:
        """Return whether unit costs are worked out from cost and volume."""
        return self.unit_cost == DERIVED


@dataclass(frozen=True)
class LineRow:
    """A line of activity with its figures in the period, and those of the previous report.

    `follows_average` and `derives_unit_cost` are its group's rules. `reported` says whether the
    period gives anything of it.
    """

    reference: str
    group: str
    name: str
    kind: str
    counted: bool
    unit: str
    units: int | None
    decimals: int | None
    budget_volume: int | None
    stated_budget_unit_cost: int | None
    budget: int | None
    now: ActivityFigures
    previous: ActivityFigures | None
    reported: bool
    follows_average: bool
    derives_unit_cost: bool

    @property
    def has_volume(self) -> bool:
        """Return whether it is a line of people or other volumes, not of money alone."""
        return self.kind == VOLUME

    @property
    def is_adjustment(self) -> bool:
        """Return whether it is money that is not yet on a line."""
        return self.kind == ADJUSTMENT

    @property
    def counts(self) -> bool:
        """Return whether its volume is part of a total's."""
        return self.counted and self.has_volume

    @property
    def volume(self) -> int | None:
        """The volume at the period's end."""
        return self.now.volume

    @property
    def forecast(self) -> int | None:
        """The forecast of the year in pence."""
        return self.now.forecast

    @property
    def variance(self) -> int | None:
        """Forecast less annual budget, in pence: positive is adverse."""
        if self.forecast is None or self.budget is None:
            return None
        return self.forecast - self.budget

    def volume_of(self, figures: ActivityFigures) -> int | None:
        """Return the volume that the cost follows, of this or the previous report."""
        return figures.average_volume if self.follows_average else figures.volume

    def unit_cost_in(self, figures: ActivityFigures) -> Fraction | None:
        """Return the unit cost in pence: as given, or cost ÷ volume ÷ units a year."""
        if self.derives_unit_cost:
            volume = self.volume_of(figures) if self.has_volume else None
            return unit_cost_of(figures.forecast, volume, self.units)
        return None if figures.unit_cost is None else Fraction(figures.unit_cost)

    @property
    def unit_cost(self) -> Fraction | None:
        """The unit cost of the period in pence."""
        return self.unit_cost_in(self.now)

    @property
    def implied_unit_cost(self) -> Fraction | None:
        """The unit cost that the budget implies: budget ÷ volume ÷ units a year, in pence."""
        return unit_cost_of(self.budget, self.budget_volume, self.units)

    @property
    def budget_unit_cost(self) -> Fraction | None:
        """The budgeted unit cost: as stated, or as the budget implies where the group derives."""
        if self.derives_unit_cost:
            return self.implied_unit_cost if self.has_volume else None
        stated = self.stated_budget_unit_cost
        return None if stated is None else Fraction(stated)

    @property
    def unit_cost_variance(self) -> Fraction | None:
        """Unit cost less budgeted unit cost, in pence."""
        if self.unit_cost is None or self.budget_unit_cost is None:
            return None
        return self.unit_cost - self.budget_unit_cost

    @property
    def volume_variance(self) -> int | None:
        """Volume at the period's end less budgeted volume."""
        return _subtract_budget(self.volume, self.budget_volume)

    @property
    def average_volume_variance(self) -> int | None:
        """Average volume of the year to date less budgeted volume."""
        return _subtract_budget(self.now.average_volume, self.budget_volume)

    @cached_property
    def effects(self) -> Effects:
        """The variance as more people, dearer care, and money without a volume."""
        has = self.has_volume
        return effects_of(
            self.budget,
            self.forecast,
            self.budget_volume if has else None,
            self.volume_of(self.now) if has else None,
        )

    @property
    def exit_run_rate(self) -> int | None:
        """The cost of today's volume in a full year, in pence; None where it has no product."""
        if not self.has_volume:
            return None
        product = product_of(self.volume, self.unit_cost, self.units)
        return None if product is None else round_pence(product)


def _subtract_budget(now: int | None, budget: int | None) -> int | None:
    return None if now is None or budget is None else now - budget


@dataclass(frozen=True)
class ActivitySection:
    """The groups of activity of a report in the order of their tree, and the lines of each."""

    groups: tuple[GroupRow, ...] = ()
    lines: tuple[LineRow, ...] = ()

    @classmethod
    def from_data(cls, data: PlainData | None) -> "ActivitySection":
        """Read the section; empty in a report published before there was any activity."""
        if not data:
            return cls()
        return cls(
            tuple(GroupRow(**each) for each in data["groups"]),
            tuple(_line_from_data(each) for each in data["lines"]),
        )

    def to_data(self) -> dict[str, Any]:
        """Return the section as publishing keeps it."""
        return {
            "groups": [dict(vars(each)) for each in self.groups],
            "lines": [_line_to_data(each) for each in self.lines],
        }

    @cached_property
    def children(self) -> dict[str, list[GroupRow]]:
        """Groups by the code of the group above; the outermost are under ""."""
        found: dict[str, list[GroupRow]] = {}
        for group in self.groups:
            found.setdefault(group.parent, []).append(group)
        return found

    @cached_property
    def lines_of(self) -> dict[str, list[LineRow]]:
        """The lines that stand directly in each group, by its code."""
        found: dict[str, list[LineRow]] = {group.code: [] for group in self.groups}
        for line in self.lines:
            found[line.group].append(line)
        return found

    def find(self, code: str) -> GroupRow | None:
        """Return the group of that code."""
        return next((each for each in self.groups if each.code == code), None)

    def groups_under(self, code: str) -> Iterator[GroupRow]:
        """Yield a group and every group below it."""
        for group in self.groups:
            if group.code == code:
                yield group
        for child in self.children.get(code, ()):
            yield from self.groups_under(child.code)

    def lines_under(self, code: str) -> list[LineRow]:
        """Return the lines of a group and of every group below it."""
        return [line for group in self.groups_under(code) for line in self.lines_of[group.code]]


def _line_from_data(data: PlainData) -> LineRow:
    before = data["previous"]
    nested = {
        "now": ActivityFigures(**data["now"]),
        "previous": ActivityFigures(**before) if before else None,
    }
    return LineRow(**{**data, **nested})


def _line_to_data(line: LineRow) -> dict[str, Any]:
    fields = {name: value for name, value in vars(line).items() if name != "effects"}
    before = dict(vars(line.previous)) if line.previous else None
    return {**fields, "now": dict(vars(line.now)), "previous": before}
