"""Read the lines whose figures people change, without those beside them.

They are plain objects and no frame: people change a few lines at a time, and each step of a frame
takes longer than all of it for one of them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.db.models import Max, Q, QuerySet

from council_finance.among import among, joined_ids
from council_finance.prepared import prepared
from monitoring.forecasts.models import ForecastEntry
from monitoring.forecasts.selectors.lines import positions_at
from monitoring.ledger.models import Position
from monitoring.ledger.selectors.typed_amounts import FIELDS, FORECAST, MEASURES
from monitoring.structure.models import Period


class Typed(NamedTuple):
    """A figure that somebody typed, in pence, and the code that it is tied to; "" for none."""

    pence: int
    tied_to: str


@dataclass(frozen=True)
class SheetLine:
    """A line in a month with its figures in pence, None where not given.

    `key` is the row of the read model to which it belongs today. By measure, `given` is what the
    file gave or what was carried forward, `typed` what was typed since and comes before it.
    `carried_from` and `planned_use_carried_from` are the months that given figures are carried
    forward from. `earlier` is the line in an earlier month, where it was read.
    """

    pk: int
    key: str
    given: Mapping[str, int | None]
    typed: Mapping[str, Typed]
    original_budget: int | None
    budget: int
    actual: int | None
    commitments: int | None
    carried_from: int | None
    planned_use_carried_from: int | None
    earlier: "SheetLine | None" = None

    def current(self, measure: str) -> int | None:
        """Return the current figure of a measure: a typed one comes before a given one."""
        typed = self.typed.get(measure)
        return self.given[measure] if typed is None else typed.pence

    def earlier_figure(self, measure: str) -> int | None:
        """Return the figure of a measure in the earlier month."""
        return self.earlier.current(measure) if self.earlier else None

    def is_carried(self, measure: str) -> bool:
        """Return whether the current figure is one that was carried forward."""
        if measure in self.typed:
            return False
        if measure == FORECAST:
            return self.carried_from is not None
        return self.planned_use_carried_from is not None and self.given[measure] != 0

    def with_entry(self, entry: ForecastEntry) -> "SheetLine":
        """Return the line after an entry; one without an amount takes the typed figure back."""
        typed = {name: each for name, each in self.typed.items() if name != entry.measure}
        if entry.forecast_pence is not None:
            typed[entry.measure] = Typed(entry.forecast_pence, entry.tied_to)
        return replace(self, typed=typed)

    def figures(self) -> dict[str, int | None]:
        """Return what is added up of the line, as refigure takes it."""
        return {
            "original_budget": self.original_budget,
            "current_budget": self.budget,
            "actual_to_date": self.actual,
            "commitments": self.commitments,
            "carried_from": self.carried_from if self.is_carried(FORECAST) else None,
            **{measure: self.current(measure) for measure in MEASURES},
        }


_FIELDS = (
    *FIELDS.values(),
    "original_budget_pence",
    "current_budget_pence",
    "actual_to_date_pence",
    "commitments_pence",
    "forecast_carried_from",
    "planned_use_carried_from",
)


def sheet_lines(
    period: Period,
    keys: Mapping[int, str],
    lines: Iterable[int] | None = None,
    *,
    with_exempt: bool = True,
    earlier: Period | None = None,
) -> list[SheetLine]:
    """Return the period's lines of some services by id; of `lines` alone where these are given.

    `keys` are the rows of the read model by the id of the service. Without `with_exempt` exempt
    lines are left out. `earlier` is a month of the same year in which `lines` are read too.
    """
    if lines is None:
        at = period.year_id, period.batch_id, joined_ids(keys)
        return _build_lines(_rows_at(*at, with_exempt=with_exempt), keys, period, None)
    batches = [each.batch_id for each in (period, earlier) if each]
    rows = _rows_among(period.year_id, joined_ids(lines), *batches, with_exempt=with_exempt)
    return _build_lines(rows, keys, period, earlier)


def carried_lines(
    period: Period,
    keys: Mapping[int, str],
    lines: Collection[int] | None = None,
    *,
    with_exempt: bool,
) -> list[SheetLine]:
    """Return the lines that sheet_lines returns, those alone that have a carried figure."""
    at = period.year_id, period.batch_id, joined_ids(keys)
    rows = _rows_at(*at, with_exempt=with_exempt, only_carried=True)
    if lines is not None:
        rows = [row for row in rows if row[1] in lines]
    return _build_lines(rows, keys, period, None)


_COLUMNS = ("batch_id", "line_id", "line__service_id", *_FIELDS)


@prepared
def _rows_at(
    year_id: int,
    batch_id: int | None,
    services: str,
    *,
    with_exempt: bool,
    only_carried: bool = False,
) -> QuerySet[Any, Any]:
    rows = positions_at(year_id, batch_id, services)
    if only_carried:
        carried = Q(forecast_carried_from__isnull=False)
        rows = rows.filter(carried | Q(planned_use_carried_from__isnull=False))
    return _in_order(rows, with_exempt)


@prepared
def _rows_among(year_id: int, lines: str, *batches: int, with_exempt: bool) -> QuerySet[Any, Any]:
    rows = Position.objects.of_batches([year_id], batches).filter(among("line_id", lines))
    return _in_order(rows, with_exempt)


def _in_order(rows: QuerySet[Position], with_exempt: bool) -> QuerySet[Any, Any]:
    rows = rows if with_exempt else rows.filter(line__exempt=False)
    return rows.order_by("line_id").values_list(*_COLUMNS)


def _build_lines(
    rows: Iterable[tuple[Any, ...]],
    keys: Mapping[int, str],
    period: Period,
    earlier: Period | None,
) -> list[SheetLine]:
    """Return lines from rows of _COLUMNS of the period and of the earlier month."""
    found = [row for row in rows if row[2] in keys]
    months = {each.batch_id: each.pk for each in (period, earlier) if each}
    typed = _typed_figures(months.values(), {row[1] for row in found})
    lines: dict[tuple[int, int], SheetLine] = {}
    for batch, line, service, *figures in found:
        month = months[batch]
        lines[month, line] = SheetLine(
            line,
            keys[service],
            dict(zip(FIELDS, figures, strict=False)),
            typed.get((month, line), {}),
            *figures[len(FIELDS) :],
        )
    if earlier is None:
        return list(lines.values())
    return [
        replace(line, earlier=lines.get((earlier.pk, pk)))
        for (month, pk), line in lines.items()
        if month == period.pk
    ]


def _typed_figures(
    months: Iterable[int], lines: Collection[int]
) -> dict[tuple[int, int], dict[str, Typed]]:
    """Return current typed figures by month and line (ids), by measure: the last entries hold."""
    found: dict[tuple[int, int], dict[str, Typed]] = {}
    for month, line, measure, pence, tied_to in _last_typed(joined_ids(lines), *months):
        if pence is not None:
            found.setdefault((month, line), {})[measure] = Typed(pence, tied_to)
    return found


@prepared
def _last_typed(lines: str, *months: int) -> QuerySet[Any, Any]:
    entries = ForecastEntry.objects.filter(among("line_id", lines), period__in=months)
    last = entries.order_by().values("period", "line", "measure").annotate(last=Max("pk"))
    rows = ForecastEntry.objects.filter(pk__in=last.values("last")).order_by()
    return rows.values_list("period_id", "line_id", "measure", "forecast_pence", "tied_to")
