"""Totals of lines of activity: sums of what is given, and average unit costs. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from performance.activity.report_rows import ActivityFigures, LineRow
from performance.activity.rules import unit_cost_of


def sum_given(values: Iterable[int | None]) -> int | None:
    """Return the sum of the values that are given; None where none is."""
    given = [value for value in values if value is not None]
    return sum(given) if given else None


@dataclass(frozen=True)
class ActivityTotal:
    """The totals of some lines: money of all of them, volumes of those that count."""

    lines: Sequence[LineRow]

    def money(self, amount: Callable[[LineRow], int | None]) -> int | None:
        """Return the sum of an amount over all lines."""
        return sum_given(amount(line) for line in self.lines)

    def volume(self, volume: Callable[[LineRow], int | None]) -> int | None:
        """Return the sum of a volume over the lines that count."""
        return sum_given(volume(line) for line in self.lines if line.counts)

    @property
    def budget(self) -> int | None:
        """The annual budget in pence."""
        return self.money(lambda line: line.budget)

    @property
    def forecast(self) -> int | None:
        """The forecast in pence."""
        return self.money(lambda line: line.forecast)

    @property
    def variance(self) -> int | None:
        """The variance of the lines that have budget and forecast, in pence."""
        return self.money(lambda line: line.variance)

    @property
    def volume_effect(self) -> int | None:
        """The part of the variance that is more people, in pence."""
        return self.money(lambda line: line.effects.volume)

    @property
    def unit_cost_effect(self) -> int | None:
        """The part of the variance that is dearer care, in pence."""
        return self.money(lambda line: line.effects.unit_cost)

    @property
    def other_effect(self) -> int | None:
        """The part of the variance of lines without a volume, in pence."""
        return self.money(lambda line: line.effects.other)

    @property
    def exit_run_rate(self) -> int | None:
        """The cost of today's volumes in a full year, in pence."""
        return self.money(lambda line: line.exit_run_rate)

    @property
    def unreported(self) -> list[LineRow]:
        """The lines with a budget and no forecast, whose budget is left out of the variance."""
        return [line for line in self.lines if line.forecast is None and line.budget is not None]

    @property
    def average_budget_unit_cost(self) -> Fraction | None:
        """Budget of volumes and adjustments ÷ budgeted volume ÷ units a year, in pence."""
        budget = sum_given(line.budget for line in self._priced_lines())
        return unit_cost_of(
            budget, self.volume(lambda line: line.budget_volume), self._common_units()
        )

    def average_unit_cost(
        self, figures_of: Callable[[LineRow], ActivityFigures | None]
    ) -> Fraction | None:
        """Return the same of the forecast, by the volume that the costs follow."""
        pairs = [(line, figures_of(line)) for line in self._priced_lines()]
        given = [(line, figures) for line, figures in pairs if figures is not None]
        cost = sum_given(figures.forecast for _, figures in given)
        volume = sum_given(line.volume_of(figures) for line, figures in given if line.counts)
        return unit_cost_of(cost, volume, self._common_units())

    def _priced_lines(self) -> list[LineRow]:
        """Return the lines of volumes, and the money that is not yet on one."""
        return [line for line in self.lines if line.has_volume or line.is_adjustment]

    def _common_units(self) -> int | None:
        """Return the units a year of all lines that count; None where they differ."""
        units = {line.units for line in self.lines if line.counts}
        return units.pop() if len(units) == 1 else None
