"""Who did what to which record, written in the same transaction as the change."""

from django.conf import settings
from django.db import models

COMMAND_LINE = "command line"


class AuditEntry(models.Model):
    """One act. Entries are only ever added."""

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
        indexes = [models.Index(fields=["record"], name="audit_by_record")]

    def __str__(self) -> str:
        return f"{self.by_name}: {self.action} {self.record}"

    def save(self, *args, **kwargs):
        if self.pk is not None:
            raise TypeError("an audit entry is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError("an audit entry is never deleted")


def record(*, by, action: str, on: str, **detail) -> AuditEntry:
    """Note an act of `by` (None: a command) on the record called `on`."""
    name = by.name if by is not None else COMMAND_LINE
    return AuditEntry.objects.create(by=by, by_name=name, action=action, record=on, detail=detail)
