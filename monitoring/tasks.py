"""Celery's way in: each task takes an id and calls one function of the pipeline."""

from celery import shared_task

from monitoring.pipeline import uploads


@shared_task
def check_upload(job_id: int) -> None:
    """Check the file of the job's upload."""
    uploads.run_job(job_id, uploads.check_upload)


@shared_task
def store_upload(job_id: int) -> None:
    """Store the file of the job's upload and recompute."""
    uploads.run_job(job_id, uploads.store_upload)
