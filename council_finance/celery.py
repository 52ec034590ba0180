"""The Celery application. Jobs' rows in the database are the truth; messages only wake a worker."""

import os

from celery import Celery

from council_finance.broker import use_atomic_file_broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "council_finance.settings")
use_atomic_file_broker()

app = Celery("council_finance")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
