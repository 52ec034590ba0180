"""A Celery job's row: where it stands and how it ended. The row is the truth, not the message."""

from django.db import models
from django.db.models import F
from django.utils import timezone


class JobState(models.TextChoices):
    """From the queue to its end."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class Job(models.Model):
    """One piece of work for a worker, and its progress in per cent."""

    task = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    progress = models.PositiveSmallIntegerField(default=0)
    step = models.CharField(max_length=200, default="Waiting for a worker")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=JobState.values), name="job_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(progress__gte=0, progress__lte=100),
                name="job_progress_is_a_percentage",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.pk} ({self.state})"


class NotMine(Exception):
    """The job was claimed, ended or claimed again by someone else; leave it alone."""


def claim(job_id: int) -> int:
    """Take a waiting job; answers the attempt's number. Raises NotMine where it is not waiting."""
    taken = Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(
        state=JobState.RUNNING,
        attempt=F("attempt") + 1,
        started_at=timezone.now(),
        step="Starting",
    )
    if not taken:
        raise NotMine(f"job {job_id} is not waiting")
    return Job.objects.values_list("attempt", flat=True).get(pk=job_id)


def report_progress(job_id: int, attempt: int, progress: int, step: str) -> None:
    """Say how far an attempt is; call it outside the writing transaction."""
    Job.objects.filter(pk=job_id, attempt=attempt, state=JobState.RUNNING).update(
        progress=progress, step=step
    )


def end(job_id: int, attempt: int, state: str, step: str) -> None:
    """End an attempt, in the transaction of its result. Raises NotMine if it was taken over."""
    ended = Job.objects.filter(pk=job_id, attempt=attempt, state=JobState.RUNNING).update(
        state=state,
        step=step,
        ended_at=timezone.now(),
        progress=100,
    )
    if not ended:
        raise NotMine(f"attempt {attempt} of job {job_id} is over")
