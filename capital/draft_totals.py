"""The totals of a draft's capital programme, summed in the database.

They are those of `capital.programme_totals.add_lines` over the draft's lines, to the penny; only
the variations budgets, which are few, are read line by line.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, QuerySet, Sum
from django.db.models.functions import Coalesce

from capital.calculations import (
    ColumnSums,
    HomeVariance,
    Reconciliation,
    SchemeFigures,
    add_column_sums,
    add_given,
    fill_forecasts,
    lacks_forecast,
    sum_columns,
)
from capital.draft_rows import (
    Places,
    build_rows,
    change_rows,
    places_of_services,
    reason_rows,
)
from capital.models import (
    CapitalScheme,
    ChangeState,
    ProgrammeChange,
    SchemeKind,
    SchemePosition,
    VarianceReason,
)
from capital.programme_section import ProgrammeSection
from capital.programme_totals import GroupTotals, ProgrammeTotals, add_lines
from capital.published_schemes import previous_schemes, previous_variances
from capital.report_rows import COST, REPHASING, SchemeRow
from capital.selectors import SCHEMES, positions_of_schemes, schemes_of
from council_finance.periods import CLOSE
from monitoring.models import Period

Sums = dict[str, Any]
"""The sums of the schemes of one service by name, as the database gives them."""


def read_totals(period: Period) -> ProgrammeTotals:
    """Return the totals of the programme of a period that is not published."""
    sums = _sums_by_service(period)
    lines = schemes_of(period.year, kind=SchemeKind.VARIATIONS)
    services = {*sums, *(line.service_id for line in lines)}
    places = places_of_services(services, period.year)
    previous = previous_variances(period.compared_with, period.year) if services else {}
    groups = [
        _build_group(places.homes[service], row, previous.get(service))
        for service, row in sums.items()
    ]
    return _with_variations(groups, period, lines, places)


def _sums_by_service(period: Period) -> dict[int | None, Sums]:
    """Return the sums of the schemes of each service, with those of their reasons and changes."""
    if SCHEMES.is_known_empty(period.year):
        return {}
    sums: dict[int | None, Sums] = {
        row["service_id"]: _start_sums(row) for row in _sum_schemes(period)
    }
    if not sums:
        return sums
    for row in _sum_positions(period):
        service = sums[row["scheme__service_id"]]
        total = add_given([service["total_budget"], row["total_budget_changed"]])
        service |= {**row, "total_budget": total}
    for row in _sum_reasons(period):
        sums[row["scheme__service_id"]]["reasons"][row["kind"]] = row["amount"]
    for row in _sum_changes(period):
        sums[row["scheme__service_id"]]["changes"][row["kind"]] = row["amount"]
    _leave_out(period, sums)
    return sums


def _start_sums(row: Mapping[str, Any]) -> Sums:
    """Return the sums of a service's schemes with none of positions, reasons and changes yet."""
    amounts = ("budget", "actual", "forecast", "variance", "total_forecast", "total_variance")
    counts = ("reported", "with_budget", "with_forecast", "with_variance")
    left_out = ("reasons_left_out", "changes_left_out", "original_left_out")
    return {
        **row,
        **dict.fromkeys(amounts),
        **dict.fromkeys((*counts, *left_out), 0),
        "reasons": {},
        "changes": {},
    }


def _sum_schemes(period: Period) -> Iterable[Mapping[str, Any]]:
    return (
        _schemes_of(period)
        .values("service_id")
        .annotate(
            lines=Count("pk"),
            original=Sum("original_budget_pence"),
            total_budget=Sum("total_budget_pence"),
        )
    )


def _sum_positions(period: Period) -> Iterable[Mapping[str, Any]]:
    """Return the sums of a period's positions by service.

    `total_budget_changed` is what the period's approved totals differ from the year's. A difference
    is null, and left out of a sum, where either amount is not given.
    """
    # Read from positions to schemes: the other way round takes half as long again.
    positions = SchemePosition.objects.filter(period=period, **_of_year(period)).order_by()
    total_budget = Coalesce("total_budget_pence", "scheme__total_budget_pence")
    return (
        positions.exclude(scheme__kind=SchemeKind.VARIATIONS)
        .values("scheme__service_id")
        .annotate(
            reported=Count("pk"),
            with_budget=Count("budget_pence"),
            with_forecast=Count("forecast_pence"),
            with_variance=Count(F("forecast_pence") - F("budget_pence")),
            budget=Sum("budget_pence"),
            actual=Sum("actual_to_date_pence"),
            forecast=Sum("forecast_pence"),
            variance=Sum(F("forecast_pence") - F("budget_pence")),
            total_budget_changed=Sum(
                F("total_budget_pence") - Coalesce("scheme__total_budget_pence", 0)
            ),
            total_forecast=Sum("total_forecast_pence"),
            total_variance=Sum(F("total_forecast_pence") - total_budget),
        )
    )


def _schemes_of(period: Period) -> QuerySet[CapitalScheme]:
    """Return the schemes of a period's year without variations budgets."""
    schemes = CapitalScheme.objects.filter(year=period.year_id).order_by()
    return schemes.exclude(kind=SchemeKind.VARIATIONS)


def _of_year(period: Period) -> dict[str, int]:
    """Return the condition that a row's scheme is of the period's year.

    Every one is; but PostgreSQL reads the schemes of all years unless it is told. SQLite is not
    told, as it would begin with the schemes, which takes longer.
    """
    return {"scheme__year": period.year_id} if connection.vendor == "postgresql" else {}


def _sum_reasons(period: Period) -> Iterable[Mapping[str, Any]]:
    """Return the amounts of the reasons by service and kind."""
    return (
        _reasons_of_schemes(period)
        .values("scheme__service_id", "kind")
        .annotate(amount=Sum("amount_pence", default=0))
    )


def _sum_changes(period: Period) -> Iterable[Mapping[str, Any]]:
    """Return the amounts of the approved changes by service and kind."""
    return (
        _changes_of_schemes(period)
        .values("scheme__service_id", "kind")
        .annotate(amount=Sum("amount_pence"))
    )


def _leave_out(period: Period, sums: dict[int | None, Sums]) -> None:
    """Note by service the reasons, changes and original budgets that explain nothing.

    They are those of schemes that lack a variance, or a revised budget.

    Such schemes are looked for only where the sums say that there are any.
    """
    if any(row["with_variance"] < row["lines"] for row in sums.values()):
        reasons = _reasons_of_schemes(period).exclude(
            _has_position(period, budget_pence__isnull=False, forecast_pence__isnull=False)
        )
        for service, pence in _sum_by_service(reasons):
            sums[service]["reasons_left_out"] = pence
    if any(row["with_budget"] < row["lines"] for row in sums.values()):
        changes = _changes_of_schemes(period).exclude(
            _has_position(period, budget_pence__isnull=False)
        )
        for service, pence in _sum_by_service(changes):
            sums[service]["changes_left_out"] = pence
        for row in _original_without_budget(period):
            sums[row["service_id"]]["original_left_out"] = row["original"]


def _original_without_budget(period: Period) -> Iterable[Mapping[str, Any]]:
    budgeted = SchemePosition.objects.filter(
        period=period, scheme=OuterRef("pk"), budget_pence__isnull=False
    )
    schemes = _schemes_of(period).exclude(Exists(budgeted))
    return schemes.values("service_id").annotate(original=Sum("original_budget_pence", default=0))


def _has_position(period: Period, **amounts: bool) -> Exists:
    """Return the condition that a row's scheme has a position with these amounts."""
    return Exists(
        SchemePosition.objects.filter(period=period, scheme=OuterRef("scheme"), **amounts)
    )


def _sum_by_service(rows: QuerySet[Any]) -> Iterator[tuple[int | None, int]]:
    summed = rows.values("scheme__service_id").annotate(pence=Sum("amount_pence", default=0))
    yield from summed.values_list("scheme__service_id", "pence")


def _reasons_of_schemes(period: Period) -> QuerySet[VarianceReason]:
    """Return the reasons of a period's variances without those of variations budgets."""
    reasons = VarianceReason.objects.filter(period=period, **_of_year(period)).order_by()
    return reasons.exclude(scheme__kind=SchemeKind.VARIATIONS)


def _changes_of_schemes(period: Period) -> QuerySet[ProgrammeChange]:
    """Return the approved changes up to a period without those of variations budgets."""
    changes = ProgrammeChange.objects.filter(
        year=period.year_id,
        period__lte=period.number,
        state=ChangeState.APPROVED,
        **_of_year(period),
    ).order_by()
    return changes.exclude(scheme__kind=SchemeKind.VARIATIONS)


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
            _find_incomplete(sums),
        ),
    )


def _find_incomplete(sums: Mapping[str, Any]) -> frozenset[str]:
    """Return the columns in which a scheme that is reported lacks its amount."""
    columns = ("budget", "forecast")
    return frozenset(name for name in columns if sums[f"with_{name}"] < sums["reported"])


def _figures_of(sums: Sums) -> SchemeFigures:
    reasons: Mapping[str, int] = sums["reasons"]
    explained = sum(reasons.values()) - sums["reasons_left_out"]
    return SchemeFigures(
        original=sums["original"],
        budget=sums["budget"],
        actual=sums["actual"],
        forecast=sums["forecast"],
        variance=sums["variance"],
        rephasing=reasons.get(REPHASING, 0),
        cost=reasons.get(COST, 0),
        unexplained=None if sums["variance"] is None else sums["variance"] - explained,
        total_budget=sums["total_budget"],
        total_forecast=sums["total_forecast"],
        total_variance=sums["total_variance"],
    )


def _way_of(sums: Sums) -> Reconciliation:
    by_kind: dict[str, int] = sums["changes"]
    other = None
    if sums["budget"] is not None:
        explained = sum(by_kind.values()) - sums["changes_left_out"]
        original = (sums["original"] or 0) - sums["original_left_out"]
        other = sums["budget"] - original - explained
    return Reconciliation(sums["original"], by_kind, other, sums["budget"])


def _with_variations(
    groups: list[GroupTotals], period: Period, lines: list[CapitalScheme], places: Places
) -> ProgrammeTotals:
    """Return the totals with the variations budgets, whose blank forecasts follow from slippage."""
    if not lines:
        return ProgrammeTotals(tuple(groups), ())
    variances = [(group.home, group.figures.variance) for group in groups]
    rows = _fill_variations(period, lines, places, lambda: variances)
    section = ProgrammeSection(
        {
            "schemes": [row.to_data() for row in rows],
            "reasons": [dict(vars(row)) for row in reason_rows(period, lines)],
            "changes": [dict(vars(row)) for row in change_rows(period, lines)],
        }
    )
    added = add_lines(section.schemes, section.reasons_by_scheme, section.changes_by_scheme)
    return ProgrammeTotals((*groups, *added.groups), added.variations)


def _fill_variations(
    period: Period,
    lines: list[CapitalScheme],
    places: Places,
    variances: Callable[[], list[HomeVariance]],
) -> tuple[SchemeRow, ...]:
    """Return variations budgets of a period; `variances` reads those of the schemes."""
    stored = positions_of_schemes(period, lines)
    before = previous_schemes(period.compared_with, [line.reference for line in lines])
    rows = build_rows(lines, stored, places.homes, before)
    if not any(lacks_forecast(row) for row in rows):
        return tuple(rows)
    return fill_forecasts(rows, variances(), places.holds, at_close=period.number == CLOSE)


def read_columns(period: Period) -> ColumnSums:
    """Return what the funding of a period that is not published is compared with.

    The same as the columns of its totals, without reading what these sum besides.
    """
    schemes, lines = _schemes_of(period), schemes_of(period.year, kind=SchemeKind.VARIATIONS)
    positions = SchemePosition.objects.filter(period=period).exclude(scheme__in=lines)
    now = positions.order_by().aggregate(
        budget=Sum("budget_pence"),
        forecast=Sum("forecast_pence"),
        reported=Count("pk"),
        with_budget=Count("budget_pence"),
        with_forecast=Count("forecast_pence"),
        variance=Sum(F("forecast_pence") - F("budget_pence")),
    )
    original = schemes.aggregate(original=Sum("original_budget_pence"))
    amounts = {"budget": now["budget"], "forecast": now["forecast"], **original}
    sums = ColumnSums(amounts, _find_incomplete(now))
    if not lines:
        return sums
    if any(line.service_id for line in lines):
        services = set(schemes.values_list("service_id", flat=True).distinct())
        places = places_of_services(services | {line.service_id for line in lines}, period.year)
        rows = _fill_variations(period, lines, places, lambda: _read_variances(period, places))
    else:
        places = places_of_services({None}, period.year)
        rows = _fill_variations(period, lines, places, lambda: [("", now["variance"])])
    return add_column_sums([sums, sum_columns(rows)])


def _read_variances(period: Period, places: Places) -> list[HomeVariance]:
    rows = (
        SchemePosition.objects.filter(period=period)
        .exclude(scheme__kind=SchemeKind.VARIATIONS)
        .order_by()
        .values("scheme__service_id")
        .annotate(variance=Sum(F("forecast_pence") - F("budget_pence")))
    )
    return [(places.homes[row["scheme__service_id"]], row["variance"]) for row in rows]
