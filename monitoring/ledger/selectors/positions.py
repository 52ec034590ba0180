"""The positions of a batch, with the typed forecasts of its period, as frames of whole pence."""

import pandas as pd

from council_finance.bulk import whole_numbers
from monitoring.ledger.models import Batch, Position
from monitoring.ledger.selectors.typed_forecasts import typed_forecasts, with_typed
from monitoring.published.models import Report

POSITION_FIELDS = {
    "line": "line_id",
    "given_service": "service_id",
    "original_budget": "original_budget_pence",
    "current_budget": "current_budget_pence",
    "actual_to_date": "actual_to_date_pence",
    "forecast": "forecast_pence",
    "use_of_reserves": "planned_use_of_reserves_pence",
    "use_of_capital_receipts": "planned_use_of_capital_receipts_pence",
    "carried_from": "forecast_carried_from",
}
"""Columns of a positions frame, and the fields they come from."""


_NOT_ASKED = ("original_budget", "carried_from")


_NULLABLE = ("original_budget", "actual_to_date", "forecast", "carried_from")


def ledger_positions(batch: Batch) -> pd.DataFrame:
    """Return what later periods need of a batch, without typed forecasts.

    Columns of POSITION_FIELDS, but for _NOT_ASKED.
    """
    rows = Position.objects.filter(batch=batch).order_by("line_id")
    names = [name for name in POSITION_FIELDS if name not in _NOT_ASKED]
    fields = rows.values_list(*(POSITION_FIELDS[name] for name in names))
    return whole_numbers(fields, names, nullable=_NULLABLE)


def positions_frame(batch: Batch, through: int | None = None) -> pd.DataFrame:
    """The batch's positions: columns of POSITION_FIELDS and `service`, the line's place today.

    With the typed forecasts of its period, up to the entry `through` where that is given.
    """
    rows = Position.objects.filter(batch=batch).order_by("line_id")
    fields = rows.values_list(*POSITION_FIELDS.values(), "line__service_id")
    frame = whole_numbers(fields, [*POSITION_FIELDS, "service"], nullable=_NULLABLE)
    return with_typed(frame, typed_forecasts(batch.period_id, through=through))


def report_positions(report: Report) -> pd.DataFrame:
    """The positions that a report froze, as positions_frame gives them."""
    return positions_frame(report.batch, report.last_forecast_entry)
