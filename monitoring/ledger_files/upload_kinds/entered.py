"""Enter the figures of a file of forecasts; like typed ones they come before the ledger's."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from django.db import connection
from django.utils import timezone

from council_finance.bulk import insert_rows
from monitoring.forecasts.models import ForecastEntry
from monitoring.ledger.selectors.planned_use_ties import Cell
from monitoring.ledger.selectors.typed_amounts import FORECAST, MEASURES
from monitoring.ledger.selectors.typed_forecasts import with_typed_figures
from monitoring.ledger_files.upload_kinds.typed import FILE_COLUMNS, TypedComparison
from monitoring.uploading.models import Upload
from monitoring.uploading.prepared import Target

ENTERED_BY_FILE = "From a file of forecasts"


@dataclass
class EnteredFigures:
    """The forecasts and the planned use that a file enters.

    `rows` has columns line (negative: new), measure, amount and before (Int64 pence; the figure
    until now). `typed` are people's own figures, of which some may be kept.
    """

    rows: pd.DataFrame
    typed: TypedComparison

    def over(self, positions: pd.DataFrame) -> pd.DataFrame:
        """Return the positions with every figure that the file enters."""
        return with_typed_figures(positions, self.rows)

    def held(self, upload: Upload) -> pd.DataFrame:
        """Return the rows that are entered, without those whose typed figure is kept."""
        kept = self.typed.differing
        kept = kept[~kept["entry"].isin(self.typed.given_up(upload)["entry"])]
        keys = pd.MultiIndex.from_frame(kept[["line", "measure"]])
        return self.rows[~pd.MultiIndex.from_frame(self.rows[["line", "measure"]]).isin(keys)]

    def store(self, target: Target, new_ids: pd.Series, ties: Mapping[Cell, str]) -> None:
        """Store an entry for each row; `new_ids` are the ids of new lines by negative id.

        `ties` are the codes that planned use is tied to by cell: it stays tied.
        """
        rows = self.held(target.upload)
        line = rows["line"].where(rows["line"] > 0, rows["line"].map(new_ids)).astype("int64")
        by = target.by.pk if target.by else pd.NA
        frame = pd.DataFrame(
            {
                "period_id": target.its_period.pk,
                "line_id": line,
                "measure": rows["measure"],
                "previous_pence": rows["before"],
                "forecast_pence": rows["amount"],
                "tied_to": [
                    ties.get(cell, "") for cell in zip(rows["line"], rows["measure"], strict=True)
                ],
                "source_id": target.upload.pk,
                "by_id": pd.array([by] * len(rows), dtype="Int64"),
                "reason": ENTERED_BY_FILE,
                "at": connection.ops.adapt_datetimefield_value(timezone.now()),
            }
        )
        insert_rows(ForecastEntry, frame)


def entered_figures(
    frame: pd.DataFrame, rows: pd.DataFrame, typed: TypedComparison
) -> EnteredFigures:
    """Return the figures that the file enters: those that differ, or were only carried forward.

    `frame` has the file's figures (Int64, NA: changes nothing), `rows` the same rows as positions
    without typed figures.
    """
    current = with_typed_figures(rows, typed.all)
    found = []
    for measure in MEASURES:
        given, now = frame[FILE_COLUMNS[measure]], current[measure].astype("Int64")
        enters = given.notna() & ((given != now).fillna(True) | _is_carried(current, measure))
        each = pd.DataFrame(
            {"line": rows["line"], "measure": measure, "amount": given, "before": now}
        )
        found.append(each[enters.astype(bool)])
    return EnteredFigures(pd.concat(found, ignore_index=True), typed)


def _is_carried(current: pd.DataFrame, measure: str) -> pd.Series:
    """Return for each position whether its figure of the measure is carried forward."""
    if measure == FORECAST:
        return current["carried_from"].notna()
    return current["planned_use_carried_from"].notna() & (current[measure] != 0)
