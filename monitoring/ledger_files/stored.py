"""Read stored positions that the checks of a file compare it with, each batch once."""

import pandas as pd

from monitoring.ledger.models import Batch
from monitoring.ledger.selectors.positions import ledger_positions
from monitoring.ledger.selectors.typed_forecasts import typed_forecasts, with_typed_forecasts
from monitoring.structure.models import Period
from monitoring.uploading.prepared import Target


def stored_positions(target: Target, batch: Batch, through: int | None = None) -> pd.DataFrame:
    """Return a batch's positions with the typed forecasts of its period, in pence.

    Columns of ledger_positions. Typed forecasts count up to the entry `through`, where given.
    """

    def with_forecasts() -> pd.DataFrame:
        ledger = target.read_once(("ledger", batch.pk), lambda: ledger_positions(batch))
        return with_typed_forecasts(ledger, typed_forecasts(batch.period_id, through=through))

    return target.read_once(("stored", batch.pk, through), with_forecasts)


def positions_of_period(target: Target, period: Period) -> pd.DataFrame:
    """Return the positions of a period as stored_positions. Raise `ValueError` without figures."""
    if period.batch is None:
        raise ValueError(f"{period} has no figures")
    return stored_positions(target, period.batch)
