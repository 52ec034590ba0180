"""Enter the forecasts of a file of forecasts; like typed ones they come before the ledger's."""

from dataclasses import dataclass

import pandas as pd
from django.db import connection
from django.utils import timezone

from council_finance.bulk import insert_rows
from monitoring.forecasts.models import ForecastEntry
from monitoring.ledger.selectors.typed_forecasts import with_typed_forecasts
from monitoring.ledger_files.upload_kinds.typed import TypedComparison
from monitoring.uploading.models import Upload
from monitoring.uploading.prepared import Target

ENTERED_BY_FILE = "From a file of forecasts"


@dataclass
class EnteredForecasts:
    """The forecasts that a file enters.

    `rows` has columns line (negative: new), forecast and before (Int64 pence; the forecast until
    now). `typed` are people's own forecasts, of which some may be kept.
    """

    rows: pd.DataFrame
    typed: TypedComparison

    def over(self, positions: pd.DataFrame) -> pd.DataFrame:
        """Return the positions with every forecast that the file enters."""
        return with_typed_forecasts(positions, self.rows)

    def held(self, upload: Upload) -> pd.DataFrame:
        """Return the rows that are entered, without those whose typed forecast is kept."""
        differing, given_up = self.typed.differing["line"], self.typed.given_up(upload)["line"]
        return self.rows[~self.rows["line"].isin(set(differing) - set(given_up))]

    def store(self, target: Target, new_ids: pd.Series) -> None:
        """Store an entry for each row; `new_ids` are the ids of new lines by negative id."""
        rows = self.held(target.upload)
        line = rows["line"].where(rows["line"] > 0, rows["line"].map(new_ids)).astype("int64")
        by = target.by.pk if target.by else pd.NA
        frame = pd.DataFrame(
            {
                "period_id": target.its_period.pk,
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


def entered_forecasts(
    frame: pd.DataFrame, rows: pd.DataFrame, typed: TypedComparison
) -> EnteredForecasts:
    """Return the forecasts that the file enters: those that differ, or were only carried forward.

    `frame` has the file's forecasts (Int64, NA: changes nothing), `rows` the same rows as positions
    without typed forecasts.
    """
    current = with_typed_forecasts(rows, typed.all)
    given = frame["forecast"]
    other = given.notna() & (
        (given != current["forecast"]).fillna(True) | current["carried_from"].notna()
    )
    found = pd.DataFrame({"line": rows["line"], "forecast": given, "before": current["forecast"]})
    return EnteredForecasts(found[other.astype(bool)], typed)
