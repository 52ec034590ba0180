"""Read the lines of one service, for its forecast grid and for changes of its forecasts.

The cost depends on the number of the service's own lines, not of the year's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import pandas as pd
from django.db import connection
from django.db.models import Max, QuerySet

from council_finance.accounts.models import User
from council_finance.among import among, joined_ids
from council_finance.bulk import frame_of, whole_numbers
from council_finance.prepared import prepared
from monitoring.forecast_methods.run_rate import run_rate
from monitoring.forecasts.models import PLANNED_USE, ForecastEntry
from monitoring.forecasts.selectors.previous_lines import NO_LINE, PreviousLine, previous_by_line
from monitoring.ledger.models import Position
from monitoring.ledger.selectors.planned_use_ties import TIES, ties_by_line
from monitoring.ledger.selectors.positions import NULLABLE, POSITION_FIELDS
from monitoring.ledger.selectors.typed_amounts import FIELDS, FORECAST, MEASURES, typed_amount
from monitoring.ledger.selectors.typed_forecasts import typed_forecasts, with_amounts
from monitoring.published.models import Report
from monitoring.published.report_rows import add_planned_use
from monitoring.structure.models import BudgetLine, Period, Service
from monitoring.structure.trees import Tree


def services_at(tree: Tree, service_id: int) -> list[int]:
    """Return ids of the services whose lines belong to an open service without others under it."""
    return [pk for pk in tree.register if tree.home(pk) == service_id]


def positions_at(
    year_id: int, batch_id: int | None, services: Iterable[int] | str
) -> QuerySet[Position]:
    """Return a batch's positions of the lines of these services; none without a batch.

    The services' ids may be joined already (joined_ids). See positions_of_lines.
    """
    if batch_id is None:
        return Position.objects.none()
    positions = Position.objects.of(year_id, batch_id)
    if connection.vendor == "sqlite":
        lines = BudgetLine.objects.filter(among("service_id", services)).order_by().values("pk")
        return positions.filter(line__in=lines)
    return positions.filter(among("line__service_id", services))


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
    typed = {f"typed_{measure}": typed_amount(period.pk, measure) for measure in MEASURES}
    nullable = {*NULLABLE, *typed, "planned_use_carried_from"}
    fields = {
        **POSITION_FIELDS,
        "planned_use_carried_from": "planned_use_carried_from",
        "service": "line__service_id",
        **{name: name for name in typed},
    }
    types = {name: "Int64" if name in nullable else "int64" for name in fields}
    rows = positions_at(period.year_id, period.batch_id, services)
    rows = rows.annotate(**typed).order_by("line_id")
    return frame_of(rows.values_list(*fields.values()), types)


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


KEPT_LINES = 6_000
"""The lines that a process keeps as it showed them last: twelve grids of 500, about 20 MB."""


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


class LastEntry(NamedTuple):
    """The last entry of a line and measure; pence, None where it takes a typed figure back.

    `by` and `by_name` are who made it, None and "" where nobody did.
    """

    forecast_pence: int | None
    tied_to: str
    reason: str
    by: int | None
    by_name: str


@dataclass(frozen=True, eq=False)
class GridLine:
    """A line of the forecast grid; amounts in pence, None where not given.

    `run_rate` is the forecast that spending so far suggests. `source` is where the current forecast
    comes from: "typed", "file", "carried" or "none". `entry` is the last entry of its forecast. By
    measure, `planned` is its current planned use, `planned_entries` the last entries of it, and
    `planned_ties` the codes of the reserve or project that it is tied to.
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
    entry: LastEntry | None
    planned_entries: Mapping[str, LastEntry]
    planned_ties: Mapping[str, str]
    last_forecast: int | None
    previous_variance: int | None
    run_rate: int | None

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


def grid_lines(period: Period, lines: list[KnownLine]) -> list[GridLine]:
    """Return these lines of the period in this order, with typed and previous figures."""
    ids = [line.pk for line in lines]
    positions = _positions_of(period.year_id, period.batch_id, joined_ids(ids))
    by_line = {row[0]: row for row in positions}
    entries = last_entries(period, ids)
    previous = previous_by_line(period, ids)
    ties = {} if TIES.is_known_empty(period.year) else ties_by_line(period.batch_id, ids)
    return [
        _build_grid_line(
            line,
            period.number,
            by_line[line.pk],
            tuple(entries.get(line.pk, _NOTHING).items()),
            tuple(ties.get(line.pk, _NOTHING).items()),
            previous.get(line.pk, NO_LINE),
        )
        for line in lines
        if line.pk in by_line
    ]


@prepared
def _positions_of(year_id: int, batch_id: int | None, lines: str) -> QuerySet[Any, Any]:
    rows = Position.objects.of(year_id, batch_id).filter(among("line_id", lines)).order_by()
    return rows.values_list("line_id", *_OF_POSITION)


_NOTHING: Mapping[str, Any] = {}
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


def last_entries(period: Period, lines: list[int]) -> dict[int, dict[str, LastEntry]]:
    """Return the last entry of each of these lines and each measure, with who entered it."""
    names: dict[int | None, str] = {None: ""}
    found: dict[int, dict[str, LastEntry]] = {}
    rows = _last_entries_of(period.pk, joined_ids(lines))
    for line, measure, pence, tied_to, reason, by, *person in rows:
        if by not in names:
            first, last_name, username = person
            names[by] = User(first_name=first, last_name=last_name, username=username).name
        found.setdefault(line, {})[measure] = LastEntry(pence, tied_to, reason, by, names[by])
    return found


@prepared
def _last_entries_of(period_id: int, lines: str) -> QuerySet[Any, Any]:
    entries = ForecastEntry.objects.filter(among("line_id", lines), period=period_id).order_by()
    last = entries.values("line", "measure").annotate(last=Max("pk")).values("last")
    return (
        ForecastEntry.objects.filter(pk__in=last)
        .order_by()
        .values_list(
            *("line_id", "measure", "forecast_pence", "tied_to", "reason"),
            *("by_id", "by__first_name", "by__last_name", "by__username"),
        )
    )


# A line is built anew only where something of it has changed since a grid showed it last. What it
# is kept by is all that it is made of, so nothing has to empty this.
@lru_cache(maxsize=KEPT_LINES)
def _build_grid_line(
    line: KnownLine,
    number: int,
    row: tuple[Any, ...],
    last: tuple[tuple[str, LastEntry], ...],
    ties: tuple[tuple[str, str], ...],
    previous: PreviousLine,
) -> GridLine:
    """Return a line of a month (its number) from its row of _OF_POSITION, its id first."""
    _, original, budget, actual, commitments, profile, given, carried_from, planned_from = row[:9]
    file_planned = zip(PLANNED_USE, row[9:], strict=True)
    entries, file_ties = dict(last), dict(ties)
    typed = {
        measure: entry.forecast_pence
        for measure, entry in entries.items()
        if entry.forecast_pence is not None
    }
    source = "typed" if FORECAST in typed else _source_of(given, carried_from)
    rate = run_rate(number=number, budget=budget, actual=actual, profile=profile)
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
            if (code := entries[name].tied_to if name in typed else file_ties.get(name, ""))
        },
        last_forecast=previous.forecast,
        previous_variance=previous.net_variance,
        run_rate=rate[0] if rate else None,
    )


def _source_of(given: int | None, carried_from: int | None) -> str:
    """Return where a forecast that nobody typed comes from."""
    if carried_from is not None:
        return "carried"
    return "none" if given is None else "file"


def find_service(start: int, code: str) -> Service | None:
    """Return the service with this code in the year that begins then; None where there is none."""
    return next(iter(_services_with(start, code)), None)


@prepared
def _services_with(start: int, code: str) -> QuerySet[Service]:
    return Service.objects.select_related("year").filter(year__start=start, code=code)
