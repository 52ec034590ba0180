"""Files that change some columns of a month's lines: forecasts.csv, actuals.csv, budgets.csv.

Each changes only its own columns of the lines that it names; a blank cell changes nothing. Other
columns and lines stay as the period's batch has them, in a new batch. A line that the batch does
not have gets a budget of nil, unless the file is one of budgets.
"""

from functools import partial
from typing import NamedTuple

import pandas as pd

from council_finance import registry
from council_finance.periods import APPROVED_BUDGET, CLOSE
from council_finance.uploads.columns import AMOUNT, CODE, YES, ColumnSpec
from council_finance.uploads.table import TypedTable
from monitoring.ledger.selectors.typed_amounts import MEASURES
from monitoring.ledger.selectors.typed_forecasts import with_typed_figures
from monitoring.ledger_files.upload_kinds.entered import entered_figures
from monitoring.ledger_files.upload_kinds.line_columns import (
    ACCOUNT,
    AMOUNTS,
    COST_CENTRE,
    amount_column,
)
from monitoring.ledger_files.upload_kinds.line_template import budgets_template, lines_template
from monitoring.ledger_files.upload_kinds.lines import Lines, known_lines, place_lines
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
from monitoring.ledger_files.upload_kinds.own_workbook import SENT, blank_unedited_cells
from monitoring.ledger_files.upload_kinds.planned_use import describe_carried
from monitoring.ledger_files.upload_kinds.position_rows import (
    CALCULATION_NAMES,
    NEVER_MISSING,
    check_close,
    given_forecasts,
    position_rows,
    stored_rows,
)
from monitoring.ledger_files.upload_kinds.position_warnings import (
    BUDGETS,
    FORECASTS,
    NEW,
    warn_of_changes,
)
from monitoring.ledger_files.upload_kinds.purpose_warnings import (
    warn_of_ledger_changes,
    warn_of_left_lines,
    warn_of_unbudgeted,
)
from monitoring.ledger_files.upload_kinds.question_warnings import warn_of_questions
from monitoring.ledger_files.upload_kinds.rest import warn_of_missing_rest
from monitoring.ledger_files.upload_kinds.typed import FILE_COLUMNS, compare_typed
from monitoring.ledger_files.upload_kinds.undo import LinesUndo
from monitoring.structure.models import Period
from monitoring.uploading.prepared import Prepared, Target

_LINE = (
    ColumnSpec(
        "service_code",
        CODE,
        meaning="Only for a new line: the code of the service that answers for it.",
        blank="A known line stays where it is; a new one goes to its cost centre’s service.",
        example="ADULTS",
    ),
    COST_CENTRE,
    ACCOUNT,
    ColumnSpec(
        "description",
        meaning="Only for a new line: what it is called.",
        blank="A known line keeps its description.",
        example="Residential placements",
    ),
)
_LINE_COLUMNS = {"service_code", "cost_centre", "account", "description"}


class Purpose(NamedTuple):
    """The purpose of a file: the columns that it changes, and the subjects that are compared."""

    name: str
    label: str
    own: tuple[str, ...]
    compared: tuple[str, ...]
    words: str
    required: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[ColumnSpec, ...]:
        """Return codes and its own columns; those of other purposes are read to be compared."""
        own = (amount_column(name, required=name in self.required, keeps=True) for name in self.own)
        others = (ColumnSpec(n, AMOUNT, aside=True) for n in AMOUNTS if n not in self.own)
        return (*_LINE, *own, *others, ColumnSpec("exempt", YES, aside=True), *SENT)


PURPOSES = (
    Purpose(
        "budgets",
        "Budgets only",
        ("original_budget", "current_budget"),
        (NEW, BUDGETS),
        "Changes budgets. Actuals, forecasts and lines that the file does not name stay as they "
        "are.",
        required=("current_budget",),
    ),
    Purpose(
        "actuals",
        "Actuals only",
        ("actual_to_date", "commitments", "profiled_budget_to_date"),
        (NEW,),
        "Changes actuals, commitments and profiled budgets. Budgets and forecasts stay as they "
        "are; a line without a budget is added and marked as unbudgeted.",
    ),
    Purpose(
        "forecasts",
        "Forecasts only",
        ("forecast", "planned_use_of_reserves", "planned_use_of_capital_receipts"),
        (NEW, FORECASTS),
        "Changes forecasts and planned use of reserves and receipts. Choose this for the workbook "
        "of the forecasts page: the ledger’s figures in it are not taken.",
    ),
)


def check_purpose(purpose: Purpose, table: TypedTable, target: Target) -> PreparedLines:
    """Check the rows, find their lines, and replace the file's own columns of the batch."""
    aside = _own_columns_only(table, purpose)
    lines = _place_known_lines(table, target)
    table.refuse_problems()
    batch = Period.objects.select_related("batch").get(pk=target.its_period.pk).batch
    stored = stored_rows(batch)
    if purpose.name == "forecasts":
        blank_unedited_cells(table, aside, lines.placed, stored, target)
    rows = _replace_own_columns(table.frame, lines.placed, stored, target, purpose)
    if target.its_period.number == CLOSE:
        _check_outturns(table, rows, purpose)
    table.refuse_problems()
    return _prepare_lines(table, target, purpose, lines, rows, stored, aside)


def _prepare_lines(
    table: TypedTable,
    target: Target,
    purpose: Purpose,
    lines: Lines,
    rows: pd.DataFrame,
    stored: pd.DataFrame,
    aside: pd.DataFrame,
) -> PreparedLines:
    """Compare the rows with what is stored, warn of changes, and return them to be stored."""
    frame, period = table.frame, target.its_period
    entered = None
    typed = compare_typed(_forecasts_given(frame, purpose, period), lines.placed, target)
    if purpose.name == "forecasts":
        typed = typed.by_people()
        entered = entered_figures(frame, rows, typed)
        warn_of_ledger_changes(table, aside, rows, stored)
    with_entered = entered.over(rows) if entered else rows
    with_typed = with_typed_figures(rows, typed.undisputed)
    with_typed = entered.over(with_typed) if entered else with_typed
    questioned = warn_of_questions(table, with_typed, target)
    comparison = warn_of_changes(
        table, lines, with_entered, target, purpose.compared, questioned=questioned
    )
    warn_of_unbudgeted(table, with_entered, stored)
    warn_of_left_lines(table, rows, stored, lines, target, purpose.own)
    positions = pd.concat([stored[~stored["line"].isin(rows["line"])], rows], ignore_index=True)
    warn_of_missing_rest(table, positions, lines, target)
    notes = describe_carried(positions, typed, frame, rows["line"], target)
    return Prepared(
        table,
        LinesPayload(lines, positions, typed, entered),
        sums_of(table, purpose.own),
        changes_with_typed(comparison, typed, table, notes),
    )


def _own_columns_only(table: TypedTable, purpose: Purpose) -> pd.DataFrame:
    """Keep only the purpose's own columns in the table; return those of other purposes."""
    others = [name for name in table.headings if name not in _LINE_COLUMNS | set(purpose.own)]
    aside = table.frame[others]
    blank = {name: pd.Series(pd.NA, index=aside.index, dtype="Int64") for name in AMOUNTS}
    blank |= {name: table.frame[name] for name in purpose.own}
    table.frame = table.frame.assign(**blank, exempt=False)
    headings = [table.headings.pop(name) for name in others]
    amounts = [text for name, text in zip(others, headings, strict=True) if name in AMOUNTS]
    if amounts:
        table.warn(
            f"Columns of another purpose were left aside: {', '.join(amounts)}. A file of "
            f"{purpose.name} changes nothing but {', '.join(purpose.own)}."
        )
    return aside


def _place_known_lines(table: TypedTable, target: Target) -> Lines:
    """Find each row's line; a known line keeps its service and its description."""
    known = known_lines(target.year)
    rows = table.frame.reset_index().merge(known, on=["cost_centre", "account"], how="left")
    is_known = rows["line"].notna().to_numpy()
    given = table.frame["service_code"]
    blank = {name: table.frame[name].mask(is_known, "") for name in ("service_code", "description")}
    table.frame = table.frame.assign(**blank)
    lines = place_lines(table, target, known)
    current = lines.placed["line"].map(known.set_index("line")["service"])
    lines.placed["service"] = lines.placed["service"].where(~is_known, current).astype("int64")
    lines.moved = lines.moved.iloc[:0]
    _warn_of_other_places(table, lines, given)
    return lines


def _warn_of_other_places(table: TypedTable, lines: Lines, given: pd.Series) -> None:
    """Warn of known lines for which the file gives another service; they stay."""
    codes = {pk: service.code for pk, service in lines.tree.register.items()}
    own = lines.placed["service"].map(codes)
    home = lines.placed["service"].map(lambda pk: codes[lines.tree.home(pk)])
    elsewhere = (given != "") & (given != own) & (given != home) & (lines.placed["line"] > 0)
    rows = pd.DataFrame({"row": given.index, "given": given, "home": home})[elsewhere]
    table.warn_of_each(
        rows.itertuples(),
        lambda row: (
            f"The line stands under {row.home} and stays there, not under {row.given}: only the "
            "ledger’s whole position moves a line."
        ),
        "service_code",
    )


def _replace_own_columns(
    frame: pd.DataFrame,
    placed: pd.DataFrame,
    stored: pd.DataFrame,
    target: Target,
    purpose: Purpose,
) -> pd.DataFrame:
    """Return the file's rows as positions: its own figures, and else those of the batch.

    The figures of a file of forecasts are not included: they are entered beside the positions.
    """
    blank = pd.Series(pd.NA, index=frame.index, dtype="Int64")
    as_new = frame.assign(current_budget=frame["current_budget"].fillna(0))
    as_new = as_new.assign(**dict.fromkeys(FILE_COLUMNS.values(), blank))
    fresh = position_rows(as_new, placed, target)
    current = stored.set_index("line").reindex(fresh["line"].to_numpy()).set_axis(fresh.index)
    is_stored = fresh["line"].isin(stored["line"])
    own = {CALCULATION_NAMES.get(name, name) for name in purpose.own} - set(MEASURES)
    rows = {}
    for name in current.columns.difference(["source", "source_row"], sort=False):
        now = current[name].astype("Int64")
        if name in own:
            given = _given_figures(frame, fresh, name, target)
            now = given.fillna(now).fillna(fresh[name])
        value = fresh[name].astype("Int64").mask(is_stored, now)
        rows[name] = value.astype("int64") if name in NEVER_MISSING else value
    gives_nothing = is_stored & frame[list(purpose.own)].isna().all(axis=1)
    for name in ("source", "source_row"):
        rows[name] = fresh[name].astype("Int64").mask(gives_nothing, current[name])
    rows = fresh.assign(**rows)
    if target.its_period.number == CLOSE and purpose.name == "actuals":
        outturn = frame["actual_to_date"]
        rows["forecast"] = rows["forecast"].mask(outturn.notna(), outturn)
        rows["carried_from"] = rows["carried_from"].mask(outturn.notna(), pd.NA)
    return rows


def _given_figures(
    frame: pd.DataFrame, fresh: pd.DataFrame, name: str, target: Target
) -> pd.Series:
    """Return the file's figures of a column; in period 0 the original budget is the approved."""
    if name == "original_budget" and target.its_period.number == APPROVED_BUDGET:
        return fresh[name]
    names = {short: name for name, short in CALCULATION_NAMES.items()}
    return frame[names.get(name, name)]


def _forecasts_given(frame: pd.DataFrame, purpose: Purpose, period: Period) -> pd.DataFrame:
    """Return the frame with the file's forecasts; at the close, actuals are forecasts."""
    return frame if purpose.name == "forecasts" else given_forecasts(frame, period)


def _check_outturns(table: TypedTable, rows: pd.DataFrame, purpose: Purpose) -> None:
    """Note forecasts of the close that differ from the actual stored."""
    if purpose.name != "forecasts":
        return
    frame = table.frame
    table.frame = frame.assign(actual_to_date=rows["actual_to_date"])
    check_close(table)
    table.frame = frame


for _purpose in PURPOSES:
    registry.register_upload_kind(
        registry.UploadKind(
            name=_purpose.name,
            label=_purpose.label,
            per_period=True,
            after="position",
            columns=_purpose.columns,
            check=partial(check_purpose, _purpose),
            prepare=calculate_figures,
            write_ahead=write_batch_ahead,
            store=store_lines_file,
            known_codes=known_line_codes,
            warn_of_still_lines=warn_of_still_lines,
            brings=registry.Brings.PART,
            needs_one_of=_purpose.own,
            purpose=_purpose.words,
            undo=LinesUndo(),
            template=budgets_template if _purpose.name == "budgets" else lines_template,
        )
    )
