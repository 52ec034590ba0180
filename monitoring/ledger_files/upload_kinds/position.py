"""position.csv: the ledger's figures of a period, line by line."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import pandas as pd

from council_finance import registry
from council_finance.periods import CLOSE
from council_finance.uploads.columns import AMOUNT, CODE, YES, ColumnSpec
from council_finance.uploads.table import TypedTable
from monitoring.figures.pipeline import compute, write_figures
from monitoring.figures.selectors.inputs import Inputs, figures_inputs_with
from monitoring.ledger.models import Batch
from monitoring.ledger.selectors.typed_forecasts import with_typed
from monitoring.ledger_files.still_lines import warn_of_still_lines
from monitoring.ledger_files.stored import stored_positions
from monitoring.ledger_files.upload_kinds.entered import Entered
from monitoring.ledger_files.upload_kinds.lines import (
    KEY,
    Lines,
    changed_lines,
    known_lines,
    place_lines,
    store_lines,
)
from monitoring.ledger_files.upload_kinds.own_workbook import SENT, refuse_stale_download
from monitoring.ledger_files.upload_kinds.position_rows import (
    AMOUNTS,
    check_close,
    given_forecasts,
    merge_scope,
    position_rows,
    store_positions,
)
from monitoring.ledger_files.upload_kinds.position_warnings import warn_of_changes
from monitoring.ledger_files.upload_kinds.rest import warn_of_missing_rest
from monitoring.ledger_files.upload_kinds.typed import (
    Typed,
    compare_typed,
    differing_data,
    give_up_typed,
)
from monitoring.structure.models import Period
from monitoring.structure.year_changes import stay_current
from monitoring.uploading.prepared import Prepared, Target

MEANINGS = {
    "original_budget": "The budget as the council approved it; without it, that of period 0.",
    "current_budget": "The budget as it stands now, with every approved virement.",
    "actual_to_date": "What has been spent or received so far.",
    "commitments": "Orders placed and not yet paid.",
    "profiled_budget_to_date": "The part of the budget that was expected to be spent by now.",
    "forecast": "What the year is expected to end at; blank keeps the forecast there is.",
    "planned_use_of_reserves": "Drawn from earmarked reserves is negative, put into them positive.",
    "planned_use_of_capital_receipts": "Paid for by capital receipts flexibilities: negative.",
}
COLUMNS = (
    ColumnSpec("service_code", CODE, meaning="Blank: the service of the cost centre so far."),
    ColumnSpec("cost_centre", CODE, required=True, meaning="The team or place that spends."),
    ColumnSpec(
        "account", CODE, required=True, meaning="What is bought or received: the subjective code."
    ),
    ColumnSpec("description", meaning="What the line is called."),
    *(
        ColumnSpec(name, AMOUNT, required=name == "current_budget", meaning=MEANINGS[name])
        for name in AMOUNTS
    ),
    ColumnSpec("exempt", YES, meaning="“yes”: the line itself is shown to officers only."),
    *SENT,
)


@dataclass
class Payload:
    """What storing needs: the register of lines with new ones, and the period's positions.

    `positions` is as position_rows makes it, `typed` the typed forecasts beside it. New lines have
    negative ids until they are stored. `entered` are forecasts that a file of forecasts enters.
    """

    lines: Lines
    positions: pd.DataFrame
    typed: Typed
    entered: Entered | None = None
    inputs: Inputs | None = None
    figures: object = None
    batch: Batch | None = None


def check_position(table: TypedTable, target: Target) -> Prepared:
    """Check codes, duplicates and the close's rule; place every line; carry forecasts forward."""
    frame = table.frame
    check_once(table)
    lines = place_lines(table, target, known_lines(target.year))
    if target.period.number == CLOSE:
        check_close(table)
    if not table.problems:
        refuse_stale_download(table, lines, target)
    if table.problems:
        return Prepared(table)
    positions = position_rows(frame, lines.placed, target)
    changes = warn_of_changes(table, lines, positions, target)
    typed = compare_typed(given_forecasts(frame, target.period), lines.placed, target)
    positions = merge_scope(positions.reset_index(drop=True), lines, target)
    warn_of_missing_rest(table, positions, lines, target, kind="position")
    return Prepared(
        table,
        Payload(lines, positions, typed),
        sums_of(table, AMOUNTS),
        changes={"typed": differing_data(typed, table.sheets), "before": changes},
        asks=frozenset(int(entry) for entry in typed.differing["entry"]),
    )


def known_line_codes(prepared: Prepared, target: Target) -> dict[str, Iterable[str]]:
    """Return the year's cost centres and accounts; none where no line, and so no code, is new."""
    lines = prepared.payload.lines
    if lines.new.empty:
        return {}
    return {column: lines.known[column].unique() for column in KEY}


def check_once(table: TypedTable) -> None:
    """Note each row whose line stands on an earlier row too."""
    frame = table.frame
    twice = frame.duplicated(["cost_centre", "account"]) & (frame["cost_centre"] != "")
    for row in frame.index[twice]:
        code = f"{frame['cost_centre'][row]}/{frame['account'][row]}"
        table.problem(row, "account", code, "this line stands on an earlier row too")


def sums_of(table: TypedTable, names: tuple[str, ...]) -> dict[str, int | None]:
    """The sum in pence of each of these columns that the file has; None where all are blank."""
    given = [name for name in names if name in table.given]
    sums = {name: table.frame[name].sum(min_count=1) for name in given}
    return {name: None if pd.isna(value) else int(value) for name, value in sums.items()}


def work_out(prepared: Prepared, target: Target) -> None:
    """Compute the period's figures from the checked rows, before anything is written."""
    payload = prepared.payload
    positions = with_typed(payload.positions, payload.typed.kept(target.upload))
    if payload.entered is not None:
        positions = with_typed(positions, payload.entered.held(target.upload))
    payload.inputs = figures_inputs_with(
        target.period,
        positions,
        payload.lines.services_by_line(),
        partial(stored_positions, target),
    )
    payload.figures = compute(payload.inputs)


def write_ahead(prepared: Prepared, target: Target) -> None:
    """Write the batch, most of the work, before the year is locked: no period points to it yet.

    Not where the file brings new lines: they are made with the year locked, and named in it.
    """
    payload = prepared.payload
    if payload.lines.new.empty:
        payload.batch = _write_batch(payload, target, pd.Series(dtype="int64"))


def store_position(prepared: Prepared, target: Target) -> pd.Series:
    """Write lines, a new batch and the read model, and point the period at the batch.

    Return the ids of new lines by their negative ones.
    """
    payload = prepared.payload
    changed = changed_lines(payload.lines, prepared.table)
    ids = store_lines(payload.lines, prepared.table, changed, target)
    if payload.batch is None:
        payload.batch = _write_batch(payload, target, ids)
    if payload.entered is None:
        give_up_typed(payload.typed, target)
    period = Period.objects.get(pk=target.period.pk)
    period.batch = payload.batch
    period.save(update_fields=["batch"])
    write_figures(period, payload.inputs, payload.figures, revision=target.year.revision)
    # Without either, other periods' figures and what is said of their lines are as they were.
    if changed.empty and payload.inputs.tree.open_ids == payload.lines.tree.open_ids:
        stay_current(target.year)
    return ids


def _write_batch(payload: Payload, target: Target, ids: pd.Series) -> Batch:
    """The period's next batch with its positions; `ids` of new lines by their negative ones."""
    last = Batch.objects.filter(period=target.period).order_by("-number").first()
    batch = Batch.objects.create(
        period=target.period,
        number=last.number + 1 if last else 1,
        upload=target.upload,
        created_by=target.by,
    )
    store_positions(batch, payload.positions, ids)
    return batch


registry.register_upload_kind(
    registry.UploadKind(
        name="position",
        label="Ledger position",
        per_period=True,
        after="services",
        columns=COLUMNS,
        check=check_position,
        store=store_position,
        work=work_out,
        write_ahead=write_ahead,
        known_codes=known_line_codes,
        warn_of_still_lines=warn_of_still_lines,
        brings=registry.Brings.PART,
        purpose="The ledger’s figures of the month, line by line. The file replaces everything "
        "that stands: a line that it does not name is gone.",
    )
)
