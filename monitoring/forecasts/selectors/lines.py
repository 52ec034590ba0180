"""Read the lines of one service, for its forecast grid and for changes of its forecasts.

The cost depends on the number of the service's own lines, not of the year's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd
from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery

from council_finance.bulk import whole_numbers
from monitoring.figures.selectors.inputs import unreflected_virements, virement_legs
from monitoring.forecasts.models import ForecastEntry
from monitoring.ledger.models import Position
from monitoring.ledger.selectors.positions import POSITION_FIELDS
from monitoring.ledger.selectors.typed_forecasts import typed_forecasts, with_typed_forecasts
from monitoring.published.models import Report
from monitoring.published.report_rows import add_planned_use
from monitoring.published.selectors.reports import previous_report
from monitoring.structure.models import BudgetLine, Period, Service
from monitoring.structure.trees import Tree


def services_at(tree: Tree, service_id: int) -> list[int]:
    """Return ids of the services whose lines belong to an open service without others under it."""
    return [pk for pk in tree.register if tree.home(pk) == service_id]


def positions_at(batch_id: int | None, services: Iterable[int]) -> QuerySet[Position]:
    """Return a batch's positions of the lines of these services; none without a batch."""
    if batch_id is None:
        return Position.objects.none()
    return positions_of_lines(batch_id, service__in=services)


def positions_of_lines(batch_id: int, **line_conditions: Any) -> QuerySet[Position]:
    """Return a batch's positions of the lines that meet these conditions.

    PostgreSQL joins the tables. SQLite would read the whole batch for a join, and looks the
    positions up by the lines' ids instead.
    """
    if connection.vendor == "sqlite":
        lines = BudgetLine.objects.filter(**line_conditions).order_by().values("pk")
        return Position.objects.filter(batch=batch_id, line__in=lines)
    through_line = {f"line__{name}": value for name, value in line_conditions.items()}
    return Position.objects.filter(batch=batch_id, **through_line)


def service_lines(period: Period, services: list[int]) -> pd.DataFrame:
    """Return the period's lines of these services, read with one query.

    Columns of positions_frame, except that forecast is the file's or carried forward, and `typed`
    (Int64 pence) is the current typed one, if any.
    """
    entries = ForecastEntry.objects.filter(period=period, line=OuterRef("line_id"))
    rows = positions_at(period.batch_id, services)
    rows = rows.annotate(typed=Subquery(entries.order_by("-pk").values("forecast_pence")[:1]))
    fields = (*POSITION_FIELDS.values(), "line__service_id", "typed")
    nullable = ("original_budget", "actual_to_date", "forecast", "carried_from", "typed")
    names = [*POSITION_FIELDS, "service", "typed"]
    return whole_numbers(rows.order_by("line_id").values_list(*fields), names, nullable=nullable)


def previously_forecast(report: Report, lines: list[int]) -> pd.DataFrame:
    """Return those of these lines that are in a report: columns line, has_forecast."""
    rows = Position.objects.filter(batch=report.batch_id, line__in=lines).order_by("line_id")
    frame = whole_numbers(
        rows.values_list("line_id", "forecast_pence"), ["line", "forecast"], ["forecast"]
    )
    typed = typed_forecasts(report.period_id, through=report.last_forecast_entry, lines=lines)
    frame = with_typed_forecasts(frame, typed)
    return pd.DataFrame({"line": frame["line"], "has_forecast": frame["forecast"].notna()})


@dataclass(frozen=True)
class GridLine:
    """A line of the forecast grid; amounts in pence, None where not given.

    `source` is where the current forecast comes from: "typed", "file", "carried" or "none".
    """

    line: BudgetLine
    original_budget: int | None
    budget: int
    actual: int | None
    commitments: int | None
    profile: int | None
    planned_use: int
    forecast: int | None
    source: str
    carried_from: int | None
    entry: ForecastEntry | None
    last_forecast: int | None
    previous_variance: int | None

    @property
    def variance(self) -> int | None:
        """Return the net variance: forecast less budget, and planned use of reserves."""
        gross = None if self.forecast is None else self.forecast - self.budget
        return add_planned_use(gross, self.planned_use)

    @property
    def movement(self) -> int | None:
        """Return the change of the variance since the previous report, restated."""
        if self.variance is None or self.previous_variance is None:
            return None
        return self.variance - self.previous_variance


def line_positions(period: Period, services: list[int], text: str = "") -> QuerySet[Position]:
    """Return the period's positions of these services' lines, by code, that contain `text`."""
    rows = positions_at(period.batch_id, services)
    if text:
        by_text = BudgetLine.objects.filter(service__in=services)
        found = (
            by_text.filter(cost_centre__icontains=text)
            | by_text.filter(account__icontains=text)
            | by_text.filter(description__icontains=text)
        )
        rows = rows.filter(line__in=found)
    return rows.select_related("line").order_by("line__cost_centre", "line__account")


def grid_lines(period: Period, positions: list[Position]) -> list[GridLine]:
    """Return the positions as lines of the grid, with typed forecasts and previous figures."""
    ids = [position.line_id for position in positions]
    entries = {entry.line_id: entry for entry in _last_entries(period, ids)}
    previous = _previous_by_line(period, ids)
    return [
        _build_grid_line(
            position, entries.get(position.line_id), previous.get(position.line_id, PreviousLine())
        )
        for position in positions
    ]


def _last_entries(period: Period, ids: list[int]) -> list[ForecastEntry]:
    entries = ForecastEntry.objects.filter(period=period, line__in=ids).select_related("by")
    return list(entries.order_by("pk"))


@dataclass(frozen=True)
class PreviousLine:
    """A line in the previous report, in pence: its forecast, and its restated net variance."""

    forecast: int | None = None
    net_variance: int | None = None


def _previous_by_line(period: Period, ids: list[int]) -> dict[int, PreviousLine]:
    """Return the lines in the previous report by id; empty where there is none."""
    report = previous_report(period)
    if report is None:
        return {}
    frame = _report_lines(report, ids)
    gross = frame["forecast"] - frame["budget"]
    net = gross.fillna(0) + frame["planned"]
    restated = dict(zip(frame["line"].tolist(), net.tolist(), strict=True))
    legs = virement_legs(unreflected_virements(period, report))
    for leg in legs.itertuples():
        effect = leg.forecast_amount - leg.amount
        for line, sign in ((leg.to_line, 1), (leg.from_line, -1)):
            if not pd.isna(line):
                restated[int(line)] = restated.get(int(line), 0) + sign * effect
    forecasts = {
        row.line: None if pd.isna(row.forecast) else int(row.forecast) for row in frame.itertuples()
    }
    return {line: PreviousLine(forecasts.get(line), int(restated.get(line, 0))) for line in ids}


def _report_lines(report: Report, ids: list[int]) -> pd.DataFrame:
    """Return the report's lines of these ids: line, budget, planned (int64), forecast (Int64)."""
    rows = Position.objects.filter(batch=report.batch_id, line__in=ids).order_by("line_id")
    fields = rows.values_list(
        "line_id",
        "current_budget_pence",
        "planned_use_of_reserves_pence",
        "planned_use_of_capital_receipts_pence",
        "forecast_pence",
    )
    names = ["line", "budget", "reserves", "receipts", "forecast"]
    frame = whole_numbers(fields, names, nullable=["forecast"])
    typed = typed_forecasts(report.period_id, through=report.last_forecast_entry, lines=ids)
    frame = with_typed_forecasts(frame, typed)
    return frame.assign(planned=frame["reserves"] + frame["receipts"])


def _build_grid_line(
    position: Position, entry: ForecastEntry | None, previous: PreviousLine
) -> GridLine:
    forecast = position.forecast_pence
    source = "file" if forecast is not None else "none"
    if entry is not None and entry.forecast_pence is not None:
        forecast, source = entry.forecast_pence, "typed"
    elif position.forecast_carried_from is not None:
        source = "carried"
    return GridLine(
        line=position.line,
        original_budget=position.original_budget_pence,
        budget=position.current_budget_pence,
        actual=position.actual_to_date_pence,
        commitments=position.commitments_pence,
        profile=position.profiled_budget_to_date_pence,
        planned_use=position.planned_use_of_reserves_pence
        + position.planned_use_of_capital_receipts_pence,
        forecast=forecast,
        source=source,
        carried_from=position.forecast_carried_from if source == "carried" else None,
        entry=entry,
        last_forecast=previous.forecast,
        previous_variance=previous.net_variance,
    )


def find_service(start: int, code: str) -> Service | None:
    """Return the service with this code in the year that begins then; None where there is none."""
    return Service.objects.select_related("year").filter(year__start=start, code=code).first()
