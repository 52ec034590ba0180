"""What the page of a forecast grid shows, from the grid and what a person sent."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.safestring import SafeString

from council_finance.accounts.models import User
from council_finance.forms.filters import Filter, filter_form
from monitoring.forecasts.bulk_acts import FILLS
from monitoring.forecasts.entered_cells import SentLine
from monitoring.forecasts.page_parts import PageRows
from monitoring.forecasts.row_markup import RowMarkup
from monitoring.forecasts.selectors.area import TOTALS, Area, Section
from monitoring.forecasts.selectors.grid import Grid, figure, signed
from monitoring.forecasts.selectors.grid_choice import (
    ALWAYS,
    COLUMNS,
    SHOWN,
    SORTS,
    TIES,
    GridChoice,
)
from monitoring.ledger.selectors.line_names import lines_at
from monitoring.people.rights import may_see_draft_of, may_upload, writes_commentary
from monitoring.structure.models import Period

_SIGNED = ("variance", "movement")
_LEFT = ("tied_use_of_reserves", "tied_use_of_capital_receipts", "reason")
"""Columns of texts, which are not aligned with figures."""


@dataclass(frozen=True)
class Column:
    """A column of the grid; `is_figure` aligns it to the right."""

    name: str
    label: str
    is_figure: bool


@dataclass(frozen=True)
class TotalCell:
    """A total of a column: its text and its pence; both empty where nothing is added up."""

    name: str
    text: str
    pence: str


@dataclass(frozen=True)
class DrawnGroup:
    """A group of rows as drawn, with its section and that section's totals."""

    section: Section | None
    rows: SafeString
    totals: list[TotalCell]


@dataclass(frozen=True)
class CellProblem:
    """An error of a cell for the summary on top of the page: the cell's id, the line, the error."""

    cell: str
    code: str
    text: str


def head_context(user: User, period: Period, area: Area) -> dict[str, Any]:
    """Return what the head of the page shows, for which no line is read."""
    is_open = not (period.is_published or period.year.is_archived)
    return {
        "period": period,
        "year": period.year,
        "service": area.node,
        "council": period.year.council,
        "area": area,
        "strip": _strip_cells(area),
        "is_open": is_open,
        "may_forecast": area.takes_forecasts and is_open,
        "may_upload": may_upload(user) and is_open,
        "may_see_methods": may_see_draft_of(user, area.node),
        "writes_commentary": writes_commentary(user),
        "nav_section": "home",
    }


def lines_context(
    head: Mapping[str, Any],
    grid: Grid,
    sent: Mapping[int, SentLine],
    choice: GridChoice,
    ticked: Collection[int],
) -> dict[str, Any]:
    """Return what the lines and the forms around them show, besides what the head does."""
    period = head["period"]
    rows = PageRows(RowMarkup(grid, sent, lines_at(period), ticked, is_open=head["is_open"]))
    return {
        **head,
        "rows": rows,
        "grid": grid,
        "fills": _offered_fills(grid) if head["may_forecast"] else {},
        **_table_context(grid, rows, choice),
        **_choice_context(grid, period, choice),
    }


def _table_context(grid: Grid, rows: PageRows, choice: GridChoice) -> dict[str, Any]:
    return {
        "columns": [Column(name, COLUMNS[name], name not in _LEFT) for name in grid.columns],
        "groups": [
            DrawnGroup(
                group.section,
                rows.draw(group.lines),
                _total_cells(grid, _figures_of(group.section)) if group.section else [],
            )
            for group in grid.groups
        ],
        "has_headings": not grid.is_of_one_service and not choice.sort,
        "totals": _total_cells(grid, grid.area.totals),
        "purposes": {
            tied: grid.purposes[measure].values()
            for tied, measure in TIES.items()
            if tied in grid.columns
        },
    }


def _choice_context(grid: Grid, period: Period, choice: GridChoice) -> dict[str, Any]:
    place = [period.year.start, period.number, grid.area.node.code]
    return {
        "choice": choice,
        "choice_form": _draw_choice(choice.text, choice.show, choice.sort),
        "column_form": _draw_columns(grid.offered, grid.columns),
        "all_lines": reverse("forecasts", args=place),
    }


def _figures_of(section: Section) -> dict[str, int | None]:
    return {name: getattr(section.figure, field) for name, field in TOTALS.items()}


def _total_cells(grid: Grid, totals: Mapping[str, int | None]) -> list[TotalCell]:
    return [
        _total_cell(name, totals.get(name)) if name in TOTALS else TotalCell("", "", "")
        for name in grid.columns
    ]


def _total_cell(name: str, pence: int | None) -> TotalCell:
    text = signed(pence) if name in _SIGNED else figure(pence)
    return TotalCell(name, text, "" if pence is None else str(pence))


def _strip_cells(area: Area) -> list[tuple[str, TotalCell]]:
    """Return the totals that stand on top of the page, with their labels."""
    labels = {
        "budget": "Budget",
        "forecast": "Forecast",
        "variance": "Net variance",
        "movement": "Movement",
    }
    return [(label, _total_cell(name, area.totals[name])) for name, label in labels.items()]


def find_problems(grid: Grid, kept: Mapping[int, SentLine]) -> Iterator[CellProblem]:
    """Yield the errors of the cells of a page, from the top."""
    for line in grid.lines:
        sent = kept.get(line.line.pk)
        for measure, text in sent.errors.items() if sent else ():
            yield CellProblem(f"{measure}-{line.line.pk}", line.line.code, text)


def _offered_fills(grid: Grid) -> dict[str, str]:
    """Return the acts that fill cells, without those for which no line has the figure."""
    lines = grid.lines
    possible = {
        "fill-run-rate": any(line.run_rate is not None for line in lines),
        "fill-profile": any(line.actual_and_rest_of_profile is not None for line in lines),
        "fill-proposal": bool(grid.proposals),
    }
    return {act: label for act, label in FILLS.items() if possible.get(act, True)}


# The templates of these forms took a seventh of a page of 500 lines. A form is kept by all that it
# shows, so nothing has to empty these.
@lru_cache(maxsize=64)
def _draw_choice(text: str, show: str, sort: str) -> SafeString:
    """Return the fields that choose lines and their order."""
    return filter_form(
        Filter("q", "Find a line", text),
        Filter("show", "Show", show, list(SHOWN.items())),
        Filter("sort", "Order", sort, list(SORTS.items())),
    ).render()


@lru_cache(maxsize=64)
def _draw_columns(offered: tuple[str, ...], shown: tuple[str, ...]) -> SafeString:
    """Return the ticks that choose columns."""
    return _ColumnForm(offered, shown).render()


class _ColumnForm(forms.Form):
    """The form that chooses columns."""

    column = forms.MultipleChoiceField(
        label="Columns", widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, offered: Collection[str], shown: Collection[str]):
        names = [name for name in offered if name not in ALWAYS]
        super().__init__(initial={"column": [name for name in names if name in shown]})
        field = self.fields["column"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(name, COLUMNS[name]) for name in names]
