"""Celery's way in: each task takes an id and calls one function of the pipeline."""

import logging
import threading
from collections.abc import Callable

from celery import shared_task
from celery.signals import worker_ready
from django.db import DatabaseError, connection

from monitoring.pipeline import sweep, uploads

SWEEP_SECONDS = 10

logger = logging.getLogger(__name__)


@shared_task
def check_upload(job_id: int) -> None:
    """Check the file of the job's upload."""
    uploads.run_job(job_id, uploads.check_upload)


@shared_task
def store_upload(job_id: int) -> None:
    """Store the file of the job's upload and recompute."""
    uploads.run_job(job_id, uploads.store_upload)


@worker_ready.connect
def start_sweeping(**_) -> None:
    """At a worker's start, and then on a timer beside its work, take up what was left."""
    threading.Thread(target=_sweep_for_ever, name="sweep", daemon=True).start()


def _sweep_for_ever() -> None:
    wait = threading.Event()
    while True:
        sweep_once()
        wait.wait(SWEEP_SECONDS)


def sweep_once() -> None:
    """One round, each part in a thread of its own: what nobody foresaw ends that part alone."""
    for part in (sweep.sweep_jobs, sweep.recompute_behind):
        thread = threading.Thread(target=_try_part, args=[part], daemon=True)
        thread.start()
        thread.join()


def _try_part(part: Callable[[], None]) -> None:
    try:
        part()
    except (DatabaseError, OSError) as error:
        logger.warning("The sweep will be tried again: %s", error)
    finally:
        connection.close()
