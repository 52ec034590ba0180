"""The last result of each maintenance task (back-up, copy, test, clean-up), for health and metrics.

There is one row a task, which is replaced each time: only monitoring reads it, and the audit trail
keeps what is of lasting interest.
"""

import contextlib
import datetime
from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection, models
from django.utils import timezone

from council_finance import schema
from council_finance.errors import Refused


class Task(models.TextChoices):
    """The tasks that timers start."""

    BACK_UP = "back_up", "Back-up"
    COPY = "copy_backup", "Copy of the back-up"
    RESTORE_TEST = "test_restore", "Restore test"
    CLEAN_UP = "clean_up", "Clean-up"
    REMINDERS = "send_reminders", "Reminders"


OVERDUE = {
    Task.BACK_UP: datetime.timedelta(days=2),
    Task.COPY: datetime.timedelta(days=2),
    Task.RESTORE_TEST: datetime.timedelta(days=15),
    Task.CLEAN_UP: datetime.timedelta(days=2),
    Task.REMINDERS: datetime.timedelta(days=2),
}
"""Time since a task's last success after which it is reported; the timers run it more often."""


class Upkeep(models.Model):
    """The times of a task's last success and last failure, and its message."""

    task = models.CharField(max_length=20, choices=Task.choices, primary_key=True)
    succeeded_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    says = models.CharField(max_length=500, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(task__in=Task.values), name="upkeep_task_is_known"
            )
        ]

    def __str__(self) -> str:
        return self.get_task_display()


class Standing(NamedTuple):
    """The state of a task: whether it is well, and a few words without any name."""

    ok: bool
    words: str


@contextlib.contextmanager
def noted(task: Task) -> Iterator[None]:
    """Store that a task was done in the block, or that it was refused."""
    try:
        yield
    except Refused as refused:
        note(task=task, succeeded=False, says=refused.messages[0])
        raise
    note(task=task, succeeded=True)


def note(*, task: Task, succeeded: bool, says: str = "") -> None:
    """Store that a task succeeded or failed just now."""
    if schema.missing(connection):
        return  # tables of an earlier version have no place for it
    when = "succeeded_at" if succeeded else "failed_at"
    says = says[: Upkeep._meta.get_field("says").max_length]
    Upkeep.objects.update_or_create(task=task, defaults={when: timezone.now(), "says": says})


def standing(task: Task) -> Standing | None:
    """Return the state of a task; None where it was never done here."""
    row = Upkeep.objects.filter(task=task).first()
    if row is None:
        return None
    if row.succeeded_at is None or (row.failed_at and row.failed_at > row.succeeded_at):
        return Standing(False, "failed the last time")
    if timezone.now() - row.succeeded_at > OVERDUE[task]:
        return Standing(False, f"was last done more than {OVERDUE[task].days} days ago")
    return Standing(True, "done")
