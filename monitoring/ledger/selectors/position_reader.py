"""The positions of a page, each month's read once however many parts of it ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from monitoring.ledger.models import Batch
    from monitoring.published.models import Report

# What needs pandas is loaded where positions are read: most pages and commands read none.


class PositionReader:
    """Reads the positions of each batch once.

    It is made for one request and not kept, as figures are typed at any moment. Its frames are
    shared: who needs others makes a copy.
    """

    def __init__(self) -> None:
        self._stored: dict[int, pd.DataFrame] = {}
        self._typed: dict[tuple[int, int | None], pd.DataFrame] = {}

    def has_read(self, batch: Batch | None) -> bool:
        """Return True where the batch's positions need no query any more."""
        return batch is not None and batch.pk in self._stored

    def of_batch(self, batch: Batch | None, through: int | None = None) -> pd.DataFrame:
        """Return all positions of a batch, as positions_frame does; no rows without a batch."""
        from monitoring.ledger.selectors import positions, typed_forecasts

        if batch is None:
            return positions.no_positions()
        if batch.pk not in self._stored:
            self._stored[batch.pk] = positions.stored_positions(batch)
        if (batch.pk, through) not in self._typed:
            typed = typed_forecasts.typed_figures(batch.period_id, through=through)
            frame = typed_forecasts.with_typed_figures(self._stored[batch.pk], typed)
            self._typed[batch.pk, through] = frame
        return self._typed[batch.pk, through]

    def of_report(self, report: Report) -> pd.DataFrame:
        """Return the positions that a report froze, as report_positions does."""
        return self.of_batch(report.batch, report.last_forecast_entry)
