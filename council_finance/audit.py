"""Who did what to which record, written in the same transaction as the change."""

from django.conf import settings
from django.db import models

COMMAND_LINE = "command line"
RECALCULATION = "recalculation"
NOT_LOGGED_IN = "not logged in"


class AddedOnlyQuerySet(models.QuerySet):
    """Rows that are made and read, never changed or deleted."""

    def update(self, **kwargs):
        raise TypeError("these rows are never changed")

    def delete(self):
        raise TypeError("these rows are never deleted")


class AddedOnly(models.Model):
    """A table that is only ever added to."""

    objects = AddedOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if self.pk is not None:
            raise TypeError("this row is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError("this row is never deleted")


class AuditEntry(AddedOnly):
    """One act. `record` names what it was done to, as the product's functions call it."""

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


def record(*, by, action: str, on: str, instead: str = COMMAND_LINE, **detail) -> AuditEntry:
    """Note an act on the record called `on`; `instead` names what did it where `by` is nobody."""
    name = by.name if by is not None else instead
    return AuditEntry.objects.create(by=by, by_name=name, action=action, record=on, detail=detail)


def history(on: str) -> models.QuerySet[AuditEntry]:
    """What was done to a record, the latest first."""
    return AuditEntry.objects.filter(record=on).order_by("-pk")
