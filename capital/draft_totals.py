"""The totals of a draft's capital programme, summed in the database.

They are those of `capital.programme_totals.add_lines` over the draft's lines, to the penny; only
the variations budgets, which are few, are read line by line.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count, F, FilteredRelation, Q, Sum
from django.db.models.functions import Coalesce

from capital.calculations import (
    ColumnSums,
    Reconciliation,
    SchemeFigures,
    fill_forecasts,
)
from capital.draft_rows import (
    Places,
    build_rows,
    change_rows,
    places_of_services,
    previous_section,
    reason_rows,
)
from capital.models import (
    CapitalScheme,
    ChangeState,
    ProgrammeChange,
    SchemeKind,
    VarianceReason,
)
from capital.programme_section import ProgrammeSection
from capital.programme_totals import GroupTotals, ProgrammeTotals, add_lines
from capital.report_rows import COST, REPHASING, SchemeRow
from capital.selectors import positions_of_schemes, schemes_of
from council_finance.periods import CLOSE
from monitoring.models import Period

Sums = dict[str, Any]
"""The sums of the schemes of one service by name, as the database gives them."""

_TOTAL_BUDGET = Coalesce("now__total_budget_pence", "total_budget_pence")
"""A scheme's approved total: the period's, or else the year's."""


def read_totals(period: Period) -> ProgrammeTotals:
    """Return the totals of the programme of a period that is not published."""
    sums = _sums_by_service(period)
    lines = schemes_of(period.year, kind=SchemeKind.VARIATIONS)
    services = {*sums, *(line.service_id for line in lines)}
    places, before = places_of_services(services, period.year), previous_section(period)
    previous = _previous_by_service(period, before) if before.variance_by_reference else {}
    groups = [
        _build_group(places.homes[service], row, previous.get(service))
        for service, row in sums.items()
    ]
    return _with_variations(groups, period, lines, places, before)


def _sums_by_service(period: Period) -> dict[int | None, Sums]:
    """Return the sums of the schemes of each service, with those of their reasons and changes."""
    sums: dict[int | None, Sums] = {
        row["service_id"]: {**row, "reasons": {}, "changes": {}} for row in _sum_schemes(period)
    }
    if not sums:
        return sums
    for row in _sum_reasons(period):
        sums[row["scheme__service_id"]]["reasons"][row["kind"]] = row
    for row in _sum_changes(period):
        sums[row["scheme__service_id"]]["changes"][row["kind"]] = row
    return sums


def _sum_schemes(period: Period) -> Iterable[Mapping[str, Any]]:
    now = FilteredRelation("positions", condition=Q(positions__period=period))
    schemes = CapitalScheme.objects.filter(year=period.year_id).exclude(kind=SchemeKind.VARIATIONS)
    return (
        schemes.order_by()
        .annotate(now=now)
        .values("service_id")
        .annotate(
            lines=Count("pk"),
            original=Sum("original_budget_pence"),
            budget=Sum("now__budget_pence"),
            actual=Sum("now__actual_to_date_pence"),
            forecast=Sum("now__forecast_pence"),
            # A difference is null, and left out of the sum, where either amount is not given.
            variance=Sum(F("now__forecast_pence") - F("now__budget_pence")),
            total_budget=Sum(_TOTAL_BUDGET),
            total_forecast=Sum("now__total_forecast_pence"),
            total_variance=Sum(F("now__total_forecast_pence") - _TOTAL_BUDGET),
            original_of_budgeted=Sum(
                Coalesce("original_budget_pence", 0), filter=Q(now__budget_pence__isnull=False)
            ),
            without_budget=Count("pk", filter=Q(now__isnull=False, now__budget_pence__isnull=True)),
            without_forecast=Count(
                "pk", filter=Q(now__isnull=False, now__forecast_pence__isnull=True)
            ),
        )
    )


def _sum_reasons(period: Period) -> Iterable[Mapping[str, Any]]:
    """Return the reasons by service and kind: of all schemes, and of those with a variance."""
    now = FilteredRelation("scheme__positions", condition=Q(scheme__positions__period=period))
    has_variance = Q(now__budget_pence__isnull=False, now__forecast_pence__isnull=False)
    reasons = VarianceReason.objects.filter(period=period)
    return (
        reasons.exclude(scheme__kind=SchemeKind.VARIATIONS)
        .order_by()
        .annotate(now=now)
        .values("scheme__service_id", "kind")
        .annotate(
            amount=Sum("amount_pence", default=0),
            explained=Sum("amount_pence", filter=has_variance, default=0),
        )
    )


def _sum_changes(period: Period) -> Iterable[Mapping[str, Any]]:
    """Return the changes by service and kind: of all schemes, and of those with a budget."""
    now = FilteredRelation("scheme__positions", condition=Q(scheme__positions__period=period))
    changes = ProgrammeChange.objects.filter(
        year=period.year_id, period__lte=period.number, state=ChangeState.APPROVED
    )
    return (
        changes.exclude(scheme__kind=SchemeKind.VARIATIONS)
        .order_by()
        .annotate(now=now)
        .values("scheme__service_id", "kind")
        .annotate(
            amount=Sum("amount_pence"),
            of_budgeted=Sum("amount_pence", filter=Q(now__budget_pence__isnull=False), default=0),
        )
    )


def _previous_by_service(period: Period, before: ProgrammeSection) -> dict[int | None, int]:
    """Return the previous report's variance of the schemes that each service has today."""
    found: dict[int | None, int] = {}
    schemes = CapitalScheme.objects.filter(year=period.year_id).exclude(kind=SchemeKind.VARIATIONS)
    variances = before.variance_by_reference
    for reference, service in schemes.order_by().values_list("reference", "service_id"):
        if reference in variances:
            found[service] = found.get(service, 0) + variances[reference]
    return found


def _build_group(home: str, sums: Sums, previous: int | None) -> GroupTotals:
    return GroupTotals(
        home=home,
        is_variations=False,
        lines=sums["lines"],
        figures=_figures_of(sums),
        way=_way_of(sums),
        previous_variance=previous,
        columns=ColumnSums(
            {name: sums[name] for name in ("original", "budget", "forecast")},
            frozenset(name for name in ("budget", "forecast") if sums[f"without_{name}"]),
        ),
    )


def _figures_of(sums: Sums) -> SchemeFigures:
    reasons: Mapping[str, Sums] = sums["reasons"]
    named = {kind: reasons[kind]["amount"] if kind in reasons else 0 for kind in (REPHASING, COST)}
    explained = sum(row["explained"] for row in reasons.values())
    return SchemeFigures(
        original=sums["original"],
        budget=sums["budget"],
        actual=sums["actual"],
        forecast=sums["forecast"],
        variance=sums["variance"],
        rephasing=named[REPHASING],
        cost=named[COST],
        unexplained=None if sums["variance"] is None else sums["variance"] - explained,
        total_budget=sums["total_budget"],
        total_forecast=sums["total_forecast"],
        total_variance=sums["total_variance"],
    )


def _way_of(sums: Sums) -> Reconciliation:
    changes: Mapping[str, Sums] = sums["changes"]
    other = None
    if sums["budget"] is not None:
        explained = sum(row["of_budgeted"] for row in changes.values())
        other = sums["budget"] - sums["original_of_budgeted"] - explained
    by_kind = {kind: row["amount"] for kind, row in changes.items()}
    return Reconciliation(sums["original"], by_kind, other, sums["budget"])


def _with_variations(
    groups: list[GroupTotals],
    period: Period,
    lines: list[CapitalScheme],
    places: Places,
    before: ProgrammeSection,
) -> ProgrammeTotals:
    """Return the totals with the variations budgets, whose blank forecasts follow from slippage."""
    if not lines:
        return ProgrammeTotals(tuple(groups), ())
    stored = positions_of_schemes(period, lines)
    variances = [(group.home, group.figures.variance) for group in groups]
    rows: tuple[SchemeRow, ...] = fill_forecasts(
        build_rows(lines, stored, places.homes, before),
        variances,
        places.holds,
        at_close=period.number == CLOSE,
    )
    section = ProgrammeSection(
        {
            "schemes": [row.to_data() for row in rows],
            "reasons": [dict(vars(row)) for row in reason_rows(period, lines)],
            "changes": [dict(vars(row)) for row in change_rows(period, lines)],
        }
    )
    added = add_lines(section.schemes, section.reasons_by_scheme, section.changes_by_scheme)
    return ProgrammeTotals((*groups, *added.groups), added.variations)
