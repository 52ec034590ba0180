"""position.csv: the ledger's figures of a period, line by line."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from council_finance import registry
from council_finance.periods import CLOSE
from council_finance.uploads.columns import AMOUNT, CODE, YES, ColumnSpec
from council_finance.uploads.table import TypedTable
from monitoring.models import Batch, Period
from monitoring.pipeline.figures import compute, stay_current, write_figures
from monitoring.selectors.forecasts import with_typed
from monitoring.selectors.inputs import Inputs, figures_inputs_with
from monitoring.upload_kinds.lines import (
    KEY,
    Lines,
    changed_lines,
    known_lines,
    place_lines,
    store_lines,
)
from monitoring.upload_kinds.position_rows import (
    AMOUNTS,
    check_close,
    given_forecasts,
    merge_scope,
    position_rows,
    store_positions,
)
from monitoring.upload_kinds.position_warnings import warn_of_changes
from monitoring.upload_kinds.prepared import Prepared, Target
from monitoring.upload_kinds.typed import Typed, compare_typed, differing_data, give_up_typed

_MEANINGS = {
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
        ColumnSpec(name, AMOUNT, required=name == "current_budget", meaning=_MEANINGS[name])
        for name in AMOUNTS
    ),
    ColumnSpec("exempt", YES, meaning="“yes”: the line itself is shown to officers only."),
)


@dataclass
class Payload:
    """What storing needs: the register of lines with new ones, and the period's positions.

    `positions` is as position_rows makes it, `typed` the typed forecasts beside it. New lines have
    negative ids until they are stored.
    """

    lines: Lines
    positions: pd.DataFrame
    typed: Typed
    inputs: Inputs | None = None
    figures: object = None
    batch: Batch | None = None


def check_position(table: TypedTable, target: Target) -> Prepared:
    """Check codes, duplicates and the close's rule; place every line; carry forecasts forward."""
    frame = table.frame
    twice = frame.duplicated(["cost_centre", "account"]) & (frame["cost_centre"] != "")
    for row in frame.index[twice]:
        code = f"{frame['cost_centre'][row]}/{frame['account'][row]}"
        table.problem(row, "account", code, "this line stands on an earlier row too")
    lines = place_lines(table, target, known_lines(target.year))
    if target.period.number == CLOSE:
        check_close(table)
    if table.problems:
        return Prepared(table)
    positions = position_rows(frame, lines.placed, target)
    changes = warn_of_changes(table, lines, positions, target)
    typed = compare_typed(given_forecasts(frame, target.period), lines.placed, target)
    positions = merge_scope(positions.reset_index(drop=True), lines, target)
    totals = {
        name: int(frame[name].sum()) if frame[name].notna().any() else None
        for name in AMOUNTS
        if name in table.given
    }
    return Prepared(
        table,
        Payload(lines, positions, typed),
        totals,
        changes={"typed": differing_data(typed, table.sheets), "before": changes},
        asks=frozenset(int(entry) for entry in typed.differing["entry"]),
    )


def known_line_codes(prepared: Prepared, target: Target) -> dict[str, Iterable[str]]:
    """The year's cost centres and accounts."""
    known = prepared.payload.lines.known
    return {column: known[column].unique() for column in KEY}


def work_out(prepared: Prepared, target: Target) -> None:
    """Compute the period's figures from the checked rows, before anything is written."""
    payload = prepared.payload
    payload.inputs = figures_inputs_with(
        target.period,
        with_typed(payload.positions, payload.typed.kept(target.upload)),
        payload.lines.services_by_line(),
        target.stored,
    )
    payload.figures = compute(payload.inputs)


def write_ahead(prepared: Prepared, target: Target) -> None:
    """Write the batch, most of the work, before the year is locked: no period points to it yet.

    Not where the file brings new lines: they are made with the year locked, and named in it.
    """
    payload = prepared.payload
    if (payload.lines.placed["line"] > 0).all():
        payload.batch = _write_batch(payload, target, pd.Series(dtype="int64"))


def store_position(prepared: Prepared, target: Target) -> None:
    """Write lines, a new batch and the read model, and point the period at the batch."""
    payload = prepared.payload
    ids = store_lines(payload.lines, prepared.table, target)
    if payload.batch is None:
        payload.batch = _write_batch(payload, target, ids)
    give_up_typed(payload.typed, target)
    period = Period.objects.get(pk=target.period.pk)
    period.batch = payload.batch
    period.save(update_fields=["batch"])
    write_figures(period, payload.inputs, payload.figures, revision=target.year.revision)
    if _stays_within(payload, prepared.table):
        stay_current(target.year)


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


def _stays_within(payload: Payload, table: TypedTable) -> bool:
    """Whether the figures of other periods are as they were, and what is said of their lines."""
    same_tree = payload.inputs.tree.open_ids == payload.lines.tree.open_ids
    return same_tree and changed_lines(payload.lines, table).empty


registry.register_upload_kind(
    registry.UploadKind(
        name="position",
        label="Ledger position",
        per_period=True,
        order=20,
        columns=COLUMNS,
        check=check_position,
        store=store_position,
        work=work_out,
        write_ahead=write_ahead,
        known_codes=known_line_codes,
        brings=registry.Brings.PART,
    )
)
