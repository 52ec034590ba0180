"""The row of a Celery job: its progress and its result. The row is the truth, not the message.

A message may be lost, come twice, or reach a worker that is killed. So a job is claimed by a
conditional UPDATE under a lock that ends with its process, its attempt's number is checked again
in the transaction of its result, and a sweep takes up jobs that no process works on any more.
"""

import contextlib
import datetime
from collections.abc import Callable, Iterator

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from council_finance import locks

MOST_ATTEMPTS = 2
"""A job whose worker stopped this often is marked as failed, for a person to look at."""

MESSAGE_PATIENCE = datetime.timedelta(seconds=30)
"""A job that has waited longer than this is sent again: its message may be lost."""


class JobState(models.TextChoices):
    """The states of a job, from the queue to its end."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class Job(models.Model):
    """A piece of work for a worker, and its progress in per cent.

    `in_process` marks work that a command does itself: no worker takes it up.
    """

    task = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    progress = models.PositiveSmallIntegerField(default=0)
    step = models.CharField(max_length=200, default="Waiting for a worker")
    in_process = models.BooleanField(default=False)
    sent_at = models.DateTimeField(auto_now_add=True)
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
    """A job that another process has claimed, ended or claimed again; leave it alone."""


@contextlib.contextmanager
def claimed(job_id: int) -> Iterator[int]:
    """Take a waiting job for the block; give the attempt's number. Raise `NotMine`."""
    with locks.hold_job_lock(job_id) as held:
        if not held:
            raise NotMine(f"job {job_id} is being worked on")
        yield _start_attempt(job_id)


def _start_attempt(job_id: int) -> int:
    taken = Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(
        state=JobState.RUNNING,
        attempt=F("attempt") + 1,
        started_at=timezone.now(),
        step="Starting",
        progress=0,
    )
    if not taken:
        raise NotMine(f"job {job_id} is not waiting")
    return Job.objects.values_list("attempt", flat=True).get(pk=job_id)


def report_progress(job_id: int, attempt: int, progress: int, step: str) -> None:
    """Store the progress of an attempt; call it outside the writing transaction."""
    Job.objects.filter(pk=job_id, attempt=attempt, state=JobState.RUNNING).update(
        progress=progress, step=step
    )


def end(job_id: int, attempt: int, state: str, step: str) -> None:
    """End an attempt, in the transaction of its result. Raise `NotMine` if it was taken over."""
    ended = Job.objects.filter(pk=job_id, attempt=attempt, state=JobState.RUNNING).update(
        state=state, step=step, ended_at=timezone.now(), progress=100
    )
    if not ended:
        raise NotMine(f"attempt {attempt} of job {job_id} is over")


def sweep(*, send: Callable[[Job], None], give_up: Callable[[Job], None]) -> None:
    """Take up jobs whose worker is gone or whose message never arrived.

    `send(job)` sends its message again; `give_up(job)` ends one that failed with its worker for
    the last time, or with its command. A job is touched only while nobody holds its lock.
    """
    for job in Job.objects.filter(state=JobState.RUNNING).order_by("pk"):
        if not locks.is_job_lock_free(job.pk):
            continue
        if job.in_process or job.attempt >= MOST_ATTEMPTS:
            give_up(job)
        elif _back_to_queue(job):
            send(job)
    waiting = Job.objects.filter(_is_overdue(timezone.now()), state=JobState.QUEUED)
    for job in waiting.order_by("pk"):
        if not job.in_process:
            Job.objects.filter(pk=job.pk).update(sent_at=timezone.now())
            send(job)
        elif locks.is_job_lock_free(job.pk):
            give_up(job)


def _is_overdue(now: datetime.datetime) -> Q:
    """Return the condition for jobs sent too long ago, or in the future: the clock was moved."""
    sent_before, sent_after = now - MESSAGE_PATIENCE, now + MESSAGE_PATIENCE
    return Q(sent_at__lt=sent_before) | Q(sent_at__gt=sent_after)


def _back_to_queue(job: Job) -> bool:
    """Put a job back; return False where its attempt changed, as another sweep was first."""
    same = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, attempt=job.attempt)
    return bool(
        same.update(
            state=JobState.QUEUED, sent_at=timezone.now(), step="Its worker stopped; starting again"
        )
    )
