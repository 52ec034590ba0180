"""The earlier months of a year, which the rules compare figures with."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from council_finance.bulk import whole_numbers
from monitoring.forecasts.models import ForecastEntry, ForecastMeasure
from monitoring.ledger.models import Position
from monitoring.ledger.selectors.position_reader import BEFORE, PositionReader
from monitoring.ledger.selectors.positions import positions_frame
from monitoring.plausibility.calculations import MEASURES
from monitoring.structure.models import Period

_MOST_IDS = 5_000
"""Databases take only so many values in one query; beyond it all lines are read."""


@dataclass(frozen=True)
class EarlierMonths:
    """The months of a year before a period that have figures, the latest first."""

    periods: tuple[Period, ...]
    reader: PositionReader = field(default_factory=PositionReader, repr=False, compare=False)

    @property
    def nearest(self) -> Period | None:
        """Return the latest of them; None where there is none."""
        return self.periods[0] if self.periods else None

    def figures_before(self, lines: Sequence[int] | pd.Series) -> pd.DataFrame:
        """Return the figures of these lines in the nearest month: columns BEFORE of positions.

        All lines of that month where they are read already, or where these are very many.
        Empty, with the columns line, actual_to_date and MEASURES, where there is none.
        """
        if self.nearest is None or self.nearest.batch is None:
            names = ("line", "actual_to_date", *MEASURES)
            return pd.DataFrame({name: pd.array([], dtype="Int64") for name in names})
        batch = self.nearest.batch
        if self.reader.has_read(batch, BEFORE) or (ids := _limit_ids(lines)) is None:
            return self.reader.of_batch(batch, columns=BEFORE)
        return positions_frame(batch, lines=ids, columns=BEFORE)

    def forecasts(self, lines: Sequence[int]) -> pd.DataFrame:
        """Return the forecasts of these lines in every one of the months, by two queries.

        Rows by line, columns by the months' numbers, the latest first; Int64 pence.
        """
        index = pd.Index(sorted(set(lines)), dtype="int64")
        found = pd.DataFrame(index=index)
        ledger, typed = self._ledger_forecasts(lines), self._typed_forecasts(lines)
        for period in self.periods:
            column = _by_line(ledger, "batch", period.batch_id).reindex(index)
            own = _by_line(typed, "period", period.pk).reindex(index)
            found[period.number] = own.fillna(column).astype("Int64")
        return found

    def _ledger_forecasts(self, lines: Sequence[int]) -> pd.DataFrame:
        batches = [period.batch_id for period in self.periods if period.batch_id is not None]
        rows = Position.objects.of_batches({period.year_id for period in self.periods}, batches)
        if (ids := _limit_ids(lines)) is not None:
            rows = rows.filter(line__in=ids)
        names = ["batch", "line", "forecast"]
        fields = rows.order_by("line_id").values_list("batch_id", "line_id", "forecast_pence")
        return whole_numbers(fields, names, nullable=["forecast"])

    def _typed_forecasts(self, lines: Sequence[int]) -> pd.DataFrame:
        """Return the last typed forecast of each line in each month."""
        rows = ForecastEntry.objects.filter(
            period__in=[period.pk for period in self.periods], measure=ForecastMeasure.FORECAST
        )
        if (ids := _limit_ids(lines)) is not None:
            rows = rows.filter(line__in=ids)
        names = ["period", "line", "forecast"]
        fields = rows.order_by("pk").values_list("period_id", "line_id", "forecast_pence")
        entries = whole_numbers(fields, names, nullable=["forecast"])
        return entries.drop_duplicates(["period", "line"], keep="last")


def earlier_months(period: Period, reader: PositionReader | None = None) -> EarlierMonths:
    """Return the months of the period's year before it that have figures.

    `reader` has read the positions of months that the caller needs besides.
    """
    rows = Period.objects.filter(year=period.year, number__lt=period.number, batch__isnull=False)
    found = tuple(rows.select_related("batch").order_by("-number"))
    return EarlierMonths(found, reader or PositionReader())


def _by_line(frame: pd.DataFrame, column: str, value: int | None) -> pd.Series:
    rows = frame[frame[column] == value]
    return pd.Series(rows["forecast"].array, index=rows["line"].to_numpy(), dtype="Int64")


def _limit_ids(lines: Sequence[int] | pd.Series) -> list[int] | None:
    """Return the ids to ask for, without those of new lines; None where they are too many."""
    numbers = np.unique(np.asarray(lines, dtype="int64"))
    known = numbers[numbers > 0]
    return known.tolist() if len(known) <= _MOST_IDS else None
