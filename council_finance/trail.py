"""The two ways to change the audit trail, which else is only added to: retention and erasure.

The database's triggers let a change through only while there is a permit in its table. A permit is
made and removed within the transaction of the change, so no other transaction ever sees one. Even
with a permit the triggers refuse to delete entries younger than a year, and to change anything but
names and texts. Each use is itself an entry of the trail.
"""

import contextlib
import datetime
import hashlib
import json
from collections.abc import Callable, Collection, Iterator

from django.db import models, transaction
from django.db.models import Max, Min, Q
from django.db.models.functions import Cast

from council_finance import audit
from council_finance.audit import AuditEntry

REMOVED = "removed old entries"
ERASED = "erased a person"
RECORD = "audit trail"
LEAST_DAYS = 365
"""The database's triggers keep younger entries, whatever is permitted."""

_AT_ONCE = 2_000


class PermitKind(models.TextChoices):
    """The purpose of a change to the trail."""

    RETENTION = "retention", "Removing old entries"
    ERASURE = "erasure", "Erasing a person"


class TrailPermit(models.Model):
    """A permit to change the trail in this transaction: entries before a time, or any texts."""

    kind = models.CharField(max_length=10, choices=PermitKind.choices)
    before = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=PermitKind.RETENTION, before__isnull=False)
                | Q(kind=PermitKind.ERASURE, before__isnull=True),
                name="permit_is_for_an_age_or_a_name",
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


def remove_before(before: datetime.datetime, *, keep: Collection[str]) -> int:
    """Remove entries made before a time, except those of some actions; return how many.

    The removal goes onto the trail: how many entries, from when to when, and the SHA-256 of them
    all. A back-up that still has them can be checked against it.
    """
    with _permit_changes(PermitKind.RETENTION, before):
        old = (
            _unguarded_entries().filter(at__lt=before).exclude(action__in=[*keep, REMOVED, ERASED])
        )
        old = old.order_by("pk")
        span = old.aggregate(first=Min("at"), last=Max("at"))
        numbers, digest = [], hashlib.sha256()
        for entry in old.iterator(chunk_size=_AT_ONCE):
            digest.update(_format_entry(entry))
            numbers.append(entry.pk)
        for start in range(0, len(numbers), _AT_ONCE):
            _unguarded_entries().filter(pk__in=numbers[start : start + _AT_ONCE]).delete()
        if numbers:
            audit.record(
                by=None,
                action=REMOVED,
                on=RECORD,
                entries=len(numbers),
                made_from=span["first"].isoformat(),
                made_to=span["last"].isoformat(),
                sha256=digest.hexdigest(),
            )
    return len(numbers)


def rewrite(wanted: Q, texts: Collection[str], change: Callable[[AuditEntry], None]) -> int:
    """Change names and texts of entries that are wanted or hold one of the texts; return how many.

    `change` sets `by_name`, `record` and `detail`; nothing else is written.
    """
    changed = 0
    with _permit_changes(PermitKind.ERASURE):
        found = _unguarded_entries().annotate(detail_text=Cast("detail", models.TextField()))
        for text in texts:
            plain, escaped = (json.dumps(text, ensure_ascii=each)[1:-1] for each in (False, True))
            wanted |= Q(detail_text__icontains=plain) | Q(detail_text__icontains=escaped)
        for entry in found.filter(wanted).order_by("pk").iterator(chunk_size=_AT_ONCE):
            before = (entry.by_name, entry.record, json.dumps(entry.detail))
            change(entry)
            if before != (entry.by_name, entry.record, json.dumps(entry.detail)):
                _unguarded_entries().filter(pk=entry.pk).update(
                    by_name=entry.by_name, record=entry.record, detail=entry.detail
                )
                changed += 1
    return changed


def _unguarded_entries() -> models.QuerySet[AuditEntry]:
    """Return the trail without the guard of AddedOnlyQuerySet; the database's triggers stay."""
    return models.QuerySet(AuditEntry)


@contextlib.contextmanager
def _permit_changes(kind: PermitKind, before: datetime.datetime | None = None) -> Iterator[None]:
    """Hold a permit for the block, in a transaction."""
    with transaction.atomic():
        permit = TrailPermit.objects.create(kind=kind, before=before)
        yield
        permit.delete()


def _format_entry(entry: AuditEntry) -> bytes:
    """Return an entry as one line: number, time, person, action, record, detail."""
    at = entry.at.astimezone(datetime.UTC).isoformat(timespec="microseconds")
    row = [entry.pk, at, entry.by_id, entry.by_name, entry.action, entry.record, entry.detail]
    return json.dumps(row, sort_keys=True).encode() + b"\n"
