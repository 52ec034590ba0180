"""Read the positions of a batch, with the typed figures of its period, in whole pence."""

from collections.abc import Sequence

import pandas as pd

from council_finance.bulk import whole_numbers
from monitoring.ledger.models import Batch, Position
from monitoring.ledger.selectors.typed_forecasts import typed_figures, with_typed_figures
from monitoring.published.models import Report

POSITION_FIELDS = {
    "line": "line_id",
    "given_service": "service_id",
    "original_budget": "original_budget_pence",
    "current_budget": "current_budget_pence",
    "actual_to_date": "actual_to_date_pence",
    "commitments": "commitments_pence",
    "forecast": "forecast_pence",
    "use_of_reserves": "planned_use_of_reserves_pence",
    "use_of_capital_receipts": "planned_use_of_capital_receipts_pence",
    "carried_from": "forecast_carried_from",
}
"""Columns of a positions frame, and the fields they come from."""

_FIELDS = POSITION_FIELDS | {"service": "line__service_id"}
"""The same with the service of the line today."""

_NOT_COMPARED = ("original_budget", "commitments", "carried_from")
"""Columns that later periods do not need."""

NULLABLE = ("original_budget", "actual_to_date", "commitments", "forecast", "carried_from")
"""Columns of a positions frame that may be missing."""


def ledger_positions(batch: Batch) -> pd.DataFrame:
    """Return a batch's positions for later periods to compare with, without typed figures.

    Columns of POSITION_FIELDS without original_budget, commitments and carried_from.
    """
    names = [name for name in POSITION_FIELDS if name not in _NOT_COMPARED]
    return stored_positions(batch, columns=names)


def positions_frame(
    batch: Batch,
    through: int | None = None,
    *,
    lines: list[int] | None = None,
    columns: Sequence[str] = tuple(_FIELDS),
) -> pd.DataFrame:
    """Return the batch's positions: columns of POSITION_FIELDS and service (the line's today).

    Typed figures of its period are included, up to the entry `through` where that is given.
    `lines` limits the lines, and `columns` the columns.
    """
    typed = typed_figures(batch.period_id, through=through, lines=lines)
    return with_typed_figures(stored_positions(batch, lines, columns=columns), typed)


def stored_positions(
    batch: Batch, lines: list[int] | None = None, *, columns: Sequence[str] = tuple(_FIELDS)
) -> pd.DataFrame:
    """Return the batch's positions as they are stored, without typed figures.

    Of 100,000 lines each column costs about 5 milliseconds, and `service` 30.
    """
    rows = Position.objects.of_batch(batch).order_by("line_id")
    if "service" in columns:
        # Without it PostgreSQL reads the lines of every year.
        rows = rows.filter(line__year=batch.period.year_id)
    if lines is not None:
        rows = rows.filter(line__in=lines)
    fields = rows.values_list(*(_FIELDS[name] for name in columns))
    return whole_numbers(fields, columns, nullable=NULLABLE)


def no_positions() -> pd.DataFrame:
    """Return a frame without rows, with the columns of positions_frame."""
    fields = Position.objects.none().values_list(*_FIELDS.values())
    return whole_numbers(fields, _FIELDS, nullable=NULLABLE)


def report_positions(report: Report) -> pd.DataFrame:
    """Return the positions that a report froze, with the columns of positions_frame."""
    return positions_frame(report.batch, report.last_forecast_entry)
