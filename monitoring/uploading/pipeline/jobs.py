"""A worker's job on an upload: sent, begun once, and ended as done, refused or failed.

A sweep takes up jobs whose worker is gone or whose message was lost.
"""

import contextlib
import logging
from collections.abc import Callable
from functools import partial

from django.db import transaction
from django.utils import timezone

from council_finance import audit, jobs
from council_finance.bulk import without_collecting
from council_finance.jobs import Job, JobState
from council_finance.messages import NotSent, wake_worker
from council_finance.uploads.problems import SHOWN, FileRefused, Problem
from monitoring.uploading.models import UNDER_WAY, Upload, UploadState

CHECK, STORE = "monitoring.tasks.check_upload", "monitoring.tasks.store_upload"
"""Names of the tasks of jobs; older messages in the queue may still hold them."""

logger = logging.getLogger(__name__)

Say = Callable[[int, str], None]
"""Reports progress: per cent, and the step that begins."""

End = Callable[[str, str], None]
"""Ends the job, in the transaction of its result: its state and last words."""

OUTCOME = (
    *("state", "ended_at", "row_count", "totals"),
    *("problems", "problem_count", "warnings", "warning_count", "changes"),
    *("layout_name", "layout", "layout_version", "headings", "reading"),
)
"""The fields of an upload that its check and its storing write; its file is written once."""


def send_job(job: Job) -> None:
    """Wake a worker once the job's row can be seen; where no broker is, a sweep sends it again."""
    transaction.on_commit(lambda: _wake_worker(job))


def _wake_worker(job: Job) -> None:
    try:
        wake_worker(job.task, job.pk)
    except NotSent as error:
        logger.warning("No message could be sent for %s; a sweep will: %s", job, error)


def run_job(
    job_id: int, work: Callable[[Upload, Say, End], None], content: bytes | None = None
) -> None:
    """Do a worker's part of an upload, once, and end its job.

    `work` raises `FileRefused` where the file has errors. `content` is the file, where this process
    has it already; else it is read from the database. Meanwhile no garbage is collected: what is
    made stays until the end.
    """
    with contextlib.suppress(jobs.NotMine), jobs.claimed(job_id) as attempt, without_collecting():
        uploads = Upload.objects.select_related("year", "uploaded_by", "job")
        if content is not None:
            uploads = uploads.defer("content")
        upload = uploads.get(job_id=job_id)
        upload.file_in_hand = content
        end = partial(jobs.end, job_id, attempt)
        try:
            work(upload, partial(jobs.report_progress, job_id, attempt), end)
        except FileRefused as refused:
            _refuse_upload(upload, refused.problems, end)
        finally:
            # Only what ended neither way is still running: an error that nobody foresaw.
            fail_upload(job_id, attempt)


def _refuse_upload(upload: Upload, problems: list[Problem], end: End) -> None:
    with transaction.atomic():
        upload.state, upload.ended_at = UploadState.REFUSED, timezone.now()
        upload.problem_count = len(problems)
        upload.problems = [problem.to_data() for problem in problems[:SHOWN]]
        upload.save(update_fields=OUTCOME)
        audit.record(
            by=upload.uploaded_by,
            action="had an upload refused",
            on=f"upload {upload.pk}",
            problems=len(problems),
        )
        end(JobState.DONE, "Refused: the file has errors")


def fail_upload(job_id: int, attempt: int) -> None:
    """End an attempt that is still running, or was never begun, and its upload, as failed."""
    if transaction.get_connection().needs_rollback:
        return  # the surrounding transaction takes everything back
    with transaction.atomic():
        unfinished = Job.objects.filter(
            pk=job_id, attempt=attempt, state__in=(JobState.QUEUED, JobState.RUNNING)
        )
        ended = unfinished.update(
            state=JobState.FAILED, ended_at=timezone.now(), step="It failed; nothing was stored"
        )
        if ended:
            Upload.objects.filter(job_id=job_id, state__in=UNDER_WAY).update(
                state=UploadState.FAILED, ended_at=timezone.now()
            )


def sweep_jobs() -> None:
    """Send lost or orphaned jobs again; end as failed what failed with its worker twice."""
    jobs.sweep(send=send_job, give_up=_fail_job)


def _fail_job(job: Job) -> None:
    fail_upload(job.pk, job.attempt)
