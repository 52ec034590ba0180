"""Read the lines of one service, for its forecast grid and for changes of its forecasts.

The cost depends on the number of the service's own lines, not of the year's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd
from django.db import connection
from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from council_finance.among import among
from council_finance.bulk import frame_of, whole_numbers
from monitoring.figures.selectors.inputs import unreflected_virements
from monitoring.forecasts.models import PLANNED_USE, ForecastEntry
from monitoring.ledger.models import Position
from monitoring.ledger.selectors.planned_use_ties import current_tie, ties_by_line
from monitoring.ledger.selectors.positions import NULLABLE, POSITION_FIELDS
from monitoring.ledger.selectors.typed_amounts import FIELDS, FORECAST, MEASURES, typed_amount
from monitoring.ledger.selectors.typed_forecasts import typed_forecasts, with_amounts
from monitoring.published.models import Report
from monitoring.published.report_rows import add_planned_use
from monitoring.published.selectors.reports import previous_report
from monitoring.structure.models import BudgetLine, Period, Service
from monitoring.structure.trees import Tree


def services_at(tree: Tree, service_id: int) -> list[int]:
    """Return ids of the services whose lines belong to an open service without others under it."""
    return [pk for pk in tree.register if tree.home(pk) == service_id]


def positions_at(year_id: int, batch_id: int | None, services: Iterable[int]) -> QuerySet[Position]:
    """Return a batch's positions of the lines of these services; none without a batch."""
    if batch_id is None:
        return Position.objects.none()
    return positions_of_lines(year_id, batch_id, service__in=services)


def positions_of_lines(year_id: int, batch_id: int, **line_conditions: Any) -> QuerySet[Position]:
    """Return a batch's positions of the lines that meet these conditions, of the batch's year.

    PostgreSQL joins the tables. SQLite would read the whole batch for a join, and looks the
    positions up by the lines' ids instead.
    """
    if connection.vendor == "sqlite":
        lines = BudgetLine.objects.filter(**line_conditions).order_by().values("pk")
        return Position.objects.of(year_id, batch_id).filter(line__in=lines)
    through_line = {f"line__{name}": value for name, value in line_conditions.items()}
    return Position.objects.of(year_id, batch_id).filter(**through_line)


def service_lines(period: Period, services: list[int]) -> pd.DataFrame:
    """Return the period's lines of these services, read with one query.

    Columns of positions_frame and planned_use_carried_from, except that forecast and planned use
    are the file's or carried forward; `typed_…` of each measure (Int64 pence) is the current typed
    figure, if any.
    """
    return _read_lines(period, positions_at(period.year_id, period.batch_id, services))


def lines_with_ties(period: Period, lines: Q, *, before: Period | None = None) -> pd.DataFrame:
    """Return the period's lines that meet a condition, read with one query.

    Columns of service_lines, and `tied_…` of each measure of planned use: the code of the reserve
    or project that it is tied to now, "" for none. With `before`, `…_before` of each measure is the
    figure in that month.
    """
    chosen = BudgetLine.objects.filter(lines, year=period.year_id).order_by().values("pk")
    rows = Position.objects.of_period(period).filter(line__in=chosen)
    ties = {f"tied_{measure}": current_tie(period, measure) for measure in PLANNED_USE}
    past = {f"{measure}_before": _amount_in(before, measure) for measure in MEASURES if before}
    return _read_lines(period, rows, ties, past)


def _read_lines(
    period: Period,
    rows: QuerySet[Position],
    texts: Mapping[str, Combinable] | None = None,
    past: Mapping[str, Combinable] | None = None,
) -> pd.DataFrame:
    """Return positions with typed figures, and with these texts and past figures besides."""
    typed: dict[str, Combinable] = {
        f"typed_{measure}": typed_amount(period.pk, measure) for measure in MEASURES
    }
    typed |= past or {}
    nullable = {*NULLABLE, *typed}
    nullable.add("planned_use_carried_from")
    fields = {
        **POSITION_FIELDS,
        "planned_use_carried_from": "planned_use_carried_from",
        "service": "line__service_id",
        **{name: name for name in typed},
    }
    types = {name: "Int64" if name in nullable else "int64" for name in fields}
    texts = texts or {}
    rows = rows.annotate(**typed, **texts).order_by("line_id")
    return frame_of(
        rows.values_list(*fields.values(), *texts), types | dict.fromkeys(texts, "object")
    )


def _amount_in(period: Period, measure: str) -> Coalesce:
    """Return a line's figure in another month, typed or of its file, for a query of positions."""
    positions = Position.objects.of_period(period).filter(line=OuterRef("line_id"))
    return Coalesce(
        typed_amount(period.pk, measure), Subquery(positions.values(FIELDS[measure])[:1])
    )


def current_figures(lines: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of service_lines with typed figures in the place of the file's."""
    typed = {measure: lines[f"typed_{measure}"] for measure in MEASURES}
    given = {measure: amounts for measure, amounts in typed.items() if amounts.notna().any()}
    return with_amounts(lines, given) if given else lines


def previously_forecast(report: Report, lines: list[int]) -> pd.DataFrame:
    """Return those of these lines that are in a report: columns line, has_forecast."""
    rows = Position.objects.of(report.period.year_id, report.batch_id).filter(line__in=lines)
    rows = rows.order_by("line_id")
    frame = whole_numbers(
        rows.values_list("line_id", "forecast_pence"), ["line", "forecast"], ["forecast"]
    )
    typed = typed_forecasts(report.period_id, through=report.last_forecast_entry, lines=lines)
    is_typed = frame["line"].isin(typed["line"])
    return pd.DataFrame(
        {"line": frame["line"], "has_forecast": frame["forecast"].notna() | is_typed}
    )


class KnownLine(NamedTuple):
    """A budget line's id, codes and description, and whether it is exempt."""

    pk: int
    cost_centre: str
    account: str
    description: str
    exempt: bool

    @property
    def code(self) -> str:
        """Return cost centre and account as BudgetLine does."""
        return f"{self.cost_centre}/{self.account}"


@dataclass(frozen=True)
class GridLine:
    """A line of the forecast grid; amounts in pence, None where not given.

    `source` is where the current forecast comes from: "typed", "file", "carried" or "none".
    `entry` is the last entry of its forecast. By measure, `planned` is its current planned use,
    `planned_entries` the last entries of it, and `planned_ties` the codes of the reserve or project
    that it is tied to.
    """

    line: KnownLine
    original_budget: int | None
    budget: int
    actual: int | None
    commitments: int | None
    profile: int | None
    planned: Mapping[str, int]
    forecast: int | None
    source: str
    carried_from: int | None
    planned_carried_from: int | None
    entry: ForecastEntry | None
    planned_entries: Mapping[str, ForecastEntry]
    planned_ties: Mapping[str, str]
    last_forecast: int | None
    previous_variance: int | None

    @property
    def planned_use(self) -> int:
        """Return planned use of reserves and receipts together; negative where they pay."""
        return sum(self.planned.values())

    def planned_source(self, measure: str) -> str:
        """Return where planned use comes from: "typed", "carried", "file" or "none" (it is nil)."""
        entry = self.planned_entries.get(measure)
        if entry is not None and entry.forecast_pence is not None:
            return "typed"
        if not self.planned[measure]:
            return "none"
        return "file" if self.planned_carried_from is None else "carried"

    @property
    def actual_and_rest_of_profile(self) -> int | None:
        """Return the actual to date and the rest of the profiled budget; None without either."""
        if self.actual is None or self.profile is None:
            return None
        return self.actual + self.budget - self.profile

    def tied_to(self, measure: str) -> str:
        """Return the code of the reserve or project that pays for planned use; "" for none."""
        return self.planned_ties.get(measure, "")

    def current(self, measure: str) -> int | None:
        """Return the current figure that people type, by measure; planned use that is nil is 0."""
        return self.planned.get(measure, self.forecast)

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


def grid_lines(period: Period, ids: list[int]) -> list[GridLine]:
    """Return these lines of the period in this order, with typed and previous figures."""
    positions = Position.objects.of_period(period).filter(among("line_id", ids)).order_by()
    by_line = {row[0]: row for row in positions.values_list(*_OF_LINE, *_OF_POSITION)}
    entries = last_entries(period, ids)
    previous = previous_by_line(period, ids)
    ties = ties_by_line(period.batch_id, ids)
    return [
        _build_grid_line(
            by_line[pk], entries.get(pk, {}), ties.get(pk, {}), previous.get(pk, _NO_LINE)
        )
        for pk in ids
        if pk in by_line
    ]


_OF_LINE = ("line_id", "line__cost_centre", "line__account", "line__description", "line__exempt")
_OF_POSITION = (
    "original_budget_pence",
    "current_budget_pence",
    "actual_to_date_pence",
    "commitments_pence",
    "profiled_budget_to_date_pence",
    "forecast_pence",
    "forecast_carried_from",
    "planned_use_carried_from",
    *(FIELDS[measure] for measure in PLANNED_USE),
)


def last_entries(period: Period, lines: list[int]) -> dict[int, dict[str, ForecastEntry]]:
    """Return the last entry of each of these lines and each measure, with who entered it."""
    entries = ForecastEntry.objects.filter(among("line_id", lines), period=period).order_by()
    last = entries.values("line", "measure").annotate(last=Max("pk")).values("last")
    found: dict[int, dict[str, ForecastEntry]] = {}
    for entry in ForecastEntry.objects.filter(pk__in=last).order_by().select_related("by"):
        found.setdefault(entry.line_id, {})[entry.measure] = entry
    return found


@dataclass(frozen=True)
class PreviousLine:
    """A line in the previous report, in pence: its forecast, and its restated net variance."""

    forecast: int | None = None
    net_variance: int | None = None


_NO_LINE = PreviousLine()


def previous_by_line(period: Period, ids: list[int]) -> dict[int, PreviousLine]:
    """Return the lines in the previous report by id; empty where there is none."""
    report = previous_report(period)
    if report is None:
        return {}
    effects = _effects_of_virements(period, report)
    found = _report_lines(report, ids)
    restated = {}
    for line in ids:
        forecast, net_variance = found.get(line, (None, 0))
        restated[line] = PreviousLine(forecast, net_variance + effects.get(line, 0))
    return restated


def _effects_of_virements(period: Period, report: Report) -> dict[int, int]:
    """Return by line the pence by which virements that a report did not reflect restate it."""
    rows = unreflected_virements(period, report).order_by()
    effects: dict[int, int] = {}
    for giver, taker, amount, forecast in rows.values_list(
        "from_line_id", "to_line_id", "amount_pence", "forecast_amount_pence"
    ):
        for line, sign in ((taker, 1), (giver, -1)):
            if line is not None:
                effects[line] = effects.get(line, 0) + sign * (forecast - amount)
    return effects


def _report_lines(report: Report, ids: list[int]) -> dict[int, tuple[int | None, int]]:
    """Return forecast and net variance of the report's lines of these ids, in pence."""
    positions = Position.objects.of(report.period.year_id, report.batch_id)
    rows = positions.filter(among("line_id", ids)).order_by()
    fields = ("current_budget_pence", *(FIELDS[measure] for measure in MEASURES))
    typed = _typed_in_report(report, ids)
    found = {}
    for line, budget, *figures in rows.values_list("line_id", *fields):
        now = dict(zip(MEASURES, figures, strict=True)) | typed.get(line, {})
        forecast = now[FORECAST]
        gross = 0 if forecast is None else forecast - budget
        found[line] = forecast, gross + sum(now[measure] for measure in PLANNED_USE)
    return found


def _typed_in_report(report: Report, ids: list[int]) -> dict[int, dict[str, int]]:
    """Return the typed figures that a report froze of these lines, by line and measure."""
    entries = ForecastEntry.objects.filter(
        among("line_id", ids), period=report.period_id, pk__lte=report.last_forecast_entry
    )
    last: dict[int, dict[str, int | None]] = {}
    for line, measure, pence in entries.order_by("pk").values_list(
        "line_id", "measure", "forecast_pence"
    ):
        last.setdefault(line, {})[measure] = pence
    return {
        line: {measure: pence for measure, pence in each.items() if pence is not None}
        for line, each in last.items()
    }


def _build_grid_line(
    row: tuple[Any, ...],
    entries: Mapping[str, ForecastEntry],
    ties: Mapping[str, str],
    previous: PreviousLine,
) -> GridLine:
    """Return a line from its row of _OF_LINE and _OF_POSITION."""
    line, figures = KnownLine(*row[: len(_OF_LINE)]), row[len(_OF_LINE) :]
    original, budget, actual, commitments, profile, given, carried_from, planned_from = figures[:8]
    file_planned = zip(PLANNED_USE, figures[8:], strict=True)
    typed = {
        measure: entry.forecast_pence
        for measure, entry in entries.items()
        if entry.forecast_pence is not None
    }
    source = "file" if given is not None else "none"
    if FORECAST in typed:
        source = "typed"
    elif carried_from is not None:
        source = "carried"
    return GridLine(
        line=line,
        original_budget=original,
        budget=budget,
        actual=actual,
        commitments=commitments,
        profile=profile,
        planned={name: typed.get(name, pence) for name, pence in file_planned},
        forecast=typed.get(FORECAST, given),
        source=source,
        carried_from=carried_from if source == "carried" else None,
        planned_carried_from=planned_from,
        entry=entries.get(FORECAST),
        planned_entries={name: entries[name] for name in PLANNED_USE if name in entries},
        planned_ties={
            name: code
            for name in PLANNED_USE
            if (code := entries[name].tied_to if name in typed else ties.get(name, ""))
        },
        last_forecast=previous.forecast,
        previous_variance=previous.net_variance,
    )


def find_service(start: int, code: str) -> Service | None:
    """Return the service with this code in the year that begins then; None where there is none."""
    return Service.objects.select_related("year").filter(year__start=start, code=code).first()
