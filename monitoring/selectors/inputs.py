"""What a recompute needs, read into frames of whole pence."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pandas as pd
from django.db.models import QuerySet

from council_finance.bulk import whole_numbers
from monitoring.calculations import Previous, line_variances
from monitoring.models import (
    Batch,
    BudgetLine,
    FinancialYear,
    Period,
    PeriodState,
    Position,
    Report,
    Service,
    Virement,
)
from monitoring.selectors.forecasts import typed_forecasts, with_typed
from monitoring.selectors.frozen import frozen_of
from monitoring.trees import ServiceRow, Tree

OPEN_KINDS = ("node", "service")
"""Kinds of rows that stand for open services; the others are strays."""

POSITION_FIELDS = {
    "line": "line_id",
    "given_service": "service_id",
    "original_budget": "original_budget_pence",
    "current_budget": "current_budget_pence",
    "actual_to_date": "actual_to_date_pence",
    "forecast": "forecast_pence",
    "use_of_reserves": "planned_use_of_reserves_pence",
    "use_of_capital_receipts": "planned_use_of_capital_receipts_pence",
    "carried_from": "forecast_carried_from",
}
"""Columns of a positions frame, and the fields they come from."""

_AT_ONCE = 5_000
"""Databases take only so many values in one question."""

_NOT_ASKED = ("original_budget", "carried_from")
_NULLABLE = ("original_budget", "actual_to_date", "forecast", "carried_from")


def service_rows(year: FinancialYear) -> list[ServiceRow]:
    """The year's register of services."""
    return [
        ServiceRow(
            service.pk,
            service.code,
            service.name,
            service.parent_id,
            service.order,
            service.total_label,
            service.section,
            service.successor_id,
            service.named,
        )
        for service in Service.objects.filter(year=year)
    ]


def services_with_open_lines(year: FinancialYear) -> set[int]:
    """Ids of the services on which a line of an open period hangs."""
    positions = Position.objects.filter(batch__in=_open_batches(year)).order_by()
    return set(positions.values_list("line__service", flat=True).distinct())


def lines_in_open_periods(year: FinancialYear, lines: QuerySet[BudgetLine]) -> dict[int, int]:
    """Of these lines of the year those with a position in an open period, with their services."""
    services = dict(lines.order_by().values_list("pk", "service"))
    held = _held(_open_batches(year), list(services))
    return {line: services[line] for line in held}


def _held(batches: list[int], lines: list[int]) -> set[int]:
    """Those of the lines that have a position in one of the batches.

    By their ids: where the database has not counted a new batch yet, it compares every line of a
    subquery with every position.
    """
    found: set[int] = set()
    for start in range(0, len(lines) if batches else 0, _AT_ONCE):
        some = lines[start : start + _AT_ONCE]
        positions = Position.objects.filter(batch__in=batches, line__in=some).order_by()
        found |= set(positions.values_list("line_id", flat=True))
    return found


def _open_batches(year: FinancialYear, besides: Period | None = None) -> list[int]:
    """Ids of the batches of the year's open periods, but for one."""
    periods = Period.objects.filter(year=year, state=PeriodState.OPEN, batch__isnull=False)
    others = periods if besides is None else periods.exclude(pk=besides.pk)
    return list(others.values_list("batch", flat=True))


def current_tree(year: FinancialYear) -> Tree:
    """The tree as it stands today."""
    rows = service_rows(year)
    if not any(not row.named and row.successor is None for row in rows):
        return Tree.of(rows, set())
    waiting = BudgetLine.objects.filter(service__named=False, service__successor=None)
    held = lines_in_open_periods(year, waiting.filter(service__year=year))
    return Tree.of(rows, set(held.values()))


def _tree_with(period: Period, services: pd.Series, services_by_line: pd.Series) -> Tree:
    """The tree once lines stand where `services_by_line` says.

    `services` are those of the period's own positions; of the other open periods the lines are
    asked which stand on a service that waits to close.
    """
    rows = service_rows(period.year)
    with_lines = {int(service) for service in services.unique()}
    waiting = {row.id for row in rows if not row.named and row.successor is None} - with_lines
    stored = services_by_line[services_by_line.isin(waiting) & (services_by_line.index > 0)]
    if len(stored):
        batches = _open_batches(period.year, besides=period)
        held = _held(batches, [int(line) for line in stored.index])
        with_lines |= {int(stored[line]) for line in held}
    return Tree.of(rows, with_lines)


def tree_of_figures(year: FinancialYear, nodes: Iterable[dict]) -> Tree:
    """The tree by which a draft's rows were worked out, with its stray rows; one question."""
    open_ids = {node["service"] for node in nodes if node["kind"] in OPEN_KINDS}
    strays = {node["service"] for node in nodes if node["kind"] not in OPEN_KINDS}
    return Tree.with_open(service_rows(year), open_ids).with_strays(strays)


def stored_positions(batch: Batch) -> pd.DataFrame:
    """Return what ledger_positions does, with the typed forecasts of the batch's period."""
    return with_typed(ledger_positions(batch), typed_forecasts(batch.period_id))


def ledger_positions(batch: Batch) -> pd.DataFrame:
    """Return what later periods need of a batch, without typed forecasts.

    Columns of POSITION_FIELDS, but for _NOT_ASKED.
    """
    rows = Position.objects.filter(batch=batch).order_by("line_id")
    names = [name for name in POSITION_FIELDS if name not in _NOT_ASKED]
    fields = rows.values_list(*(POSITION_FIELDS[name] for name in names))
    return whole_numbers(fields, names, nullable=_NULLABLE)


def positions_frame(batch: Batch, through: int | None = None) -> pd.DataFrame:
    """The batch's positions: columns of POSITION_FIELDS and `service`, the line's place today.

    With the typed forecasts of its period, up to the entry `through` where that is given.
    """
    rows = Position.objects.filter(batch=batch).order_by("line_id")
    fields = rows.values_list(*POSITION_FIELDS.values(), "line__service_id")
    frame = whole_numbers(fields, [*POSITION_FIELDS, "service"], nullable=_NULLABLE)
    return with_typed(frame, typed_forecasts(batch.period_id, through=through))


def report_positions(report: Report) -> pd.DataFrame:
    """The positions that a report froze, as positions_frame gives them."""
    return positions_frame(report.batch, report.last_forecast_entry)


def earlier_period(period: Period) -> Period | None:
    """The nearest earlier period of the year that has figures."""
    earlier = Period.objects.filter(year=period.year, number__lt=period.number, batch__isnull=False)
    return earlier.select_related("batch").order_by("-number").first()


def previous_report(period: Period) -> Report | None:
    """The latest published report before the period in its year, in its latest version."""
    reports = Report.objects.filter(period__year=period.year, period__number__lt=period.number)
    return reports.order_by("-period__number", "-version").first()


def previous_lines(report: Report, positions: pd.DataFrame) -> pd.DataFrame:
    """The report's frozen lines: line, service (today), published_service, net_variance (Int64),
    has_forecast, current_budget. `positions` are those of its batch, with their service today."""
    lines = line_variances(positions)
    moved = {int(line): service for line, service in report.line_services.items()}
    published = lines["line"].map(moved).astype("Int64").fillna(lines["given_service"])
    return pd.DataFrame(
        {
            "line": lines["line"],
            "service": lines["service"],
            "published_service": published.astype("int64"),
            "net_variance": lines["net_variance"],
            "has_forecast": lines["forecast"].notna(),
            "current_budget": lines["current_budget"],
        }
    )


def published_variances(report: Report) -> pd.Series:
    """The published net variance of every node of a report's frozen tree, by service id."""
    nodes = [node for node in frozen_of(report)["nodes"] if node["kind"] != "closed"]
    return pd.Series(
        pd.array([node["net_variance"] for node in nodes], dtype="Int64"),
        index=[node["service"] for node in nodes],
    )


def approved_virements(period: Period) -> QuerySet[Virement]:
    """What the period's report reflects: approved, of its period or before."""
    return Virement.objects.filter(
        year=period.year, period__lte=period.number, approved_on__isnull=False
    )


def virement_legs(virements: QuerySet[Virement]) -> pd.DataFrame:
    """Legs with the columns that virement_effects wants."""
    rows = virements.order_by("pk").values_list(
        "pk", "from_line_id", "to_line_id", "amount_pence", "forecast_amount_pence"
    )
    columns = ["virement", "from_line", "to_line", "amount", "forecast_amount"]
    return whole_numbers(rows, columns, nullable=("from_line", "to_line"))


def unreflected_virements(period: Period, report: Report | None) -> QuerySet[Virement]:
    """Approved virements of the period or before that the previous report did not reflect."""
    virements = approved_virements(period)
    return virements if report is None else virements.exclude(pk__in=report.virements.all())


@dataclass(frozen=True)
class Inputs:
    """Everything that compute_figures takes."""

    tree: Tree
    positions: pd.DataFrame
    previous_report: Report | None
    previous: Previous | None
    legs: pd.DataFrame
    line_services: pd.Series


def figures_inputs(period: Period) -> Inputs:
    """Read what the period's figures are worked out from. The period has a batch."""
    report = previous_report(period)
    legs = virement_legs(unreflected_virements(period, report))
    ends = {int(line) for name in ("from_line", "to_line") for line in legs[name].dropna()}
    lines = BudgetLine.objects.filter(pk__in=ends).values_list("pk", "service_id")
    return Inputs(
        tree=current_tree(period.year),
        positions=positions_frame(period.batch),
        previous_report=report,
        previous=None
        if report is None
        else Previous(
            previous_lines(report, report_positions(report)), published_variances(report)
        ),
        legs=legs,
        line_services=pd.Series(dict(lines), dtype="int64"),
    )


def figures_inputs_with(
    period: Period,
    positions: pd.DataFrame,
    services_by_line: pd.Series,
    stored: Callable[[Batch, int | None], pd.DataFrame],
) -> Inputs:
    """The same for positions that are about to be stored.

    `positions` has the columns of POSITION_FIELDS but given_service; `services_by_line` says where
    every line of the year will stand; `stored` reads a batch's positions with the typed forecasts
    up to an entry, or has them already.
    """
    report = previous_report(period)
    previous = None
    if report is not None:
        before = stored(report.batch, report.last_forecast_entry)
        services = before["line"].map(services_by_line).astype("int64")
        before = previous_lines(report, before.assign(service=services))
        previous = Previous(before, published_variances(report))
    positions = positions.assign(service=positions["line"].map(services_by_line).astype("int64"))
    return Inputs(
        tree=_tree_with(period, positions["service"], services_by_line),
        positions=positions,
        previous_report=report,
        previous=previous,
        legs=virement_legs(unreflected_virements(period, report)),
        line_services=services_by_line,
    )
