"""The budget lines on the page of a service: read once, as plain rows."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db.models import QuerySet

from council_finance.among import among, joined_ids
from council_finance.prepared import prepared
from monitoring.forecasts.selectors.lines import KnownLine, positions_at
from monitoring.ledger.models import Position
from monitoring.ledger.selectors.planned_use_ties import TIES, ties_by_line
from monitoring.ledger.selectors.typed_amounts import FORECAST
from monitoring.ledger.selectors.typed_forecasts import TypedFigure, typed_by_line
from monitoring.published.report_lines import lines_in
from monitoring.published.report_rows import ReportRow
from monitoring.reports.selectors.node_lines import (
    LineFigures,
    ListedPosition,
    services_of_draft,
)
from monitoring.reports.selectors.report_data import ReportData

_OF_LINE = ("line_id", *(f"line__{name}" for name in KnownLine._fields[1:]))
_OF_POSITION = ListedPosition._fields[1:]


class ListedLine(NamedTuple):
    """A line on the page of a row, shown or not; in pence, None where not given.

    `typed` are its typed figures by measure. `forecast` is the typed one where there is one, else
    that of the file. `exempt` is True where the line was exempt when the report was published, or
    is today. `row` is _OF_LINE and _OF_POSITION.
    """

    line: int
    typed: Mapping[str, TypedFigure]
    actual: int | None
    forecast: int | None
    profile: int | None
    exempt: bool
    row: tuple[Any, ...]


_NOTHING: Mapping[str, TypedFigure] = {}


def listed_lines(facts: ReportData, node: ReportRow) -> list[ListedLine]:
    """Return the lines that add up to a row without rows under it, by code."""
    rows = _read_rows(facts, node)
    through = facts.report.last_forecast_entry if facts.report else None
    of_lines = typed_by_line(facts.period.pk, [row[0] for row in rows], through=through)
    was_exempt = set(facts.exempt_lines) if facts.report is not None else set()
    found = []
    for row in rows:
        line, _, _, _, exempt, _, actual, _, profile, given = row[:10]
        typed = of_lines.get(line, _NOTHING)
        forecast = typed[FORECAST].forecast_pence if FORECAST in typed else given
        is_exempt = exempt or line in was_exempt
        found.append(ListedLine(line, typed, actual, forecast, profile, is_exempt, row))
    return found


def _read_rows(facts: ReportData, node: ReportRow) -> list[tuple[Any, ...]]:
    """Return _OF_LINE and _OF_POSITION of the lines that add up to a row, by code."""
    year, batch = facts.period.year_id, _batch_of(facts)
    if facts.report is None:
        return _rows_of_draft(year, batch, joined_ids(services_of_draft(facts, [node])))
    return _rows_of_report(year, batch, lines_in(facts.report, [node.service]))


def _batch_of(facts: ReportData) -> int | None:
    return facts.report.batch_id if facts.report is not None else facts.period.batch_id


@prepared
def _rows_of_draft(year_id: int, batch_id: int, services: str) -> QuerySet[Any, Any]:
    return _in_order(positions_at(year_id, batch_id, services))


@prepared
def _rows_of_report(year_id: int, batch_id: int, lines: str) -> QuerySet[Any, Any]:
    return _in_order(Position.objects.of(year_id, batch_id).filter(among("line_id", lines)))


def _in_order(positions: QuerySet[Position]) -> QuerySet[Any, Any]:
    rows = positions.order_by("line__cost_centre", "line__account")
    return rows.values_list(*_OF_LINE, *_OF_POSITION)


def figures_of(facts: ReportData, lines: list[ListedLine]) -> list[LineFigures]:
    """Return the figures of these lines in the report, in their order."""
    ties = {}
    if not TIES.is_known_empty(facts.period.year):
        ties = ties_by_line(_batch_of(facts), [each.line for each in lines])
    return [LineFigures(_position_of(each), each.typed, ties.get(each.line, {})) for each in lines]


def _position_of(listed: ListedLine) -> ListedPosition:
    split = len(_OF_LINE)
    return ListedPosition(KnownLine(*listed.row[:split]), *listed.row[split:])
