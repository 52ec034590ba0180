"""position.csv: the ledger's figures of a period, line by line."""

from council_finance import registry
from council_finance.periods import CLOSE
from council_finance.uploads.columns import AMOUNT, CODE, YES, ColumnSpec
from council_finance.uploads.table import TypedTable
from monitoring.ledger_files.upload_kinds.lines import known_lines, place_lines
from monitoring.ledger_files.upload_kinds.lines_file import (
    LinesPayload,
    PreparedLines,
    calculate_figures,
    changes_with_typed,
    check_once,
    known_line_codes,
    store_lines_file,
    sums_of,
    warn_of_still_lines,
    write_batch_ahead,
)
from monitoring.ledger_files.upload_kinds.own_workbook import SENT, refuse_stale_download
from monitoring.ledger_files.upload_kinds.position_rows import (
    AMOUNTS,
    check_close,
    given_forecasts,
    merge_scope,
    position_rows,
)
from monitoring.ledger_files.upload_kinds.position_warnings import warn_of_changes
from monitoring.ledger_files.upload_kinds.rest import warn_of_missing_rest
from monitoring.ledger_files.upload_kinds.typed import compare_typed
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


def check_position(table: TypedTable, target: Target) -> PreparedLines:
    """Check the rows, find each line and service, and carry missing forecasts forward."""
    frame = table.frame
    check_once(table)
    lines = place_lines(table, target, known_lines(target.year))
    if target.its_period.number == CLOSE:
        check_close(table)
    if not table.problems:
        refuse_stale_download(table, lines, target)
    table.refuse_problems()
    positions = position_rows(frame, lines.placed, target)
    comparison = warn_of_changes(table, lines, positions, target)
    typed = compare_typed(given_forecasts(frame, target.its_period), lines.placed, target)
    positions = positions.reset_index(drop=True)
    if target.scope:
        positions = merge_scope(positions, lines, target)
        warn_of_missing_rest(table, positions, lines, target)
    changes = changes_with_typed(comparison, typed, table)
    return Prepared(table, LinesPayload(lines, positions, typed), sums_of(table, AMOUNTS), changes)


registry.register_upload_kind(
    registry.UploadKind(
        name="position",
        label="Ledger position",
        per_period=True,
        after="services",
        columns=COLUMNS,
        check=check_position,
        prepare=calculate_figures,
        write_ahead=write_batch_ahead,
        store=store_lines_file,
        known_codes=known_line_codes,
        warn_of_still_lines=warn_of_still_lines,
        brings=registry.Brings.PART,
        purpose="The ledger’s figures of the month, line by line. The file replaces all "
        "figures of the month: a line that is not in the file is removed.",
    )
)
