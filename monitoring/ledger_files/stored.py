"""Read stored positions that the checks of a file compare it with, each batch once."""

import pandas as pd

from monitoring.ledger.models import Batch
from monitoring.ledger.selectors.positions import ledger_positions
from monitoring.ledger.selectors.typed_forecasts import typed_figures, with_typed_figures
from monitoring.structure.models import Period
from monitoring.uploading.prepared import Target


def stored_positions(target: Target, batch: Batch, through: int | None = None) -> pd.DataFrame:
    """Return a batch's positions with the typed figures of its period, in pence.

    Columns of ledger_positions. Typed figures count up to the entry `through`, where given.
    """

    def read_with_typed() -> pd.DataFrame:
        ledger = target.read_once(("ledger", batch.pk), lambda: ledger_positions(batch))
        return with_typed_figures(ledger, typed_figures(batch.period_id, through=through))

    return target.read_once(("stored", batch.pk, through), read_with_typed)


def positions_of_period(target: Target, period: Period) -> pd.DataFrame:
    """Return the positions of a period as stored_positions. Raise `ValueError` without figures."""
    if period.batch is None:
        raise ValueError(f"{period} has no figures")
    return stored_positions(target, period.batch)
