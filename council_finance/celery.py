"""The Celery application. Jobs' rows in the database are the truth; messages only wake a worker.

Whatever sends or takes messages imports it; commands that do neither start without Celery.
"""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_ready

from council_finance import job_logs  # noqa: F401 (its receivers of Celery's signals)
from council_finance.broker import use_atomic_file_broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "council_finance.settings")
use_atomic_file_broker()

app = Celery("council_finance")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


# Celery has no types, hence untyped-decorator.
@worker_init.connect  # type: ignore[untyped-decorator]
def load_everything(**_: Any) -> None:
    """Load what apps register before the processes of a worker part, which then share it."""
    from council_finance import installed_apps  # noqa: PLC0415 (Django is set up by now)

    installed_apps.load_registered()


@worker_ready.connect  # type: ignore[untyped-decorator]
def note_alive(**_: Any) -> None:
    """Note that a worker lives, from its start to its end."""
    from council_finance import locks  # noqa: PLC0415 (Django is set up by now)

    locks.start_holding_worker_lock()
