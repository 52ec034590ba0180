"""Entering, changing and removing a row of the plan, under the checks of its kind of file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from council_finance import audit, registry
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.statements import Statement
from council_finance.uploads.problems import FileRefused, Problem
from monitoring.models import FinancialYear
from monitoring.reports.selectors.year_data import current_year_data
from monitoring.structure.selectors.calendar import find_year
from monitoring.structure.year_changes import change_year
from monitoring.uploading.rights import why_not_upload
from planning.entry.registers import EntryRegister
from planning.entry.rows import (
    Key,
    Row,
    StoredRows,
    check_rows,
    stored_rows,
    target_of,
    text_of_cell,
)
from planning.plan.records import plan_record

CHANGED_MEANWHILE = (
    "Somebody else has changed these rows while you were typing. Look at what is stored now, then "
    "save again."
)


class RowRefused(Refused):
    """A row that breaks a rule of its file; `cells` are the faults of its own cells by column."""

    def __init__(self, messages: Sequence[str], cells: dict[str, str]):
        super().__init__(*messages)
        self.cells = cells


class RowClashed(Refused):
    """A change that was made from rows which somebody else has changed since."""


@dataclass(frozen=True)
class RowChange:
    """A row to enter in place of that of `key`, or to add where `key` is empty.

    Without a `row` that of `key` is removed. `seen` is the digest of the rows that the person saw.
    """

    register: EntryRegister
    key: Key
    row: Row | None
    seen: str


@dataclass(frozen=True)
class Effect:
    """The statement with a register's totals, before a change and after it."""

    before: Statement
    after: Statement


def preview_change(*, year: FinancialYear, change: RowChange, by: User) -> Effect:
    """Return what a change would do to the totals: made, read, and taken back.

    Raise `RowRefused` where the row breaks a rule of its file, `RowClashed` where somebody else
    changed the rows since they were shown, and `Refused` where nothing can be stored.
    """
    with transaction.atomic():
        before = _read_totals(year, change.register)
        _store_change(year, change, by)
        after = _read_totals(year, change.register)
        transaction.set_rollback(True)
    return Effect(before, after)


def save_change(*, year: FinancialYear, change: RowChange, by: User) -> bool:
    """Store a change; return whether anything changed. Raise as preview_change does."""
    return _store_change(year, change, by)


def _read_totals(year: FinancialYear, register: EntryRegister) -> Statement:
    statement: Statement = registry.statement_entry(register.statement).make(
        current_year_data(find_year(year.start))
    )
    return statement


def _store_change(year: FinancialYear, change: RowChange, by: User) -> bool:
    register = change.register
    _refuse_without_right(year, register, by)
    with change_year(year.pk, affects_figures=False) as counted:
        stored = stored_rows(register, counted.year)
        place = stored.place_of(change.key) if change.key else None
        if stored.digest != change.seen:
            raise RowClashed(CHANGED_MEANWHILE)
        if change.key and place is None:
            raise Refused(f"There is no {register.noun} {' '.join(change.key)} any longer.")
        changed, at = _apply_change(stored, change)
        counted.is_needed = changed.rows != stored.rows
        if not counted.is_needed:
            return False
        _check_and_store(changed, at, by)
        was = stored.rows[place] if place is not None else {}
        _record_change(stored, was, change.row, by)
    return True


def _refuse_without_right(year: FinancialYear, register: EntryRegister, by: User) -> None:
    if why := why_not_upload(by, register.kind, year):
        raise Refused(why)


def _apply_change(stored: StoredRows, change: RowChange) -> tuple[StoredRows, int | None]:
    if change.row is None:
        return stored.without_row(change.key), None
    return stored.with_row(change.row, change.key)


def _check_and_store(changed: StoredRows, at: int | None, by: User) -> None:
    """Store the rows. Raise `RowRefused` with the faults of the row at a place and of others."""
    try:
        prepared, problems = check_rows(changed, by)
    except FileRefused as refused:
        raise RowRefused([each.sentence for each in refused.problems], {}) from refused
    if problems:
        columns = {spec.name for spec in changed.columns}
        own = {
            each.column: _describe_cell_fault(each)
            for each in problems
            if at is not None and each.row == at and each.column in columns
        }
        others = [
            _describe_fault(changed, each)
            for each in problems
            if at is None or each.row != at or each.column not in columns
        ]
        raise RowRefused(others, own)
    changed.register.kind.store(prepared, target_of(changed, by))


def _describe_cell_fault(problem: Problem) -> str:
    return Problem(problem.message, found=problem.found).sentence


def _describe_fault(changed: StoredRows, problem: Problem) -> str:
    """Return a fault with the key of its row in place of the row's number."""
    sentence = _describe_cell_fault(problem)
    if problem.row is None:
        return sentence
    key = " ".join(changed.key_of(changed.rows[problem.row]))
    return f"{key}, {problem.column}: {sentence}"


def _record_change(stored: StoredRows, was: Row, now: Row | None, by: User) -> None:
    """Record the cells that changed, as they are typed."""
    register, row = stored.register, now or {}
    texts: dict[str, Any] = {
        spec.name: {
            "from": text_of_cell(spec, was.get(spec.name)),
            "to": text_of_cell(spec, row.get(spec.name)),
        }
        for spec in stored.columns
    }
    verb = "removed" if now is None else "changed" if was else "added"
    audit.record(
        by=by,
        action=f"{verb} {register.one}",
        on=plan_record(stored.year),
        row=" ".join(stored.key_of(was or row)),
        cells={name: cell for name, cell in texts.items() if cell["from"] != cell["to"]},
    )
