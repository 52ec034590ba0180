"""Forecasts that a file of forecasts enters: like typed ones they stand before the ledger's."""

from dataclasses import dataclass

import pandas as pd
from django.db import connection
from django.utils import timezone

from council_finance.bulk import insert_rows
from monitoring.forecasts.models import ForecastEntry
from monitoring.ledger.selectors.typed_forecasts import with_typed_forecasts
from monitoring.ledger_files.upload_kinds.typed import Typed
from monitoring.uploading.models import Upload
from monitoring.uploading.prepared import Target

ENTERED_BY_FILE = "From a file of forecasts"


@dataclass
class Entered:
    """`rows` has columns line (negative: new), forecast and before (Int64 pence): what the file
    enters, and what held. `typed` are people's own forecasts, of which some may be kept."""

    rows: pd.DataFrame
    typed: Typed

    def over(self, positions: pd.DataFrame) -> pd.DataFrame:
        """The positions with every forecast that the file gives."""
        return with_typed_forecasts(positions, self.rows)

    def held(self, upload: Upload) -> pd.DataFrame:
        """The rows that are entered, given which typed forecasts a person chose to keep."""
        differing, given_up = self.typed.differing["line"], self.typed.given_up(upload)["line"]
        return self.rows[~self.rows["line"].isin(set(differing) - set(given_up))]

    def store(self, target: Target, new_ids: pd.Series) -> None:
        """Add an entry for each; `new_ids` are the ids of new lines by their negative ones."""
        rows = self.held(target.upload)
        line = rows["line"].where(rows["line"] > 0, rows["line"].map(new_ids)).astype("int64")
        by = target.by.pk if target.by else pd.NA
        frame = pd.DataFrame(
            {
                "period_id": target.period.pk,
                "line_id": line,
                "previous_pence": rows["before"],
                "forecast_pence": rows["forecast"],
                "source_id": target.upload.pk,
                "by_id": pd.array([by] * len(rows), dtype="Int64"),
                "reason": ENTERED_BY_FILE,
                "at": connection.ops.adapt_datetimefield_value(timezone.now()),
            }
        )
        insert_rows(ForecastEntry, frame)


def entered_forecasts(frame: pd.DataFrame, rows: pd.DataFrame, typed: Typed) -> Entered:
    """What the file enters: each forecast given that is another than holds, or is only carried.

    `frame` has the file's forecasts (Int64, NA: changes nothing), `rows` the same rows as positions
    without typed forecasts.
    """
    holds = with_typed_forecasts(rows, typed.all)
    given = frame["forecast"]
    other = given.notna() & (
        (given != holds["forecast"]).fillna(True) | holds["carried_from"].notna()
    )
    found = pd.DataFrame({"line": rows["line"], "forecast": given, "before": holds["forecast"]})
    return Entered(found[other.astype(bool)], typed)
