"""The steps shared by all files of budget lines, from the checked rows to the stored batch."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd

from council_finance.uploads.table import TypedTable
from monitoring.figures.calculations import Figures
from monitoring.figures.pipeline import compute, write_figures
from monitoring.figures.selectors.inputs import Inputs, figures_inputs_with
from monitoring.ledger.followed_ties import follow_tied_planned_use
from monitoring.ledger.models import Batch
from monitoring.ledger.selectors.typed_forecasts import with_typed_figures
from monitoring.ledger_files.stored import positions_of_period, stored_positions
from monitoring.ledger_files.upload_kinds.entered import EnteredFigures
from monitoring.ledger_files.upload_kinds.lines import KEY, Lines, changed_lines, store_lines
from monitoring.ledger_files.upload_kinds.planned_use import ties_to_keep
from monitoring.ledger_files.upload_kinds.position_rows import store_positions
from monitoring.ledger_files.upload_kinds.typed import (
    TypedComparison,
    differing_figures,
    give_up_typed,
)
from monitoring.plausibility.calculations import count_still
from monitoring.structure.models import Period
from monitoring.structure.year_changes import stay_current
from monitoring.uploading.changes import Comparison, UploadChanges
from monitoring.uploading.prepared import Prepared, Target
from monitoring.uploading.seen_before import warn_where_nothing_moved
from monitoring.uploading.still_figures import StillFigures


@dataclass(frozen=True)
class LinesPayload:
    """The lines of a file with new ones, the period's positions, and the figures from them.

    `positions` is as position_rows makes it, `typed` the typed figures beside it. New lines have
    negative ids until they are stored. `entered` are figures that a file of forecasts enters.
    `inputs` and `figures` come with the calculation, `batch` where it is written ahead.
    """

    lines: Lines
    positions: pd.DataFrame
    typed: TypedComparison
    entered: EnteredFigures | None = None
    inputs: Inputs | None = None
    figures: Figures | None = None
    batch: Batch | None = None


PreparedLines = Prepared[LinesPayload]


def sums_of(table: TypedTable, names: tuple[str, ...]) -> dict[str, int | None]:
    """Return the sum in pence of each of these columns that the file has; None where all blank."""
    given = [name for name in names if name in table.given]
    sums = {name: table.frame[name].sum(min_count=1) for name in given}
    return {name: None if pd.isna(value) else int(value) for name, value in sums.items()}


def changes_with_typed(
    comparison: Comparison | None,
    typed: TypedComparison,
    table: TypedTable,
    notes: tuple[str, ...] = (),
) -> UploadChanges:
    """Return what a file of lines changes, and the typed figures on which a person decides.

    `notes` are sentences on what the file leaves as it is.
    """
    return UploadChanges(
        comparison,
        typed=differing_figures(typed, table.sheets),
        typed_lines=typed.differing["line"].nunique(),
        asked=frozenset(int(entry) for entry in typed.differing["entry"]),
        notes=notes,
    )


def known_line_codes(prepared: PreparedLines, target: Target) -> dict[str, Iterable[str]]:
    """Return the year's cost centres and accounts; none where no line, and so no code, is new."""
    lines = prepared.payload.lines
    if lines.new.empty:
        return {}
    return {column: lines.known[column].unique() for column in KEY}


def warn_of_still_lines(prepared: PreparedLines, target: Target) -> bool:
    """Warn where no actual, or without actuals no forecast, has moved; return whether it did."""
    before = target.period_before
    if before is None:
        return False
    for name, words in (("actual_to_date", "actual"), ("forecast", "forecast")):
        if name not in prepared.table.given:
            continue
        given = prepared.table.frame[name]
        given = given.set_axis(prepared.payload.lines.placed["line"].to_numpy())
        last = positions_of_period(target, before).set_index("line")[name]
        same, counted = count_still(given, last.reindex(given.index).astype("Int64"))
        still = StillFigures(same, counted, before.name.lower(), f"no {words}", words)
        return warn_where_nothing_moved(prepared.table, still)
    return False


def calculate_figures(prepared: PreparedLines, target: Target) -> PreparedLines:
    """Calculate the period's figures from the checked rows, before anything is written."""
    payload = prepared.payload
    positions = with_typed_figures(payload.positions, payload.typed.kept(target.upload))
    if payload.entered is not None:
        positions = with_typed_figures(positions, payload.entered.held(target.upload))
    inputs = figures_inputs_with(
        target.its_period,
        positions,
        payload.lines.services_by_line(),
        partial(stored_positions, target),
    )
    calculated = replace(payload, inputs=inputs, figures=compute(inputs))
    return replace(prepared, payload=calculated)


def write_batch_ahead(prepared: PreparedLines, target: Target) -> PreparedLines:
    """Write the batch before the year is locked, as it takes most of the time.

    No period refers to it yet. New lines can only be made with the year locked: where the file has
    some, write nothing ahead.
    """
    payload = prepared.payload
    if not payload.lines.new.empty:
        return prepared
    batch = _write_batch(payload, target, pd.Series(dtype="int64"))
    return replace(prepared, payload=replace(payload, batch=batch))


def store_lines_file(prepared: PreparedLines, target: Target) -> None:
    """Write lines, forecasts, a new batch and the read model, and point the period at the batch."""
    payload = prepared.payload
    if payload.inputs is None or payload.figures is None:
        raise ValueError("the figures of a file are calculated before it is stored")
    ties = ties_to_keep(target)
    changed = lines_changed_by(prepared, target)
    ids = store_lines(payload.lines, prepared.table, changed, target)
    if payload.entered is not None:
        payload.entered.store(target, ids, ties.codes)
    elif not payload.typed.differing.empty:
        give_up_typed(payload.typed, target)
    period = Period.objects.get(pk=target.its_period.pk)
    period.batch = payload.batch or _write_batch(payload, target, ids)
    period.save(update_fields=["batch"])
    ties.store(period.batch, payload.positions)
    if ties.were_any:
        follow_tied_planned_use(period, target.by)
    write_figures(period, payload.inputs, payload.figures, revision=target.year.revision)
    # Unless lines or the tree have changed, figures of other periods are still up to date.
    if changed.empty and payload.inputs.tree.open_ids == payload.lines.tree.open_ids:
        stay_current(target.year)


def lines_changed_by(prepared: PreparedLines, target: Target) -> pd.DataFrame:
    """Return known lines that a file changes, as changed_lines does, compared once."""
    lines, table = prepared.payload.lines, prepared.table
    return target.read_once("changed lines", lambda: changed_lines(lines, table))


def _write_batch(payload: LinesPayload, target: Target, ids: pd.Series) -> Batch:
    """Write the period's next batch with its positions; `ids` are new lines' by negative ones."""
    last = Batch.objects.filter(period=target.its_period).order_by("-number").first()
    batch = Batch.objects.create(
        period=target.its_period,
        number=last.number + 1 if last else 1,
        upload=target.upload,
        created_by=target.by,
    )
    store_positions(batch, payload.positions, ids)
    return batch
