"""The sweep of jobs on uploads whose worker is gone or whose message was lost."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import KombuError

from council_finance import jobs
from council_finance.jobs import Job
from monitoring.uploading.pipeline.jobs import fail_upload

logger = logging.getLogger(__name__)


def sweep_jobs() -> None:
    """Send lost or orphaned jobs again; end as failed what failed with its worker twice."""
    jobs.sweep(send=send_job, give_up=_fail_job)


def send_job(job: Job) -> None:
    """Wake a worker once the job's row can be seen; where no broker is, a sweep sends it again."""
    transaction.on_commit(lambda: _wake_worker(job))


def _wake_worker(job: Job) -> None:
    try:
        current_app.tasks[job.task].delay(job.pk)
    except (KombuError, OSError) as error:
        logger.warning("No message could be sent for %s; a sweep will: %s", job, error)


def _fail_job(job: Job) -> None:
    fail_upload(job.pk, job.attempt)
