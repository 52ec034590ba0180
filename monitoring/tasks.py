"""The tasks of monitoring, where Celery finds them, and the sweep of unfinished work."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from celery.signals import worker_ready
from django.db import DatabaseError, connection

from monitoring.feed.waking import sweep_feed
from monitoring.figures.pipeline import recompute_behind
from monitoring.reminders.tasks import send_reminders
from monitoring.reminders.waking import sweep_reminders
from monitoring.uploading.pipeline.jobs import sweep_jobs
from monitoring.uploading.tasks import check_upload, store_upload

__all__ = ["check_upload", "send_reminders", "store_upload"]

SWEEP_SECONDS = 10

logger = logging.getLogger(__name__)


@worker_ready.connect  # type: ignore[untyped-decorator]  # Celery has no types
def start_sweeping(**_: Any) -> None:
    """Take up unfinished work at a worker's start, and then on a timer beside its work."""
    threading.Thread(target=_sweep_for_ever, name="sweep", daemon=True).start()


def _sweep_for_ever() -> None:
    wait = threading.Event()
    while True:
        sweep_once()
        wait.wait(SWEEP_SECONDS)


def sweep_once() -> None:
    """Sweep once, each part in its own thread, so that an unforeseen error ends that part only."""
    for part in (sweep_jobs, recompute_behind, sweep_feed, sweep_reminders):
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
