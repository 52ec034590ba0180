"""Variances of the capital programme, their reasons, and the use of variations budgets. Pure.

Amounts are whole pence; None is not given. Positive variances are adverse. Source: "Capital
programme" in docs/rules.md; Cambridgeshire, close 2018/19, appendix 6.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from capital.report_rows import (
    COST,
    REPHASING,
    ChangeRow,
    FundingRow,
    ReasonRow,
    SchemeRow,
)

Holds = Callable[[str, str], bool]
"""`holds(above, below)`: whether a row of the tree is the other one or has it under it."""


def add_given(amounts: Iterable[int | None]) -> int | None:
    """Return the sum of the amounts that are given; None where none is."""
    given = [amount for amount in amounts if amount is not None]
    return sum(given) if given else None


def difference(amount: int | None, base: int | None) -> int | None:
    """Return amount less base; None where either is not given."""
    return None if amount is None or base is None else amount - base


@dataclass(frozen=True)
class SchemeFigures:
    """The figures of a scheme, or of several together.

    `rephasing` and `cost` are the parts of this year's variance that reasons name; what they leave
    is `unexplained`.
    """

    original: int | None
    budget: int | None
    actual: int | None
    forecast: int | None
    variance: int | None
    rephasing: int
    cost: int
    unexplained: int | None
    total_budget: int | None
    total_forecast: int | None
    total_variance: int | None


def figures_of(scheme: SchemeRow, reasons: Iterable[ReasonRow]) -> SchemeFigures:
    """Return the figures of a scheme with the reasons of its variance."""
    reasons = list(reasons)
    by_kind = {
        kind: sum(reason.amount or 0 for reason in reasons if reason.kind == kind)
        for kind in (REPHASING, COST)
    }
    variance = difference(scheme.forecast, scheme.budget)
    named = by_kind[REPHASING] + by_kind[COST]
    return SchemeFigures(
        original=scheme.original,
        budget=scheme.budget,
        actual=scheme.actual,
        forecast=scheme.forecast,
        variance=variance,
        rephasing=by_kind[REPHASING],
        cost=by_kind[COST],
        unexplained=None if variance is None else variance - named,
        total_budget=scheme.total_budget,
        total_forecast=scheme.total_forecast,
        total_variance=difference(scheme.total_forecast, scheme.total_budget),
    )


def add_figures(rows: Iterable[SchemeFigures]) -> SchemeFigures:
    """Return the figures of several schemes together.

    A variance is that of the schemes that have both amounts; the others are left out of it.
    """
    rows = list(rows)
    return SchemeFigures(
        original=add_given(row.original for row in rows),
        budget=add_given(row.budget for row in rows),
        actual=add_given(row.actual for row in rows),
        forecast=add_given(row.forecast for row in rows),
        variance=add_given(row.variance for row in rows),
        rephasing=sum(row.rephasing for row in rows),
        cost=sum(row.cost for row in rows),
        unexplained=add_given(row.unexplained for row in rows),
        total_budget=add_given(row.total_budget for row in rows),
        total_forecast=add_given(row.total_forecast for row in rows),
        total_variance=add_given(row.total_variance for row in rows),
    )


@dataclass(frozen=True)
class VariationsUse:
    """A variations budget and what the slippage of its schemes uses of it; `used` is positive."""

    line: SchemeRow
    budget: int | None
    scheme_variance: int | None
    used: int | None

    @property
    def variance(self) -> int | None:
        """The variance of the schemes and of the variations budget together."""
        own = difference(self.line.forecast, self.line.budget)
        return None if own is None else own + (self.scheme_variance or 0)


def with_worked_forecasts(
    schemes: Sequence[SchemeRow], holds: Holds, *, at_close: bool
) -> tuple[SchemeRow, ...]:
    """Return the schemes, with a forecast for each variations budget that was left blank.

    Before the close it is what the slippage of its schemes leaves of the budget, at most nil; at
    the close it is nil, so that what was not used is an overspend.
    """
    if not any(lacks_forecast(each) for each in schemes):
        return tuple(schemes)
    lines = [each for each in schemes if each.is_variations]
    worked = fill_forecasts(lines, variances_by_home(schemes), holds, at_close=at_close)
    by_reference = {each.reference: each for each in worked}
    return tuple(by_reference.get(each.reference, each) for each in schemes)


def fill_forecasts(
    lines: Sequence[SchemeRow],
    variances: Iterable["HomeVariance"],
    holds: Holds,
    *,
    at_close: bool,
) -> tuple[SchemeRow, ...]:
    """Return variations budgets, with the forecast of `with_worked_forecasts` where it is blank.

    `variances` are those of the schemes.
    """
    if not any(lacks_forecast(each) for each in lines):
        return tuple(lines)
    uses = {use.line.reference: use for use in variations_uses(lines, variances, holds)}
    return tuple(
        replace(each, forecast=0 if at_close else _left_of(uses[each.reference]))
        if lacks_forecast(each)
        else each
        for each in lines
    )


def lacks_forecast(scheme: SchemeRow) -> bool:
    """Return whether a line is a variations budget whose forecast was left blank."""
    return (
        scheme.is_variations
        and scheme.reported
        and scheme.forecast is None
        and scheme.budget is not None
    )


def _left_of(use: VariationsUse) -> int:
    return min(0, (use.budget or 0) + (use.used or 0))


HomeVariance = tuple[str, int | None]
"""The row of the tree that a scheme, or several together, belong to, and their variance."""


def variances_by_home(schemes: Iterable[SchemeRow]) -> list[HomeVariance]:
    """Return the variance of each scheme that is no variations budget."""
    return [
        (each.home, difference(each.forecast, each.budget))
        for each in schemes
        if not each.is_variations
    ]


def variations_uses(
    lines: Sequence[SchemeRow], variances: Iterable[HomeVariance], holds: Holds
) -> list[VariationsUse]:
    """Return the use of each variations budget by the variances of the schemes.

    A scheme's slippage uses the budget of the nearest service above it that has one, and otherwise
    that of the whole council; so it is counted once.
    """
    used: dict[str, list[int | None]] = {line.reference: [] for line in lines}
    for home, variance in variances:
        if line := _nearest_line(home, lines, holds):
            used[line.reference].append(variance)
    return [_use_of(line, add_given(used[line.reference])) for line in lines]


def _nearest_line(home: str, lines: Iterable[SchemeRow], holds: Holds) -> SchemeRow | None:
    nearest: SchemeRow | None = None
    for line in lines:
        if line.home and not (home and holds(line.home, home)):
            continue
        if nearest is None or not nearest.home or (line.home and holds(nearest.home, line.home)):
            nearest = line
    return nearest


def _use_of(line: SchemeRow, scheme_variance: int | None) -> VariationsUse:
    if line.budget is None or scheme_variance is None:
        return VariationsUse(line, line.budget, scheme_variance, None)
    used = min(max(0, -scheme_variance), max(0, -line.budget))
    return VariationsUse(line, line.budget, scheme_variance, used)


def add_uses(uses: Sequence[VariationsUse]) -> tuple[int | None, ...]:
    """Return the budgets, variances of schemes, amounts used, and variances of several uses."""
    return (
        add_given(use.budget for use in uses),
        add_given(use.scheme_variance for use in uses),
        add_given(use.used for use in uses),
        add_given(use.variance for use in uses),
    )


@dataclass(frozen=True)
class Reconciliation:
    """The way from a scheme's original to its revised budget; `by_kind` are approved changes.

    `other` is what no change explains; None without a revised budget.
    """

    original: int | None
    by_kind: Mapping[str, int]
    other: int | None
    budget: int | None


def reconcile(scheme: SchemeRow, changes: Iterable[ChangeRow]) -> Reconciliation:
    """Return the way from the original to the revised budget; no original budget counts as nil."""
    by_kind: dict[str, int] = {}
    for change in changes:
        by_kind[change.kind] = by_kind.get(change.kind, 0) + change.amount
    explained = (scheme.original or 0) + sum(by_kind.values())
    other = None if scheme.budget is None else scheme.budget - explained
    return Reconciliation(scheme.original, by_kind, other, scheme.budget)


def add_reconciliations(rows: Sequence[Reconciliation]) -> Reconciliation:
    """Return the way of several schemes together."""
    by_kind: dict[str, int] = {}
    for row in rows:
        for kind, amount in row.by_kind.items():
            by_kind[kind] = by_kind.get(kind, 0) + amount
    return Reconciliation(
        add_given(row.original for row in rows),
        by_kind,
        add_given(row.other for row in rows),
        add_given(row.budget for row in rows),
    )


@dataclass(frozen=True)
class Balance:
    """Expenditure and funding of one column; `is_whole` says that no amount of either lacks."""

    column: str
    expenditure: int | None
    funding: int | None
    is_whole: bool

    @property
    def shortfall(self) -> int:
        """Expenditure less funding; nil where the two cannot be compared."""
        if not self.is_whole or self.expenditure is None or self.funding is None:
            return 0
        return self.expenditure - self.funding


COLUMNS = ("original", "budget", "forecast")


@dataclass(frozen=True)
class ColumnSums:
    """The sums of schemes or of sources by column of a balance, in pence.

    `incomplete` are the columns in which a row that is reported lacks its amount.
    """

    amounts: Mapping[str, int | None]
    incomplete: frozenset[str] = frozenset()


def sum_columns(rows: Sequence[SchemeRow] | Sequence[FundingRow]) -> ColumnSums:
    """Return the sums of rows by column.

    A scheme or source without an original budget came after the business plan, and lacks nothing.
    """
    return ColumnSums(
        {column: add_given(getattr(row, column) for row in rows) for column in COLUMNS},
        frozenset(
            column
            for column in COLUMNS[1:]
            if any(row.reported and getattr(row, column) is None for row in rows)
        ),
    )


def add_column_sums(sums: Sequence[ColumnSums]) -> ColumnSums:
    """Return the sums of several groups of rows together."""
    return ColumnSums(
        {column: add_given(each.amounts[column] for each in sums) for column in COLUMNS},
        frozenset().union(*(each.incomplete for each in sums)),
    )


def balances(schemes: Sequence[SchemeRow], funding: Sequence[FundingRow]) -> list[Balance]:
    """Return expenditure and funding of the original budget, the revised budget and the forecast.

    The programme and its funding are equal in each. Where an amount is not given, or there is no
    funding at all, the two cannot be compared.
    """
    return compare_sums(sum_columns(schemes), sum_columns(funding))


def compare_sums(spent: ColumnSums, paid: ColumnSums) -> list[Balance]:
    """Return the balances of sums of schemes and of sources."""
    return [_balance_of(column, spent, paid) for column in COLUMNS]


def _balance_of(column: str, spent: ColumnSums, paid: ColumnSums) -> Balance:
    whole = all(
        each.amounts[column] is not None and column not in each.incomplete for each in (spent, paid)
    )
    return Balance(column, spent.amounts[column], paid.amounts[column], whole)


def compare_amounts(
    column: str, spent: Sequence[int | None], paid: Sequence[int | None]
) -> Balance:
    """Return expenditure and funding of a column from the amounts of schemes and sources."""
    whole = bool(spent and paid) and None not in spent and None not in paid
    return Balance(column, add_given(spent), add_given(paid), whole)


def revenue_cost(borrowed: int, years: int, rate_percent: Decimal) -> int:
    """Return what borrowing costs revenue in its first full year, in pence.

    It is repaid in equal parts over the years, with interest on all of it.
    """
    cost = Decimal(borrowed) * (Decimal(1) / years + rate_percent / 100)
    return int(cost.quantize(Decimal(1), rounding=ROUND_HALF_UP))
