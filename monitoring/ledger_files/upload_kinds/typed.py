"""Compare typed figures with those of a file, and keep or replace them.

A blank cell keeps what was typed. Where both exist and differ a person chooses, line by line,
before the file is stored; a command and a pack take the file's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from council_finance.money import plain_pounds
from council_finance.uploads.problems import SHOWN
from council_finance.uploads.sheet_rows import row_in_words
from monitoring.forecasts.models import ForecastEntry, ForecastMeasure
from monitoring.ledger.selectors.typed_amounts import FIELDS, FORECAST, MEASURES
from monitoring.ledger.selectors.typed_forecasts import typed_figures
from monitoring.uploading.changes import TypedDifference
from monitoring.uploading.models import TypedChoice, Upload
from monitoring.uploading.prepared import Target

TAKEN_FROM_FILE = "The figure of the ledger’s file was taken"


@dataclass
class TypedComparison:
    """The typed figures of a period, compared with a file's.

    `all` has columns line, entry (ids), measure, amount (Int64 pence); `differing` are those whose
    line has another figure in the file, with `in_file` (Int64 pence) and the file's `row`.
    """

    all: pd.DataFrame
    differing: pd.DataFrame

    @property
    def undisputed(self) -> pd.DataFrame:
        """Return the typed figures that the file leaves as they are."""
        return self.all[~self.all["entry"].isin(self.differing["entry"])]

    def given_up(self, upload: Upload) -> pd.DataFrame:
        """Return the typed figures that the file's replace, as the person chose."""
        if upload.typed_choice == TypedChoice.TYPED:
            return self.differing.iloc[:0]
        if upload.typed_choice == TypedChoice.EACH:
            return self.differing[~self.differing["line"].isin(upload.keep_typed)]
        return self.differing

    def by_people(self) -> "TypedComparison":
        """Return the comparison without differing figures that another file entered."""
        entries = ForecastEntry.objects.filter(pk__in=self.differing["entry"].tolist())
        people = set(entries.filter(source__isnull=True).values_list("pk", flat=True))
        return TypedComparison(self.all, self.differing[self.differing["entry"].isin(people)])

    def kept(self, upload: Upload) -> pd.DataFrame:
        """Return the typed figures that stay once the file is stored."""
        return self.all[~self.all["entry"].isin(self.given_up(upload)["entry"])]


def compare_typed(frame: pd.DataFrame, placed: pd.DataFrame, target: Target) -> TypedComparison:
    """Compare the period's typed figures with those of a file's rows.

    `frame` has the file's forecast and planned use (Int64, NA: keeps what was typed) by the file's
    row, `placed` the line of each row.
    """
    typed = typed_figures(target.its_period.pk)
    if typed.empty:
        return TypedComparison(typed, typed.assign(row=0, in_file=pd.NA))
    lines = placed["line"][placed["line"].isin(typed["line"])]
    both = typed.merge(given_figures(frame.loc[lines.index], lines), on=["line", "measure"])
    return TypedComparison(typed, both[both["in_file"] != both["amount"]])


def given_figures(frame: pd.DataFrame, lines: pd.Series) -> pd.DataFrame:
    """Return each figure that a file gives: columns row, line, measure, in_file (Int64 pence)."""
    each = [
        pd.DataFrame(
            {"row": frame.index, "line": lines, "measure": measure, "in_file": frame[column]}
        ).dropna(subset=["in_file"])
        for measure, column in FILE_COLUMNS.items()
    ]
    return pd.concat(each, ignore_index=True)


FILE_COLUMNS = {measure: FIELDS[measure].removesuffix("_pence") for measure in MEASURES}
"""The column of a file of budget lines that gives each measure."""


def differing_figures(
    typed: TypedComparison, sheets: Sequence[str] = ()
) -> tuple[TypedDifference, ...]:
    """Return the lines of the first differing figures, by the file's row, as a page lists them.

    A line whose forecast and planned use differ is listed once, as a person chooses by line.
    `sheets` are those that were read together, where there are several.
    """
    rows = typed.differing.sort_values(["row", "measure"])
    shown = rows[rows["row"].isin(rows["row"].drop_duplicates().head(SHOWN))]
    entries = ForecastEntry.objects.select_related("line", "by").in_bulk(shown["entry"].tolist())
    return tuple(
        _describe_difference(entries, figures, row_in_words(sheets, int(row)))
        for row, figures in shown.groupby("row")
    )


def _describe_difference(
    entries: dict[int, ForecastEntry], figures: pd.DataFrame, row: str
) -> TypedDifference:
    """Return a line's typed figures and the file's as texts; `figures` are of one file's row."""
    last = max((entries[entry] for entry in figures["entry"]), key=lambda entry: entry.pk)
    return TypedDifference(
        row=row.removeprefix("row "),
        line=last.line_id,
        code=last.line.code,
        description=last.line.description,
        in_file=_join_figures(figures, "in_file"),
        typed=_join_figures(figures, "amount"),
        by=last.by.name if last.by else "",
        at=last.at,
    )


def _join_figures(figures: pd.DataFrame, column: str) -> str:
    """Return a line's figures in words: a forecast is only an amount, planned use is named."""
    return "; ".join(
        plain_pounds(int(amount))
        if measure == FORECAST
        else f"{ForecastMeasure(measure).label} {plain_pounds(int(amount))}"
        for measure, amount in zip(figures["measure"], figures[column], strict=True)
    )


def give_up_typed(typed: TypedComparison, target: Target) -> None:
    """Store entries that take typed figures back where the file's replace them."""
    given_up = typed.given_up(target.upload)
    ForecastEntry.objects.bulk_create(
        [
            ForecastEntry(
                period=target.period,
                line_id=int(row.line),
                measure=row.measure,
                previous_pence=int(row.amount),
                forecast_pence=None,
                reason=TAKEN_FROM_FILE,
                source=target.upload,
                by=target.by,
            )
            for row in given_up.itertuples()
        ],
        batch_size=1000,
    )
