"""The records that people enter, each a row of a kind of file with the rows of others under it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models

from council_finance.uploads.columns import ColumnSpec
from council_finance.uploads.template_files import CodeList
from monitoring.models import FinancialYear
from planning.entry.rows import Texts, digest_of, text_of_cell
from planning.entry.storing import kind_of, stored_content


@dataclass(frozen=True)
class RecordPart:
    """The rows under a record: a kind of file whose column `key` names the record.

    `title` and `hint` head them on the page. `model` is their table, whose column `parent` names
    the record.
    """

    kind: str
    key: str
    title: str
    noun: str
    hint: str
    model: type[models.Model]
    parent: str

    def stored_rows(self, year: FinancialYear, reference: str) -> models.QuerySet[Any]:
        """Return the rows that are stored under a record."""
        of_record = {f"{self.parent}__year": year, f"{self.parent}__reference": reference}
        return self.model._default_manager.filter(**of_record)

    @property
    def specs(self) -> tuple[ColumnSpec, ...]:
        """Return the columns that are typed: all but the one that names the record."""
        return tuple(spec for spec in kind_of(self.kind).columns if spec.name != self.key)


@dataclass(frozen=True)
class RecordKind:
    """A kind of record with the rows under it.

    `labels` are what its columns are called on the page where their name would not do; `long` are
    those that take several lines. `audit_name` has the fields {year} and {code}.
    """

    kind: str
    noun: str
    model: type[models.Model]
    parts: tuple[RecordPart, ...]
    labels: Mapping[str, str]
    long: tuple[str, ...]
    audit_name: str

    @property
    def specs(self) -> tuple[ColumnSpec, ...]:
        """Return the columns of the record."""
        return tuple(kind_of(self.kind).columns)

    def record_of(self, year: FinancialYear, reference: str) -> str:
        """Return how the audit trail names the record."""
        return self.audit_name.format(year=year.label, code=reference)


@dataclass(frozen=True)
class StoredRecord:
    """A record as it is stored, in the cells that its files would have."""

    own: Texts
    parts: Mapping[str, list[Texts]]

    @property
    def digest(self) -> str:
        """Return a digest of all its cells: it changes when anything of the record does."""
        rows = (row | {"": kind} for kind, part in self.parts.items() for row in part)
        return digest_of([self.own, *rows])


def stored_record(record: RecordKind, year: FinancialYear, reference: str) -> StoredRecord | None:
    """Return the record of that reference as it is stored; None where there is none."""
    own = _stored_rows(record.kind, year, "reference", reference)
    if not own:
        return None
    parts = {part.kind: _stored_rows(part.kind, year, part.key, reference) for part in record.parts}
    return StoredRecord(own[0], parts)


def lists_of(record: RecordKind, year: FinancialYear) -> dict[str, CodeList]:
    """Return the codes to choose from in the columns of a record and of the rows under it."""
    found: dict[str, CodeList] = {}
    for kind in (record.kind, *(part.kind for part in record.parts)):
        found |= stored_content(kind, year).lists
    return found


def _stored_rows(kind: str, year: FinancialYear, key: str, reference: str) -> list[Texts]:
    """Return the stored rows that have the reference, as the cells of the kind's file."""
    return [
        {
            spec.name: text_of_cell(spec, row.get(spec.name))
            for spec in kind_of(kind).columns
            if spec.name == "reference" or spec.name != key
        }
        for row in stored_content(kind, year).rows
        if row[key] == reference
    ]
