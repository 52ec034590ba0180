"""Store a record with the rows under it as its files would, or nothing of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Max

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.uploads.problems import Problem
from council_finance.uploads.typed_rows import table_of_typed_rows
from monitoring.models import FinancialYear
from monitoring.structure.year_changes import change_year
from planning.entry.records import RecordKind, RecordPart, StoredRecord, stored_record
from planning.entry.rows import Texts
from planning.entry.storing import (
    CHANGED_MEANWHILE,
    Saved,
    TableRefused,
    kind_of,
    list_changes,
    refuse_without_right,
    store_table,
)


@dataclass(frozen=True)
class TypedRecord:
    """A record as it was typed: its own cells, and the rows under it by kind of file."""

    own: Texts
    parts: Mapping[str, list[Texts]]


def enter_record(
    *, record: RecordKind, year: FinancialYear, typed: TypedRecord, by: User | None
) -> Saved:
    """Store a new record. Raise `TableRefused` for faults, `Refused` in an archived year."""
    refuse_without_right(by, record.kind, year)
    with change_year(year.pk, affects_figures=False) as change:
        saved = _store_typed(record, change.year, typed, is_new=True, by=by)
        _record_change(record, change.year, saved.name, None, by)
    return saved


def change_record(
    *,
    record: RecordKind,
    year: FinancialYear,
    reference: str,
    typed: TypedRecord,
    seen: str,
    by: User | None,
) -> Saved:
    """Store a record that was changed, with the rows under it in place of the former ones.

    `seen` is the digest that the person saw. Raise `TableRefused` for faults, and `Refused` where
    somebody changed the record meanwhile, or the year is archived.
    """
    refuse_without_right(by, record.kind, year)
    typed = TypedRecord({**typed.own, "reference": reference}, typed.parts)
    with change_year(year.pk, affects_figures=False) as change:
        before = stored_record(record, change.year, reference)
        if before is None or before.digest != seen:
            raise Refused(CHANGED_MEANWHILE)
        saved = _store_typed(record, change.year, typed, is_new=False, by=by)
        saved.has_changed = _record_change(record, change.year, reference, before, by)
        change.is_needed = saved.has_changed
    return saved


def _store_typed(
    record: RecordKind, year: FinancialYear, typed: TypedRecord, *, is_new: bool, by: User | None
) -> Saved:
    """Check and store the record and then its rows, which may only name one that is stored."""
    rows = record.model._default_manager.filter(year=year)
    # As its file would read it: without the blanks and marks that spreadsheets put around codes.
    reference = str(table_of_typed_rows([typed.own], record.specs).frame.at[0, "reference"])
    order = rows.filter(reference=reference).values_list("order", flat=True).first()
    if is_new and order is not None:
        message = f"there is a {record.noun} {reference} already; open it to change it"
        raise TableRefused(record.kind, [Problem(message, 0, "reference")])
    last = rows.aggregate(last=Max("order"))["last"] or 0
    warnings = _store_rows(record.kind, year, [typed.own], by)
    # A file numbers its rows: a record that is typed keeps its place, or comes last.
    rows.filter(reference=reference).update(order=last + 1 if order is None else order)
    for part in record.parts:
        warnings += _replace_part(part, year, reference, typed.parts.get(part.kind, []), by)
    return Saved(reference, warnings=warnings)


def _replace_part(
    part: RecordPart, year: FinancialYear, reference: str, rows: list[Texts], by: User | None
) -> list[str]:
    if not rows:
        part.stored_rows(year, reference).delete()
        return []
    return _store_rows(part.kind, year, [{**row, part.key: reference} for row in rows], by)


def _store_rows(name: str, year: FinancialYear, rows: list[Texts], by: User | None) -> list[str]:
    """Store rows as a file of the kind would; return the sentences of its warnings."""
    return store_table(name, year, table_of_typed_rows(rows, kind_of(name).columns), by)


def _record_change(
    record: RecordKind,
    year: FinancialYear,
    reference: str,
    before: StoredRecord | None,
    by: User | None,
) -> bool:
    """Keep what changed on the audit trail; return whether anything did."""
    after = stored_record(record, year, reference)
    if after is None:
        raise ValueError("the record has just been stored")
    was = before or StoredRecord({}, {})
    # A new record had no rows under it, which is no change where it has none now.
    parts = {kind: was.parts.get(kind, []) for kind in after.parts}
    changes = list_changes({**was.own, **parts}, {**after.own, **after.parts})
    if changes:
        action = f"{'enter' if before is None else 'change'} a {record.noun}"
        audit.record(by=by, action=action, on=record.record_of(year, reference), **changes)
    return bool(changes)
