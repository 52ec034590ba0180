"""The project, and the ground that every app stands on."""

from council_finance.celery import app as celery_app

__all__ = ["celery_app"]
