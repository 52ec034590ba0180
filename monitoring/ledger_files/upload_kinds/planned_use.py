"""Carry planned use of reserves and receipts forward where a file leaves it blank.

Like a forecast it is carried forward from the month before and marked so; in a year's first period
with figures blank is nil. Planned use that was typed in the period comes before both. What it is
tied to is carried forward with it, whatever a file says.
"""

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from monitoring.forecasts.models import PLANNED_USE
from monitoring.ledger.models import Batch, PlannedUseTie
from monitoring.ledger.selectors.planned_use_ties import Cell, ties_of
from monitoring.ledger.selectors.typed_amounts import PLANNED_USE_LABELS
from monitoring.ledger.selectors.typed_forecasts import with_typed_figures
from monitoring.ledger_files.stored import positions_of_period
from monitoring.ledger_files.upload_kinds.typed import TypedComparison, given_figures
from monitoring.structure.council_settings import read_settings
from monitoring.structure.models import Period
from monitoring.uploading.prepared import Target


def carry_planned_use(rows: pd.DataFrame, target: Target, before: Period | None) -> pd.DataFrame:
    """Return the rows with planned use in every cell, and planned_use_carried_from.

    `rows` has columns line and PLANNED_USE (Int64, NA: blank in the file); `before` is the nearest
    earlier period with figures.
    """
    last = None if before is None else positions_of_period(target, before).set_index("line")
    carried = pd.Series(False, index=rows.index)
    filled: dict[str, pd.Series] = {}
    for name in PLANNED_USE:
        value = rows[name]
        if last is not None and value.isna().any():
            # Most lines have none, and those are not looked up.
            guess = figure_by_line(last.loc[last[name] != 0, name], rows).where(value.isna())
            carried |= guess.notna()
            value = value.fillna(guess)
        filled[name] = value.fillna(0).astype("int64")
    number = pd.NA if before is None else before.number
    marks = pd.Series(pd.NA, index=rows.index, dtype="Int64").mask(carried, number)
    return rows.assign(**filled, planned_use_carried_from=marks)


def figure_by_line(figures: pd.Series, rows: pd.DataFrame) -> pd.Series:
    """Return the figure of each row's line (Int64), NA for none; `figures` is by line id."""
    found = figures.astype("Int64").reindex(rows["line"].to_numpy())
    return found.set_axis(rows.index)


def describe_carried(
    positions: pd.DataFrame,
    typed: TypedComparison,
    frame: pd.DataFrame,
    lines: pd.Series,
    target: Target,
) -> tuple[str, ...]:
    """Return a sentence for each measure of planned use that is carried forward in the period.

    `positions` are those of the period once the file is stored, without typed figures; `frame` has
    the figures of the file, and `lines` the line of each of its rows.
    """
    before = target.period_before
    if before is None:
        return ()
    current = with_typed_figures(positions, typed.all)
    current = current[current["planned_use_carried_from"].notna()]
    if current.empty:
        return ()
    lines = lines[lines.isin(current["line"])]
    given = given_figures(frame.loc[lines.index], lines)
    display = read_settings(target.year.settings).display
    sentences = []
    for measure, label in PLANNED_USE_LABELS.items():
        in_file = given.loc[given["measure"] == measure, "line"]
        is_typed = typed.all.loc[typed.all["measure"] == measure, "line"]
        carried = current[current[measure] != 0]
        carried = carried[~carried["line"].isin(pd.concat([in_file, is_typed]))]
        if len(carried):
            count = "1 line" if len(carried) == 1 else f"{len(carried):,} lines"
            amount = display.in_words(int(carried[measure].sum()))
            sentences.append(
                f"{label} of {amount} on {count} is carried forward from "
                f"{before.name.lower()}: the file gives none for them. Enter 0 where it is nil."
            )
    return tuple(sentences)


class TiesToKeep(NamedTuple):
    """The codes that planned use stays tied to; `carried` are cells tied in the month before.

    `were_any` says whether planned use of the period or of the month before is tied so far.
    """

    codes: Mapping[Cell, str]
    carried: frozenset[Cell]
    were_any: bool

    def store(self, batch: Batch, positions: pd.DataFrame) -> None:
        """Store the ties of those of a batch's lines that have one."""
        if not self.codes:
            return
        lines = set(positions["line"])
        PlannedUseTie.objects.bulk_create(
            [
                PlannedUseTie(
                    batch=batch,
                    line_id=line,
                    measure=measure,
                    code=code,
                    is_carried=(line, measure) in self.carried,
                )
                for (line, measure), code in sorted(self.codes.items())
                if line in lines
            ],
            batch_size=1000,
        )


def ties_to_keep(target: Target) -> TiesToKeep:
    """Return the ties that stay when a file of the period is stored.

    A tie typed in the period comes before one of the month before, and this before one that an
    earlier file of the period kept. Read them before anything of the file is stored.
    """
    own = ties_of(Period.objects.get(pk=target.its_period.pk))
    earlier = ties_of(target.period_before).current
    own_batch = {cell: code for cell, code in own.batch.items() if cell not in own.carried}
    kept = {**own_batch, **earlier, **own.typed}
    codes = {cell: code for cell, code in kept.items() if code}
    return TiesToKeep(codes, frozenset(earlier), bool(own.current or earlier))
