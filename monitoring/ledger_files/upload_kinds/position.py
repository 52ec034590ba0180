"""position.csv: the ledger's figures of a period, line by line."""

from council_finance import registry
from council_finance.periods import CLOSE
from council_finance.uploads.columns import CODE, YES, ColumnSpec
from council_finance.uploads.table import TypedTable
from monitoring.ledger.selectors.typed_forecasts import with_typed_figures
from monitoring.ledger_files.upload_kinds.line_columns import (
    ACCOUNT,
    AMOUNTS,
    COST_CENTRE,
    amount_column,
)
from monitoring.ledger_files.upload_kinds.line_template import position_template
from monitoring.ledger_files.upload_kinds.lines import known_lines, place_lines
from monitoring.ledger_files.upload_kinds.lines_file import (
    LinesPayload,
    PreparedLines,
    calculate_figures,
    changes_with_typed,
    known_line_codes,
    store_lines_file,
    sums_of,
    warn_of_still_lines,
    write_batch_ahead,
)
from monitoring.ledger_files.upload_kinds.own_workbook import SENT, refuse_stale_download
from monitoring.ledger_files.upload_kinds.planned_use import describe_carried
from monitoring.ledger_files.upload_kinds.position_rows import (
    check_close,
    given_forecasts,
    merge_scope,
    position_rows,
)
from monitoring.ledger_files.upload_kinds.position_warnings import warn_of_changes
from monitoring.ledger_files.upload_kinds.question_warnings import warn_of_questions
from monitoring.ledger_files.upload_kinds.rest import warn_of_missing_rest
from monitoring.ledger_files.upload_kinds.typed import compare_typed
from monitoring.ledger_files.upload_kinds.undo import LinesUndo
from monitoring.uploading.prepared import Prepared, Target

COLUMNS = (
    ColumnSpec(
        "service_code",
        CODE,
        meaning="The code of the service that answers for the line, as on the page Structure.",
        blank="The service that the cost centre has had so far.",
        example="ADULTS",
    ),
    COST_CENTRE,
    ACCOUNT,
    ColumnSpec(
        "description",
        meaning="What the line is called.",
        blank="The description that is stored stays.",
        example="Residential placements",
    ),
    *(amount_column(name, required=name == "current_budget") for name in AMOUNTS),
    ColumnSpec(
        "exempt",
        YES,
        meaning="“yes” where the line itself may be shown by name to officers only.",
        blank="The line is shown to everybody who sees its service.",
        example="yes",
    ),
    *SENT,
)


def check_position(table: TypedTable, target: Target) -> PreparedLines:
    """Check the rows, find each line and service, and carry missing forecasts forward."""
    frame = table.frame
    lines = place_lines(table, target, known_lines(target.year))
    if target.its_period.number == CLOSE:
        check_close(table)
    if not table.problems:
        refuse_stale_download(table, lines, target)
    table.refuse_problems()
    positions = position_rows(frame, lines.placed, target)
    typed = compare_typed(given_forecasts(frame, target.its_period), lines.placed, target)
    with_typed = with_typed_figures(positions, typed.undisputed)
    questioned = warn_of_questions(table, with_typed, target)
    comparison = warn_of_changes(table, lines, positions, target, questioned=questioned)
    positions = positions.reset_index(drop=True)
    if target.scope:
        positions = merge_scope(positions, lines, target)
        warn_of_missing_rest(table, positions, lines, target)
    notes = describe_carried(positions, typed, frame, lines.placed["line"], target)
    changes = changes_with_typed(comparison, typed, table, notes)
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
        template=position_template,
        undo=LinesUndo(),
        purpose="The ledger’s figures of the month, line by line. The file replaces all "
        "figures of the month: a line that is not in the file is removed.",
    )
)
