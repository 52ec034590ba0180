"""Which lines of an area a reader chose to see in the forecast grid, and in which order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from django.db.models import QuerySet

from council_finance.among import joined_ids
from council_finance.prepared import prepared
from monitoring.forecasts.selectors.area import Area
from monitoring.forecasts.selectors.grid_choice import GridChoice
from monitoring.forecasts.selectors.lines import (
    KnownLine,
    current_figures,
    positions_at,
    service_lines,
)
from monitoring.forecasts.selectors.previous_lines import previous_by_line
from monitoring.ledger.selectors.typed_amounts import FORECAST, PLANNED_USE_LABELS
from monitoring.plausibility.selectors.questions import ask_about
from monitoring.structure.models import Period

_NO_FIGURE = -1
"""Sorts a line without a figure behind every line with one."""


@dataclass(frozen=True)
class ChosenLines:
    """The lines to show, in order, and the section of each by its id: its place in the area.

    `hidden_exempt` counts all exempt lines that the reader does not see, whatever is searched for:
    else the number would tell what they are called.
    """

    lines: list[KnownLine]
    places: Mapping[int, int]
    hidden_exempt: int


def choose_lines(
    period: Period, area: Area, choice: GridChoice, *, with_exempt: bool
) -> ChosenLines:
    """Return the lines of an area that a reader chose, read without their figures if possible."""
    place_of = {pk: n for n, section in enumerate(area.sections) for pk in section.services}
    text = choice.text.casefold()
    order: list[tuple[int, str, str, int]] = []
    places: dict[int, int] = {}
    known: dict[int, KnownLine] = {}
    hidden = 0
    rows = _lines_at(period.year_id, period.batch_id, joined_ids(area.services))
    for line, service, centre, account, description, exempt in rows:
        if exempt and not with_exempt:
            hidden += 1
            continue
        place = place_of[service]
        if choice.show == "mine" and not area.sections[place].takes_forecasts:
            continue
        if not text or any(text in each.casefold() for each in (centre, account, description)):
            order.append((place, centre, account, line))
            places[line] = place
            known[line] = KnownLine(line, centre, account, description, exempt)
    lines = [row[-1] for row in sorted(order)]
    if choice.sort or choice.show in ("missing", "carried", "questioned"):
        lines = _choose_by_figures(period, area, choice, lines)
    return ChosenLines([known[line] for line in lines], places, hidden)


@prepared
def _lines_at(year_id: int, batch_id: int | None, services: str) -> QuerySet[Any, Any]:
    return (
        positions_at(year_id, batch_id, services)
        .order_by()
        .values_list(
            "line_id",
            "line__service_id",
            "line__cost_centre",
            "line__account",
            "line__description",
            "line__exempt",
        )
    )


def _choose_by_figures(
    period: Period, area: Area, choice: GridChoice, lines: list[int]
) -> list[int]:
    """Return those of the lines that have what was chosen, the largest figures first."""
    frame = current_figures(service_lines(period, area.services)).set_index("line")
    frame = frame.reindex(lines)
    if choice.show == "missing":
        frame = frame[frame["forecast"].isna()]
    elif choice.show == "carried":
        frame = frame[_is_carried(frame)]
    elif choice.show == "questioned":
        asked = ask_about(period, frame.reset_index())
        frame = frame[frame.index.isin(asked.rows["line"])]
    if not choice.sort:
        return [int(line) for line in frame.index]
    planned = frame[list(PLANNED_USE_LABELS)].sum(axis=1)
    gross = (frame["forecast"] - frame["current_budget"]).fillna(0)
    given = frame["forecast"].notna() | planned.ne(0)
    figures = (gross + planned).where(given)
    if choice.sort == "movement":
        previous = previous_by_line(period, frame.index.tolist())
        before = {line: row.net_variance for line, row in previous.items()}
        earlier = pd.Series(before, dtype="object").reindex(frame.index)
        figures = figures - earlier.astype("Int64")
    sizes = figures.abs().fillna(_NO_FIGURE)
    return [int(line) for line in sizes.sort_values(ascending=False, kind="stable").index]


def _is_carried(frame: pd.DataFrame) -> pd.Series:
    """Return which lines have a forecast or planned use of an earlier month."""
    carried = frame["carried_from"].notna() & frame[f"typed_{FORECAST}"].isna()
    for measure in PLANNED_USE_LABELS:
        planned = frame["planned_use_carried_from"].notna() & frame[measure].ne(0)
        carried |= planned & frame[f"typed_{measure}"].isna()
    return carried
