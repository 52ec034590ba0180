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
from planning.entry.changes import Change
from planning.entry.rows import Key, StoredRows, stored_rows, to_table
from planning.entry.storing import (
    CHANGED_MEANWHILE,
    Saved,
    TableRefused,
    refuse_without_right,
    store_table,
)
from planning.plan.records import plan_record


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
        before = change.register.make_totals(year)
        _store_change(year, change, by)
        after = change.register.make_totals(year)
        transaction.set_rollback(True)
    return Effect(before, after)


def save_change(*, year: FinancialYear, change: Change, by: User) -> Saved:
    """Store a change. Raise as preview_change does."""
    return _store_change(year, change, by)


def _store_change(year: FinancialYear, change: Change, by: User) -> Saved:
    register = change.register
    refuse_without_right(by, register.name, year)
    with change_year(year.pk, affects_figures=False) as counted:
        stored = stored_rows(register, counted.year)
        if change.is_overtaken(stored):
            raise RowClashed(CHANGED_MEANWHILE)
        if missing := change.find_missing(stored):
            raise Refused(f"There is no {register.noun} {missing} any longer.")
        changed = change.apply(stored)
        action, name, cells = change.describe(stored)
        saved = Saved(name, has_changed=changed.rows != stored.rows)
        counted.is_needed = saved.has_changed
        if saved.has_changed:
            saved.warnings = _store_rows(changed, change, by)
            audit.record(by=by, action=action, on=plan_record(stored.year), row=name, cells=cells)
    return saved


def _store_rows(changed: StoredRows, change: Change, by: User) -> list[str]:
    """Store the rows; return the warnings of their file.

    Raise `RowRefused` with the faults of what was entered and of other rows.
    """
    register, year = change.register, changed.year
    try:
        warnings = store_table(register.name, year, to_table(changed), by)
    except FileRefused as refused:
        raise RowRefused([each.sentence for each in refused.problems], {}) from refused
    except TableRefused as refused:
        raise _divide_faults(changed, change, refused.problems) from refused
    register.keep_only(year, changed.rows)
    return warnings


def _divide_faults(changed: StoredRows, change: Change, problems: Sequence[Problem]) -> RowRefused:
    columns = {spec.name for spec in changed.columns}
    own, others = {}, []
    for each in problems:
        key = () if each.row is None else changed.key_of(changed.rows[each.row])
        if key and change.has_key(key) and each.column in columns:
            own[key, each.column] = _describe_cell_fault(each)
        else:
            others.append(_describe_fault(key, each))
    return RowRefused(others, own)


def _describe_cell_fault(problem: Problem) -> str:
    return Problem(problem.message, found=problem.found).sentence


def _describe_fault(key: Key, problem: Problem) -> str:
    """Return a fault with the key of its row in place of the row's number."""
    sentence = _describe_cell_fault(problem)
    return f"{' '.join(key)}, {problem.column}: {sentence}" if key else sentence
