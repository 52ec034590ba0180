"""The lines and columns that a reader chose to see in a forecast grid: a part of its address."""

from collections.abc import Collection
from dataclasses import dataclass

from monitoring.ledger.selectors.typed_amounts import FORECAST, PLANNED_USE_LABELS

COLUMNS = {
    "budget": "Budget",
    "actual": "Actual to date",
    "commitments": "Commitments",
    "use_of_reserves": "Use of reserves",
    "tied_use_of_reserves": "Paid from reserve",
    "use_of_capital_receipts": "Use of receipts",
    "tied_use_of_capital_receipts": "Paid from receipts project",
    "forecast": "This forecast",
    "proposal": "Proposed forecast",
    "variance": "Net variance",
    "run_rate": "Run rate",
    "previous": "Last forecast",
    "movement": "Movement",
    "reason": "Reason",
}
"""Columns of the grid, from left to right, after the line's own."""

ALWAYS = (FORECAST, "reason")
"""Columns that cannot be hidden."""

TIES = {f"tied_{measure}": measure for measure in PLANNED_USE_LABELS}

SHOWN = {
    "": "All lines",
    "missing": "No forecast yet",
    "carried": "Carried forward",
    "questioned": "Questioned, not answered yet",
    "mine": "Mine to enter",
}
SORTS = {"": "As in the report", "variance": "Largest variance", "movement": "Largest movement"}


@dataclass(frozen=True)
class GridChoice:
    """A text to find, which lines to show and in which order, a page, and columns.

    `show` is of SHOWN, `sort` of SORTS. `columns` are those that were chosen; None for those with
    something in them.
    """

    text: str = ""
    show: str = ""
    sort: str = ""
    page: int = 1
    columns: Collection[str] | None = None

    @property
    def narrows(self) -> bool:
        """Return whether some lines may be left out."""
        return bool(self.text or self.show)

    def has_column(self, name: str, *, by_default: bool) -> bool:
        """Return whether a column is shown."""
        return name in ALWAYS or (by_default if self.columns is None else name in self.columns)
