"""The Django project and the foundation that every app uses."""

from council_finance.celery import app as celery_app

__all__ = ["celery_app"]
