"""The forecasts and planned use that are carried forward, service by service."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from council_finance.money import plain_pounds
from monitoring.figures.models import NodeFigure, NodeKind
from monitoring.forecasts.selectors.lines import current_figures, service_lines
from monitoring.ledger.selectors.typed_amounts import FORECAST, MEASURES
from monitoring.people.rights import Reach
from monitoring.structure.models import BudgetLine, Period
from monitoring.structure.selectors.tree import OPEN_KINDS, service_rows
from monitoring.structure.trees import Tree

CarriedFigure = tuple[int, str, int]
"""A figure that is carried forward: the id of its line, its measure, and pence."""


@dataclass(frozen=True)
class CarriedService:
    """A service with carried figures; `pk` and `code` are the service's, amounts are pence."""

    pk: int
    code: str
    name: str
    lines: int
    figures: tuple[CarriedFigure, ...]

    @property
    def carried(self) -> int:
        """Return the number of lines with a carried figure."""
        return len({line for line, _, _ in self.figures})

    @property
    def forecast_text(self) -> str:
        """Return the sum of the carried forecasts in pounds."""
        return plain_pounds(sum(pence for _, each, pence in self.figures if each == FORECAST))

    @property
    def planned_use_text(self) -> str:
        """Return the sum of the carried planned use in pounds; a dash where none is carried."""
        amounts = [pence for _, measure, pence in self.figures if measure != FORECAST]
        return plain_pounds(sum(amounts)) if amounts else "–"

    @property
    def seen(self) -> str:
        """Return the mark of the figures, as forms send it back."""
        return figures_version(self.figures)


def figures_version(figures: Iterable[CarriedFigure]) -> str:
    """Return a mark of carried figures that changes with any of them."""
    return hashlib.sha256(json.dumps(sorted(figures)).encode()).hexdigest()[:16]


def is_carried(row: Mapping[str, Any], measure: str) -> bool:
    """Return True where a line's current figure is one that was carried forward."""
    if row[f"typed_{measure}"] is not None:
        return False
    if measure == FORECAST:
        return row["carried_from"] is not None
    return row["planned_use_carried_from"] is not None and row[measure] != 0


def carried_services(period: Period, reach: Reach, *, with_exempt: bool) -> list[CarriedService]:
    """Return the services of a draft with carried figures, in the order of the tree.

    Only services of `reach`; without `with_exempt` exempt lines are left out.
    """
    figures_of_rows = NodeFigure.objects.filter(period=period).order_by("place")
    rows = list(figures_of_rows.select_related("service"))
    open_ids = {row.service_id for row in rows if row.kind in OPEN_KINDS}
    tree = Tree.with_open(service_rows(period.year), open_ids)
    shown = [row for row in rows if row.kind == NodeKind.SERVICE and row.service_id in reach]
    homes = {row.service_id for row in shown}
    services = [pk for pk in tree.register if tree.home(pk) in homes]
    figures: dict[int, list[CarriedFigure]] = {}
    for line in _read_lines(period, services, with_exempt):
        for measure in MEASURES:
            if is_carried(line, measure):
                figure = (line["line"], measure, line[measure])
                figures.setdefault(tree.home(line["service"]), []).append(figure)
    return [
        CarriedService(
            row.service_id,
            row.service.code,
            row.service.name,
            row.lines,
            tuple(figures[row.service_id]),
        )
        for row in shown
        if row.service_id in figures
    ]


def _read_lines(period: Period, services: list[int], with_exempt: bool) -> list[dict[str, Any]]:
    frame = current_figures(service_lines(period, services))
    if not with_exempt:
        exempt = BudgetLine.objects.filter(year=period.year, exempt=True)
        frame = frame[~frame["line"].isin(set(exempt.values_list("pk", flat=True)))]
    frame = frame.astype(object)
    rows: list[dict[str, Any]] = frame.where(pd.notna(frame), None).to_dict("records")
    return rows
