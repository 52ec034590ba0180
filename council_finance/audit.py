"""The audit trail: who did what to which record, in the same transaction as the change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from django.conf import settings
from django.db import models

from council_finance.prepared import prepared

if TYPE_CHECKING:
    from council_finance.accounts.models import User

COMMAND_LINE = "command line"
RECALCULATION = "recalculation"
NOT_LOGGED_IN = "not logged in"
LOGGED_IN, LOGGED_OUT, WAS_LOGGED_OUT = "logged in", "logged out", "was logged out"
FAILED_TO_LOG_IN = "failed to log in"
DOWNLOADED = "downloaded"
_NO_CHANGES = (LOGGED_IN, LOGGED_OUT, WAS_LOGGED_OUT, FAILED_TO_LOG_IN, DOWNLOADED)
"""Actions that change nothing that a report shows."""

_MEANWHILE = 500
"""So many entries at the most are stored while a change is, from its entry to its end.

Such as a pack's, or a year that is taken back: they take minutes, in which other years change.
"""


Row = TypeVar("Row", bound=models.Model)


class AddedOnlyQuerySet(models.QuerySet[Row]):
    """Rows that are added and read, never changed or deleted."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse to change rows."""
        raise TypeError("these rows are never changed")

    def delete(self) -> NoReturn:
        """Refuse to delete rows."""
        raise TypeError("these rows are never deleted")


class AddedOnly(models.Model):
    """A table whose rows are only ever added."""

    objects = AddedOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store a new row; refuse to change one."""
        if self.pk is not None:
            raise TypeError("this row is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse to delete the row."""
        raise TypeError("this row is never deleted")


class AuditEntry(AddedOnly):
    """A thing that somebody did; `record` names what it was done to."""

    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    by_name = models.CharField(max_length=200)
    action = models.CharField(max_length=60)
    record = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["record"], name="audit_by_record"),
            models.Index(fields=["by_name"], name="audit_by_person"),
            models.Index(fields=["at"], name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.by_name}: {self.action} {self.record}"


def record(
    *, by: User | None, action: str, on: str, instead: str = COMMAND_LINE, **detail: Any
) -> AuditEntry:
    """Add an entry for the record called `on`.

    Where no person did it, `by` is None and `instead` names what did.
    """
    name = by.name if by is not None else instead
    return AuditEntry.objects.create(by=by, by_name=name, action=action, record=on, detail=detail)


def history(on: str) -> models.QuerySet[AuditEntry]:
    """Return the entries of a record, the latest first."""
    return AuditEntry.objects.filter(record=on).order_by("-pk")


def last_changes(besides: models.Q) -> list[tuple[Any, ...]]:
    """Return the number and the time of the last entry about a change, and how many precede it.

    Nothing where there is none; entries that meet the condition `besides` are not such changes. The
    time too: a back-up that is restored gives the numbers after it to other changes. And how many
    entries have the numbers before it: while a change takes long, others take later numbers and
    are stored before it, and the last number stays the same when it is stored.
    """
    return _last_changes(besides=besides)


@prepared
def _last_changes(*, besides: models.Q) -> models.QuerySet[Any, tuple[Any, ...]]:
    changes = AuditEntry.objects.exclude(models.Q(action__in=_NO_CHANGES) | besides)
    number = models.OuterRef("pk")
    before = AuditEntry.objects.filter(pk__gt=number - _MEANWHILE, pk__lte=number).order_by()
    counted = before.annotate(count=models.Func("pk", function="COUNT")).values("count")
    last = changes.order_by("-pk").annotate(before=models.Subquery(counted))
    return last.values_list("pk", "at", "before")[:1]
