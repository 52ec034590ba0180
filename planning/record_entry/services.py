"""Store a record with the rows under it as its files would, or nothing of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Max

from council_finance import audit, registry
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.uploads.problems import Problem
from council_finance.uploads.typed_rows import table_of_typed_rows
from monitoring.models import FinancialYear, Upload
from monitoring.people.rights import may_upload, reach_of
from monitoring.structure.year_changes import change_year
from monitoring.uploading.prepared import Target
from planning.record_entry.records import RecordKind, RecordPart, StoredRecord, Texts, stored_record

CHANGED_MEANWHILE = (
    "Somebody else has changed this while you were typing. Look at what they entered, then save "
    "again."
)


class RecordRefused(Exception):
    """Faults in what was typed, by kind of file; rows are numbered from 0."""

    def __init__(self, problems: Mapping[str, Sequence[Problem]]) -> None:
        super().__init__("what was typed has faults")
        self.problems = problems


@dataclass(frozen=True)
class TypedRecord:
    """A record as it was typed: its own cells, and the rows under it by kind of file."""

    own: Texts
    parts: Mapping[str, list[Texts]]


@dataclass
class SavedRecord:
    """The reference of a record that was saved, and sentences about what may be wrong in it."""

    reference: str
    has_changed: bool = True
    warnings: list[str] = field(default_factory=list)


def may_enter_records(user: User, year: FinancialYear) -> bool:
    """Return whether a person may enter records: as for their files, which are the whole council's.

    Files that stand for the whole council are uploaded by finance people who look after all of it.
    """
    return may_upload(user) and reach_of(user, year).everything


def enter_record(
    *, record: RecordKind, year: FinancialYear, typed: TypedRecord, by: User | None
) -> SavedRecord:
    """Store a new record. Raise `RecordRefused` for faults, `Refused` in an archived year."""
    with change_year(year.pk, affects_figures=False) as change:
        saved = _store_typed(record, change.year, typed, is_new=True, by=by)
        _record_change(record, change.year, saved.reference, None, by)
    return saved


def change_record(
    *,
    record: RecordKind,
    year: FinancialYear,
    reference: str,
    typed: TypedRecord,
    seen: str,
    by: User | None,
) -> SavedRecord:
    """Store a record that was changed, with the rows under it in place of the former ones.

    `seen` is the digest that the person saw. Raise `RecordRefused` for faults, and `Refused` where
    somebody changed the record meanwhile, or the year is archived.
    """
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
) -> SavedRecord:
    """Check and store the record and then its rows, which may only name one that is stored."""
    rows = record.model._default_manager.filter(year=year)
    # As its file would read it: without the blanks and marks that spreadsheets put around codes.
    reference = str(table_of_typed_rows([typed.own], record.specs).frame.at[0, "reference"])
    order = rows.filter(reference=reference).values_list("order", flat=True).first()
    if is_new and order is not None:
        message = f"there is a {record.noun} {reference} already; open it to change it"
        raise RecordRefused({record.kind: [Problem(message, 0, "reference")]})
    last = rows.aggregate(last=Max("order"))["last"] or 0
    warnings = _store_rows(record.kind, year, [typed.own], by)
    # A file numbers its rows: a record that is typed keeps its place, or comes last.
    rows.filter(reference=reference).update(order=last + 1 if order is None else order)
    for part in record.parts:
        warnings += _replace_part(part, year, reference, typed.parts.get(part.kind, []), by)
    return SavedRecord(reference, warnings=warnings)


def _replace_part(
    part: RecordPart, year: FinancialYear, reference: str, rows: list[Texts], by: User | None
) -> list[str]:
    if not rows:
        part.rows_of(year, reference).delete()
        return []
    return _store_rows(part.kind, year, [{**row, part.key: reference} for row in rows], by)


def _store_rows(name: str, year: FinancialYear, rows: list[Texts], by: User | None) -> list[str]:
    """Store rows as a file of the kind would; return the sentences of its warnings."""
    kind = registry.upload_kind(name, per_period=False)
    target = Target(Upload(year=year, kind=name, uploaded_by=by), year, None)
    table = table_of_typed_rows(rows, kind.columns)
    prepared = kind.check(table, target)
    if table.problems:
        raise RecordRefused({name: table.problems})
    kind.store(prepared, target)
    return [each.message for each in table.warnings]


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
    changes = _list_changes(before, after)
    if changes:
        action = f"{'enter' if before is None else 'change'} a {record.noun}"
        audit.record(by=by, action=action, on=record.record_of(year, reference), **changes)
    return bool(changes)


def _list_changes(before: StoredRecord | None, after: StoredRecord) -> dict[str, Any]:
    """Return the cells and rows that differ, each before and after."""
    was = before or StoredRecord({}, {})
    cells: dict[str, tuple[Any, Any]] = {
        name: (was.own.get(name, ""), text) for name, text in after.own.items()
    }
    rows = {kind: (was.parts.get(kind, []), found) for kind, found in after.parts.items()}
    return {
        name: {"from": old, "to": new} for name, (old, new) in (cells | rows).items() if old != new
    }
