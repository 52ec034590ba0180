"""Totals of a capital programme by service, from which every sum on its pages is made. Pure.

Amounts are whole pence; None is not given.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from capital.calculations import (
    ColumnSums,
    HomeVariance,
    Reconciliation,
    SchemeFigures,
    add_column_sums,
    add_figures,
    add_given,
    add_reconciliations,
    difference,
    figures_of,
    reconcile,
    sum_columns,
)
from capital.report_rows import ChangeRow, ReasonRow, SchemeRow


@dataclass(frozen=True)
class GroupTotals:
    """The sums of the lines of one row of the tree, `home`; "" is the whole council.

    Schemes and variations budgets are in groups of their own. `previous_variance` is that of the
    same lines in the previous report; `columns` are what funding is compared with.
    """

    home: str
    is_variations: bool
    lines: int
    figures: SchemeFigures
    way: Reconciliation
    previous_variance: int | None
    columns: ColumnSums


@dataclass(frozen=True)
class ProgrammeTotals:
    """The sums of a programme by group, and its variations budgets line by line."""

    groups: tuple[GroupTotals, ...]
    variations: tuple[SchemeRow, ...]

    def limit_to(self, keys: Set[str]) -> "ProgrammeTotals":
        """Return the part of the programme under these rows of the tree."""
        return ProgrammeTotals(
            tuple(each for each in self.groups if each.home in keys),
            tuple(each for each in self.variations if each.home in keys),
        )

    @cached_property
    def lines(self) -> int:
        """The number of lines, variations budgets included."""
        return sum(each.lines for each in self.groups)

    @cached_property
    def figures(self) -> SchemeFigures:
        """The figures of all lines together."""
        return add_figures(each.figures for each in self.groups)

    @cached_property
    def figures_of_schemes(self) -> SchemeFigures:
        """The figures of the schemes, without variations budgets."""
        return add_figures(each.figures for each in self.groups if not each.is_variations)

    @cached_property
    def figures_of_variations(self) -> SchemeFigures:
        """The figures of the variations budgets."""
        return add_figures(each.figures for each in self.groups if each.is_variations)

    @cached_property
    def way(self) -> Reconciliation:
        """The way from the original to the revised budget."""
        return add_reconciliations([each.way for each in self.groups])

    @cached_property
    def previous_variance(self) -> int | None:
        """The variance of these lines in the previous report."""
        return add_given(each.previous_variance for each in self.groups)

    @cached_property
    def columns(self) -> ColumnSums:
        """The sums that funding is compared with."""
        return add_column_sums([each.columns for each in self.groups])

    @property
    def variances(self) -> list[HomeVariance]:
        """The variance of the schemes of each row of the tree."""
        return [
            (each.home, each.figures.variance) for each in self.groups if not each.is_variations
        ]


def add_lines(
    lines: Sequence[SchemeRow],
    reasons: Mapping[str, Sequence[ReasonRow]],
    changes: Mapping[str, Sequence[ChangeRow]],
) -> ProgrammeTotals:
    """Return the totals of lines, with their reasons and changes by reference."""
    groups: dict[tuple[str, bool], list[SchemeRow]] = {}
    for line in lines:
        groups.setdefault((line.home, line.is_variations), []).append(line)
    return ProgrammeTotals(
        tuple(_add_group(*key, group, reasons, changes) for key, group in groups.items()),
        tuple(line for line in lines if line.is_variations),
    )


def _add_group(
    home: str,
    is_variations: bool,
    lines: Sequence[SchemeRow],
    reasons: Mapping[str, Sequence[ReasonRow]],
    changes: Mapping[str, Sequence[ChangeRow]],
) -> GroupTotals:
    return GroupTotals(
        home=home,
        is_variations=is_variations,
        lines=len(lines),
        figures=add_figures(figures_of(line, reasons.get(line.reference, ())) for line in lines),
        way=add_reconciliations(
            [reconcile(line, changes.get(line.reference, ())) for line in lines]
        ),
        previous_variance=add_given(
            difference(line.previous.forecast, line.previous.budget)
            for line in lines
            if line.previous
        ),
        columns=sum_columns(lines),
    )
