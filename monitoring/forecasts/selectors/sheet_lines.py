"""Read the lines whose figures people change, without those beside them.

They are plain objects and no frame: people change a few lines at a time, and each step of a frame
takes longer than all of it for one of them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.db.models import Max, Q, QuerySet

from council_finance.among import among
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
        rows = positions_at(period.year_id, period.batch_id, keys)
    else:
        batches = [each.batch_id for each in (period, earlier) if each and each.batch_id]
        rows = Position.objects.of_batches([period.year_id], batches)
        rows = rows.filter(among("line_id", lines))
    if not with_exempt:
        rows = rows.filter(line__exempt=False)
    return _read_lines(rows, keys, period, earlier)


def carried_lines(
    period: Period,
    keys: Mapping[int, str],
    lines: Collection[int] | None = None,
    *,
    with_exempt: bool,
) -> list[SheetLine]:
    """Return the lines that sheet_lines returns, those alone that have a carried figure."""
    carried = Q(forecast_carried_from__isnull=False) | Q(planned_use_carried_from__isnull=False)
    rows = positions_at(period.year_id, period.batch_id, keys).filter(carried)
    if lines is not None:
        rows = rows.filter(among("line_id", lines))
    if not with_exempt:
        rows = rows.filter(line__exempt=False)
    return _read_lines(rows, keys, period, None)


def _read_lines(
    rows: QuerySet[Position], keys: Mapping[int, str], period: Period, earlier: Period | None
) -> list[SheetLine]:
    columns = ("batch_id", "line_id", "line__service_id", *_FIELDS)
    found = [row for row in rows.order_by("line_id").values_list(*columns) if row[2] in keys]
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
    entries = ForecastEntry.objects.filter(among("line_id", lines), period__in=list(months))
    last = entries.order_by().values("period", "line", "measure").annotate(last=Max("pk"))
    rows = ForecastEntry.objects.filter(pk__in=last.values("last")).order_by()
    found: dict[tuple[int, int], dict[str, Typed]] = {}
    for month, line, measure, pence, tied_to in rows.values_list(
        "period_id", "line_id", "measure", "forecast_pence", "tied_to"
    ):
        if pence is not None:
            found.setdefault((month, line), {})[measure] = Typed(pence, tied_to)
    return found
