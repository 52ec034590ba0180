"""The part of the tree that a forecast grid is for: a row of it, and the services under it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import QuerySet

from council_finance.prepared import prepared
from monitoring.figures.models import NodeFigure, NodeKind
from monitoring.people.rights import Reach
from monitoring.structure.models import Period, Service
from monitoring.structure.selectors.tree import OPEN_KINDS, service_rows
from monitoring.structure.trees import Tree

TOTALS = {
    "budget": "budget_pence",
    "actual": "actual_to_date_pence",
    "use_of_reserves": "use_of_reserves_pence",
    "use_of_capital_receipts": "use_of_capital_receipts_pence",
    "forecast": "forecast_pence",
    "variance": "net_variance_pence",
    "movement": "movement_pence",
}
"""Columns of the grid that are added up, and the fields of the read model with their totals."""

_COUNTS = ("lines_without_forecast", "lines_carried")


class AreaRow(NamedTuple):
    """A row of the read model, with the figures that a grid shows of it, in pence."""

    key: str
    parent_key: str
    kind: str
    service_id: int
    service_code: str
    label: str
    lines: int
    lines_without_forecast: int
    lines_carried: int
    budget_pence: int
    actual_to_date_pence: int | None
    use_of_reserves_pence: int
    use_of_capital_receipts_pence: int
    forecast_pence: int | None
    net_variance_pence: int | None
    movement_pence: int | None


@dataclass(frozen=True)
class Section:
    """A service of the area, with the ids of the services whose lines belong to it today.

    `takes_forecasts` says whether the reader may enter forecasts for its lines.
    """

    figure: AreaRow
    services: tuple[int, ...]
    takes_forecasts: bool

    @property
    def key(self) -> str:
        """Return the key of its row of the read model."""
        return self.figure.key

    @property
    def label(self) -> str:
        """Return its name."""
        return self.figure.label


@dataclass(frozen=True)
class Area:
    """A row of the tree with the services under it that the reader sees; `is_whole`: all of them.

    `totals` are the pence of each column of TOTALS and the counts of lines without a forecast and
    with one that was carried forward, of these services together.
    """

    node: Service
    sections: list[Section]
    is_whole: bool
    totals: dict[str, int | None]

    @property
    def name(self) -> str:
        """Return the row's name; none to a reader of a part, who may not know it before others."""
        return self.node.name if self.is_whole else "your services"

    @property
    def services(self) -> list[int]:
        """Return the ids of all services whose lines are in the area."""
        return [pk for section in self.sections for pk in section.services]

    @property
    def line_count(self) -> int:
        """Return the number of its lines."""
        return sum(section.figure.lines for section in self.sections)

    @property
    def takes_forecasts(self) -> bool:
        """Return whether the reader may enter forecasts for some of its lines."""
        return any(section.takes_forecasts for section in self.sections)


def find_area(period: Period, node: Service, *, sees: Reach, forecasts: Reach) -> Area | None:
    """Return a row of the tree as a reader sees it; None where it has no services under it.

    `sees` are the services whose draft the reader sees, `forecasts` those for which the reader may
    enter forecasts. Where the reader sees none of them, the area has no sections.
    """
    rows = {row.key: row for row in _read_rows(period)}
    top = rows.get(node.code)
    under = list(_rows_under(rows.values(), node.code))
    if top is None or not under:
        return None
    seen = [row for row in under if row.service_id in sees]
    services = _services_by_row(period, rows.values())
    sections = [
        Section(
            row,
            tuple(services.get(row.key, ())),
            row.kind == NodeKind.SERVICE and row.service_id in forecasts,
        )
        for row in seen
    ]
    is_whole = len(seen) == len(under)
    return Area(node, sections, is_whole, _add_up([top] if is_whole else seen))


def _read_rows(period: Period) -> Iterable[AreaRow]:
    # Plain rows: a draft has hundreds of them, and a grid shows a few.
    return map(AreaRow._make, _rows_of(period.pk))


@prepared
def _rows_of(period_id: int) -> QuerySet[Any, Any]:
    fields = (name.replace("service_code", "service__code") for name in AreaRow._fields)
    return NodeFigure.objects.filter(period=period_id).order_by("place").values_list(*fields)


def _rows_under(rows: Iterable[AreaRow], top: str) -> Iterable[AreaRow]:
    """Yield the rows with lines of their own at or under a row, in the order of the tree."""
    under: set[str] = set()
    for row in rows:
        if row.key == top or row.parent_key in under:
            under.add(row.key)
            if row.kind != NodeKind.NODE:
                yield row


def _services_by_row(period: Period, rows: Iterable[AreaRow]) -> dict[str, list[int]]:
    """Return the ids of the services whose lines belong to each row, by its key."""
    rows = list(rows)
    open_ids = {row.service_id for row in rows if row.kind in OPEN_KINDS}
    strays = {row.service_id for row in rows if row.kind not in OPEN_KINDS}
    tree = Tree.with_open(service_rows(period.year), open_ids).with_strays(strays)
    found: dict[str, list[int]] = {}
    for service, key in tree.home_keys.items():
        found.setdefault(key, []).append(service)
    return found


def _add_up(rows: Iterable[AreaRow]) -> dict[str, int | None]:
    """Return the totals of rows; None where no row has a figure."""
    rows = list(rows)
    totals: dict[str, int | None] = {}
    for name, field in (*TOTALS.items(), *((count, count) for count in _COUNTS)):
        given = [value for row in rows if (value := getattr(row, field)) is not None]
        totals[name] = sum(given) if given else None
    return totals
