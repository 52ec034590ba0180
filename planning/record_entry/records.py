"""The records that people enter, each a row of a kind of file with the rows of others under it."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models

from council_finance import registry
from council_finance.uploads.columns import ColumnSpec
from council_finance.uploads.template_files import CodeList
from monitoring.models import FinancialYear
from monitoring.uploading.template_place import TemplatePlace
from planning.entry.rows import text_of_cell

Texts = dict[str, str]
"""The cells of a row as texts, by column."""


@dataclass(frozen=True)
class RecordPart:
    """The rows under a record: a kind of file whose column `key` names the record.

    `title` and `hint` head them on the page; `rows_of` returns those that are stored.
    """

    kind: str
    key: str
    title: str
    noun: str
    hint: str
    rows_of: Callable[[FinancialYear, str], models.QuerySet[Any]]

    @property
    def specs(self) -> tuple[ColumnSpec, ...]:
        """Return the columns that are typed: all but the one that names the record."""
        return tuple(spec for spec in _kind_of(self.kind).columns if spec.name != self.key)


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
        return tuple(_kind_of(self.kind).columns)

    def record_of(self, year: FinancialYear, reference: str) -> str:
        """Return how the audit trail names the record."""
        return self.audit_name.format(year=year.label, code=reference)

    def label_of(self, column: str) -> str:
        """Return what a column is called on the page."""
        return self.labels.get(column) or column.replace("_", " ").capitalize()


@dataclass(frozen=True)
class StoredRecord:
    """A record as it is stored, in the cells that its files would have."""

    own: Texts
    parts: Mapping[str, list[Texts]]

    @property
    def digest(self) -> str:
        """Return a digest of all its cells: it changes when anything of the record does."""
        text = json.dumps([self.own, self.parts], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


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
        found |= _content_of(kind, year).lists
    return found


def _kind_of(name: str) -> registry.AnyKind:
    return registry.upload_kind(name, per_period=False)


def _content_of(kind: str, year: FinancialYear) -> Any:
    template = _kind_of(kind).template
    if template is None:
        raise ValueError(f"upload kind {kind} has no template")
    return template(TemplatePlace(year, None))


def _stored_rows(kind: str, year: FinancialYear, key: str, reference: str) -> list[Texts]:
    """Return the stored rows that have the reference, as the cells of the kind's file."""
    return [
        {
            spec.name: text_of_cell(spec, row.get(spec.name))
            for spec in _kind_of(kind).columns
            if spec.name == "reference" or spec.name != key
        }
        for row in _content_of(kind, year).rows
        if row[key] == reference
    ]
