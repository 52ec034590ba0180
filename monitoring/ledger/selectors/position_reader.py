"""The positions of a page, each month's read once however many parts of it ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import pandas as pd

    from monitoring.ledger.models import Batch
    from monitoring.published.models import Report

Columns: TypeAlias = tuple[str, ...]

BEFORE = (
    *("line", "current_budget", "actual_to_date"),
    *("forecast", "use_of_reserves", "use_of_capital_receipts"),
)
"""Columns that checks and questions need of the month before."""

ON_PAGES = (*BEFORE, "original_budget", "carried_from", "service")
"""Columns that pages, checks and questions need of a month's lines."""

# What needs pandas is loaded where positions are read: most pages and commands read none.


class PositionReader:
    """Reads the positions of each batch once, and of their columns those that pages need.

    It is made for one request and not kept, as figures are typed at any moment. Its frames are
    shared: who needs others makes a copy.
    """

    def __init__(self) -> None:
        self._stored: dict[tuple[int, Columns], pd.DataFrame] = {}
        self._typed: dict[tuple[int, Columns, int | None], pd.DataFrame] = {}

    def has_read(self, batch: Batch | None, columns: Columns = ON_PAGES) -> bool:
        """Return True where these columns of the batch's positions need no query any more."""
        return batch is not None and (batch.pk, columns) in self._stored

    def of_batch(
        self, batch: Batch | None, through: int | None = None, columns: Columns = ON_PAGES
    ) -> pd.DataFrame:
        """Return all positions of a batch, as positions_frame does; no rows without a batch.

        `columns` are ON_PAGES, or of an earlier month BEFORE.
        """
        from monitoring.ledger.selectors import positions, typed_forecasts

        if batch is None:
            return positions.no_positions()
        if (stored := (batch.pk, columns)) not in self._stored:
            self._stored[stored] = positions.stored_positions(batch, columns=columns)
        if (found := (*stored, through)) not in self._typed:
            typed = typed_forecasts.typed_figures(batch.period_id, through=through)
            self._typed[found] = typed_forecasts.with_typed_figures(self._stored[stored], typed)
        return self._typed[found]

    def of_report(self, report: Report, columns: Columns = ON_PAGES) -> pd.DataFrame:
        """Return the positions that a report froze, with the columns as of_batch."""
        return self.of_batch(report.batch, report.last_forecast_entry, columns)
