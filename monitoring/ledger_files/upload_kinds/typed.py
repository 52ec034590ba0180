"""Compare typed forecasts with those of a file, and keep or replace them.

A blank cell keeps what was typed. Where both exist and differ a person chooses before the file is
stored; a command and a pack take the file's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from council_finance.money import plain_pounds
from council_finance.uploads.problems import SHOWN
from council_finance.uploads.sheet_rows import row_in_words
from monitoring.forecasts.models import ForecastEntry
from monitoring.ledger.selectors.typed_forecasts import typed_forecasts
from monitoring.uploading.changes import TypedDifference
from monitoring.uploading.models import TypedChoice, Upload
from monitoring.uploading.prepared import Target

TAKEN_FROM_FILE = "The forecast of the ledger’s file was taken"


@dataclass
class TypedComparison:
    """The typed forecasts of a period, compared with a file's.

    `all` has columns line, entry (ids), forecast (Int64 pence); `differing` are those whose line
    has another forecast in the file, with `in_file` (Int64 pence) and the file's `row`.
    """

    all: pd.DataFrame
    differing: pd.DataFrame

    def given_up(self, upload: Upload) -> pd.DataFrame:
        """Return the typed forecasts that the file's replace, as the person chose."""
        if upload.typed_choice == TypedChoice.TYPED:
            return self.differing.iloc[:0]
        if upload.typed_choice == TypedChoice.EACH:
            return self.differing[~self.differing["line"].isin(upload.keep_typed)]
        return self.differing

    def by_people(self) -> "TypedComparison":
        """Return the comparison without differing forecasts that another file entered."""
        entries = ForecastEntry.objects.filter(pk__in=self.differing["entry"].tolist())
        people = set(entries.filter(source__isnull=True).values_list("pk", flat=True))
        return TypedComparison(self.all, self.differing[self.differing["entry"].isin(people)])

    def kept(self, upload: Upload) -> pd.DataFrame:
        """Return the typed forecasts that stay once the file is stored."""
        return self.all[~self.all["line"].isin(self.given_up(upload)["line"])]


def compare_typed(frame: pd.DataFrame, placed: pd.DataFrame, target: Target) -> TypedComparison:
    """Compare the period's typed forecasts with the forecasts of a file's rows.

    `frame` has a column forecast (Int64, NA: keeps what was typed) by the file's row, `placed` the
    line of each row.
    """
    typed = typed_forecasts(target.its_period.pk)
    rows = pd.DataFrame({"line": placed["line"], "in_file": frame["forecast"]}).reset_index()
    both = typed.merge(rows.dropna(subset=["in_file"]), on="line")
    return TypedComparison(typed, both[both["in_file"] != both["forecast"]])


def differing_forecasts(
    typed: TypedComparison, sheets: Sequence[str] = ()
) -> tuple[TypedDifference, ...]:
    """Return the first of the differing forecasts, by the file's row, as a page lists them.

    `sheets` are those that were read together, where there are several.
    """
    shown = typed.differing.sort_values("row").head(SHOWN)
    entries = ForecastEntry.objects.select_related("line", "by").in_bulk(shown["entry"].tolist())
    return tuple(
        _describe_difference(entries[row.entry], row, sheets) for row in shown.itertuples()
    )


def _describe_difference(entry: ForecastEntry, row: Any, sheets: Sequence[str]) -> TypedDifference:
    """Return a typed forecast and the file's as texts; `row` is a row of `differing`."""
    return TypedDifference(
        row=row_in_words(sheets, int(row.row)).removeprefix("row "),
        line=int(row.line),
        code=entry.line.code,
        description=entry.line.description,
        in_file=plain_pounds(int(row.in_file)),
        typed=plain_pounds(int(row.forecast)),
        by=entry.by.name if entry.by else "",
        at=entry.at,
    )


def give_up_typed(typed: TypedComparison, target: Target) -> None:
    """Store entries that take typed forecasts back where the file's replace them."""
    given_up = typed.given_up(target.upload)
    ForecastEntry.objects.bulk_create(
        [
            ForecastEntry(
                period=target.period,
                line_id=int(row.line),
                previous_pence=int(row.forecast),
                forecast_pence=None,
                reason=TAKEN_FROM_FILE,
                source=target.upload,
                by=target.by,
            )
            for row in given_up.itertuples()
        ],
        batch_size=1000,
    )
