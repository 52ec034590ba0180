"""Entering, changing and removing a row of the plan, under the checks of its kind of file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.statements import Statement
from council_finance.uploads.problems import FileRefused, Problem
from monitoring.models import FinancialYear
from monitoring.structure.year_changes import change_year
from monitoring.uploading.rights import why_not_upload
from planning.entry.changes import Change
from planning.entry.rows import Key, StoredRows, check_rows, stored_rows, target_of
from planning.plan.records import plan_record

CHANGED_MEANWHILE = (
    "Somebody else has changed these rows while you were typing. Look at what is stored now, then "
    "save again."
)


class RowRefused(Refused):
    """Rows that break a rule of their file; `cells` are the faults of what was entered.

    They are by the key of the row and the column.
    """

    def __init__(self, messages: Sequence[str], cells: Mapping[tuple[Key, str], str]):
        super().__init__(*messages)
        self.cells = cells


class RowClashed(Refused):
    """A change that was made from rows which somebody else has changed since."""


@dataclass(frozen=True)
class Effect:
    """The statement with a register's totals, before a change and after it."""

    before: Statement | None
    after: Statement | None


def preview_change(*, year: FinancialYear, change: Change, by: User) -> Effect:
    """Return what a change would do to the totals: made, read, and taken back.

    Raise `RowRefused` where the row breaks a rule of its file, `RowClashed` where somebody else
    changed the rows since they were shown, and `Refused` where nothing can be stored.
    """
    with transaction.atomic():
        before = change.register.read_totals(year)
        _store_change(year, change, by)
        after = change.register.read_totals(year)
        transaction.set_rollback(True)
    return Effect(before, after)


def save_change(*, year: FinancialYear, change: Change, by: User) -> bool:
    """Store a change; return whether anything changed. Raise as preview_change does."""
    return _store_change(year, change, by)


def _store_change(year: FinancialYear, change: Change, by: User) -> bool:
    register = change.register
    if why := why_not_upload(by, register.kind, year):
        raise Refused(why)
    with change_year(year.pk, affects_figures=False) as counted:
        stored = stored_rows(register, counted.year)
        if change.is_overtaken(stored):
            raise RowClashed(CHANGED_MEANWHILE)
        if missing := change.find_missing(stored):
            raise Refused(f"There is no {register.noun} {missing} any longer.")
        changed = change.apply(stored)
        counted.is_needed = changed.rows != stored.rows
        if not counted.is_needed:
            return False
        _check_and_store(changed, change, by)
        action, name, cells = change.describe(stored)
        audit.record(by=by, action=action, on=plan_record(stored.year), row=name, cells=cells)
    return True


def _check_and_store(changed: StoredRows, change: Change, by: User) -> None:
    """Store the rows. Raise `RowRefused` with the faults of what was entered and of other rows."""
    try:
        prepared, problems = check_rows(changed, by)
    except FileRefused as refused:
        raise RowRefused([each.sentence for each in refused.problems], {}) from refused
    if problems:
        columns = {spec.name for spec in changed.columns}
        own, others = {}, []
        for each in problems:
            key = () if each.row is None else changed.key_of(changed.rows[each.row])
            if key and change.has_key(key) and each.column in columns:
                own[key, each.column] = _describe_cell_fault(each)
            else:
                others.append(_describe_fault(key, each))
        raise RowRefused(others, own)
    changed.register.kind.store(prepared, target_of(changed, by))
    changed.register.keep_only(changed.year, changed.rows)


def _describe_cell_fault(problem: Problem) -> str:
    return Problem(problem.message, found=problem.found).sentence


def _describe_fault(key: Key, problem: Problem) -> str:
    """Return a fault with the key of its row in place of the row's number."""
    sentence = _describe_cell_fault(problem)
    return f"{' '.join(key)}, {problem.column}: {sentence}" if key else sentence
