"""What the pages of entry read: budgets as they are now, forecasts, and changes that wait."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Min, QuerySet

from capital.budget_sums import sum_budgets
from capital.calculations import Balance, add_given, compare_sums, sum_columns
from capital.draft_rows import funding_rows
from capital.draft_totals import read_columns
from capital.entry.models import ForecastPart
from capital.models import (
    CapitalScheme,
    ChangeState,
    FundingPosition,
    FundingSource,
    ProgrammeChange,
    SchemePosition,
    VarianceReason,
)
from capital.selectors import funding_of
from monitoring.models import FinancialYear, Period
from monitoring.people.rights import Reach

POSITION_FIELDS = (
    *("actual_to_date_pence", "forecast_pence", "total_forecast_pence"),
    *("completion", "commentary"),
)
"""The fields of a position that a project manager enters."""

_LOOKED_UP = 200
"""So many schemes are looked up one by one; for more the whole year is read."""

PartKey = tuple[str, int]
"""Kind and number of a part of a forecast."""


@dataclass(frozen=True)
class SchemeBudgets:
    """A scheme's approved budget of this year and of the whole scheme, in pence."""

    this_year: int | None
    whole: int | None


@dataclass(frozen=True)
class BudgetChange:
    """What a change adds to a scheme's budgets of this year and of the whole scheme, in pence."""

    this_year: int
    whole: int


def position_of(scheme: CapitalScheme, period: Period) -> SchemePosition | None:
    """Return a scheme's position in a period; None where it has none."""
    return SchemePosition.objects.filter(scheme=scheme, period=period).first()


def without_forecast(schemes: QuerySet[CapitalScheme], period: Period) -> QuerySet[CapitalScheme]:
    """Return those of the schemes that have no forecast in a period."""
    forecast = SchemePosition.objects.filter(period=period, forecast_pence__isnull=False)
    return schemes.exclude(pk__in=forecast.values("scheme"))


def count_forecasts(reach: Reach, period: Period) -> int:
    """Return the number of schemes in reach that have a forecast in a period."""
    found = SchemePosition.objects.filter(period=period, forecast_pence__isnull=False)
    if not reach.everything:
        found = found.filter(scheme__service_id__in=reach.services)
    return found.count()


def budgets_of(scheme: CapitalScheme, period: Period) -> SchemeBudgets:
    """Return a scheme's budgets in a period as they are now; None for one not stored yet."""
    if scheme.pk is None:
        return SchemeBudgets(None, None)
    return budgets_of_schemes([scheme], period)[scheme.pk]


def budgets_of_schemes(
    schemes: Sequence[CapitalScheme], period: Period
) -> dict[int, SchemeBudgets]:
    """Return the budgets of schemes in a period as they are now, by id, in a few queries.

    They are the period's; without one, those of the latest earlier period with the changes
    approved since, or the original ones with all approved changes.
    """
    latest = _latest_positions(period, schemes)
    since = {pk: position.period.number for pk, position in latest.items()}
    moved = _approved_since(period, schemes, since)
    return {
        scheme.pk: _add_changes(scheme, latest.get(scheme.pk), moved.get(scheme.pk))
        for scheme in schemes
    }


def _latest_positions(
    period: Period, schemes: Sequence[CapitalScheme]
) -> dict[int, SchemePosition]:
    """Return by scheme the latest position with a budget, of the period or before."""
    rows = SchemePosition.objects.filter(
        period__year=period.year_id,
        period__number__lte=period.number,
        budget_pence__isnull=False,
    ).select_related("period")
    if len(schemes) <= _LOOKED_UP:
        rows = rows.filter(scheme__in=schemes)
    return {row.scheme_id: row for row in rows.order_by("period__number")}


def _approved_since(
    period: Period, schemes: Sequence[CapitalScheme], since: Mapping[int, int]
) -> dict[int, BudgetChange]:
    """Return by scheme the changes approved after the period of `since`, up to this one."""
    found: dict[int, BudgetChange] = {}
    rows = ProgrammeChange.objects.filter(state=ChangeState.APPROVED, period__lte=period.number)
    few = len(schemes) <= _LOOKED_UP
    rows = rows.filter(scheme__in=schemes) if few else rows.filter(year=period.year_id)
    for row in rows.order_by():
        if row.period > since.get(row.scheme_id, -1):
            before = found.get(row.scheme_id, BudgetChange(0, 0))
            found[row.scheme_id] = BudgetChange(
                before.this_year + row.amount_pence, before.whole + row.total_amount_pence
            )
    return found


def _add_changes(
    scheme: CapitalScheme, latest: SchemePosition | None, moved: BudgetChange | None
) -> SchemeBudgets:
    """Return a scheme's budgets with its changes; without a budget it begins at nil."""
    start = scheme.original_budget_pence if latest is None else latest.budget_pence
    whole = None if latest is None else latest.total_budget_pence
    whole = scheme.total_budget_pence if whole is None else whole
    if moved is None:
        return SchemeBudgets(start, whole)
    return SchemeBudgets((start or 0) + moved.this_year, (whole or 0) + moved.whole)


def funding_budget(source: FundingSource, period: Period) -> int | None:
    """Return a source's revised budget in a period: the latest up to it, else the original."""
    return funding_budgets([source], period)[source.pk]


def funding_budgets(sources: Sequence[FundingSource], period: Period) -> dict[int, int | None]:
    """Return the revised budgets of sources in a period by id, in pence."""
    rows = FundingPosition.objects.filter(
        period__year=period.year_id,
        period__number__lte=period.number,
        budget_pence__isnull=False,
    )
    latest = {row.source_id: row.budget_pence for row in rows.order_by("period__number")}
    return {each.pk: latest.get(each.pk, each.original_pence) for each in sources}


def parts_of(scheme: CapitalScheme, period: Period) -> dict[PartKey, int]:
    """Return the parts of a scheme's forecast in a period, in pence."""
    rows = ForecastPart.objects.filter(scheme=scheme, period=period)
    return {(row.kind, row.number): row.amount_pence for row in rows}


def reasons_in(scheme: CapitalScheme, period: Period) -> list[VarianceReason]:
    """Return the reasons of a scheme's variance in a period, in their order."""
    rows = VarianceReason.objects.filter(scheme=scheme, period=period)
    return sorted(rows, key=lambda row: (row.order, row.pk))


def forecast_digest(scheme: CapitalScheme, period: Period) -> str:
    """Return a fingerprint of what is entered of a scheme, to notice changes made meanwhile."""
    position = position_of(scheme, period)
    values = [] if position is None else [getattr(position, name) for name in POSITION_FIELDS]
    reasons = [
        (row.project, row.kind, row.amount_pence, row.total_amount_pence, row.reason)
        for row in reasons_in(scheme, period)
    ]
    text = repr((values, sorted(parts_of(scheme, period).items()), reasons))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def waiting_changes(
    period: Period, schemes: QuerySet[CapitalScheme] | None = None
) -> QuerySet[ProgrammeChange, str]:
    """Return the references of changes up to a period that wait for approval, the oldest first.

    With `schemes`, those alone whose legs are all of these schemes.
    """
    changes = ProgrammeChange.objects.filter(year=period.year_id, state=ChangeState.PROPOSED)
    if schemes is not None:
        others = changes.exclude(scheme__in=schemes).values("reference")
        changes = changes.exclude(reference__in=others)
    found = changes.filter(period__lte=period.number).values("reference")
    return found.annotate(entered=Min("pk")).order_by("entered").values_list("reference", flat=True)


def legs_of_waiting(year: FinancialYear, references: Sequence[str]) -> list[list[ProgrammeChange]]:
    """Return the legs of each of these changes that wait for approval, the oldest first."""
    limits = {"state": ChangeState.PROPOSED, "reference__in": references}
    return list(_changes_by_reference(year, **limits).values())


def decided_changes(period: Period) -> QuerySet[ProgrammeChange]:
    """Return the approved changes up to a period."""
    return ProgrammeChange.objects.filter(
        year=period.year_id, period__lte=period.number, state=ChangeState.APPROVED
    )


def in_reported_order(
    changes: QuerySet[ProgrammeChange], year: FinancialYear
) -> QuerySet[ProgrammeChange]:
    """Return changes of a year with their schemes, the first reported first.

    To count them, count `changes`: here each is joined with its scheme.
    """
    # Every scheme is of the year; but PostgreSQL reads those of all years unless it is told.
    found = changes.filter(scheme__year=year).select_related("scheme")
    return found.order_by("period", "scheme__order", "reference", "pk")


def change_legs(year: FinancialYear, reference: str) -> list[ProgrammeChange]:
    """Return the legs of a change; empty where there is none of that reference."""
    return _changes_by_reference(year, reference=reference).get(reference, [])


def _changes_by_reference(year: FinancialYear, **limits: Any) -> dict[str, list[ProgrammeChange]]:
    rows = ProgrammeChange.objects.filter(year=year, **limits).select_related(
        "scheme", "entered_by", "decided_by", "funding__source"
    )
    found: dict[str, list[ProgrammeChange]] = {}
    for row in sorted(rows, key=lambda row: row.pk):
        found.setdefault(row.reference, []).append(row)
    return found


@dataclass(frozen=True)
class SchemeEffect:
    """The effect of a change on a scheme's budgets, before and after, in pence."""

    scheme: CapitalScheme
    before: SchemeBudgets
    after: SchemeBudgets


@dataclass(frozen=True)
class FundingEffect:
    """The effect of a change on a source's revised budget, in pence."""

    source: FundingSource
    before: int | None
    after: int


@dataclass(frozen=True)
class ChangeEffect:
    """What a change does to schemes and funding, and what of the programme lacks funding.

    `shortfall_before` and `shortfall_after` are the programme's revised budget less its funding.
    """

    schemes: tuple[SchemeEffect, ...]
    funding: tuple[FundingEffect, ...]
    shortfall_before: int
    shortfall_after: int

    @property
    def digest(self) -> str:
        """Return a fingerprint of the figures, by which a decision is tied to what was seen."""
        text = repr(
            (
                [(each.scheme.pk, each.before, each.after) for each in self.schemes],
                [(each.source.pk, each.before, each.after) for each in self.funding],
            )
        )
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def effect_of_change(
    period: Period,
    amounts: Sequence[tuple[CapitalScheme, BudgetChange]],
    funding: Mapping[FundingSource, int],
) -> ChangeEffect:
    """Return what amounts for schemes, and for the sources that pay for them, would change."""
    schemes = []
    for scheme, amount in amounts:
        before = budgets_of(scheme, period)
        after = SchemeBudgets(
            (before.this_year or 0) + amount.this_year, (before.whole or 0) + amount.whole
        )
        schemes.append(SchemeEffect(scheme, before, after))
    sources = []
    for source, pence in funding.items():
        was = funding_budget(source, period)
        sources.append(FundingEffect(source, was, (was or 0) + pence))
    short = shortfall_now(period)
    moved = sum(amount.this_year for _, amount in amounts) - sum(funding.values())
    return ChangeEffect(tuple(schemes), tuple(sources), short, short + moved)


def effect_of_legs(period: Period, legs: Iterable[ProgrammeChange]) -> ChangeEffect:
    """Return what the legs of a stored change would change."""
    legs = list(legs)
    amounts = [(leg.scheme, BudgetChange(leg.amount_pence, leg.total_amount_pence)) for leg in legs]
    paid = [leg.funding for leg in legs if hasattr(leg, "funding")]
    return effect_of_change(period, amounts, {each.source: each.amount_pence for each in paid})


def shortfall_now(period: Period) -> int:
    """Return the programme's revised budget less its funding as they are now, in pence."""
    paid = add_given(funding_budgets(funding_of(period.year), period).values())
    return sum_budgets(period) - (paid or 0)


def funding_balances(period: Period) -> list[Balance]:
    """Return expenditure and funding of the three columns, as a draft's section has them."""
    return compare_sums(read_columns(period), sum_columns(funding_rows(period)))
