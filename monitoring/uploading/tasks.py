"""Celery tasks of uploads: each takes the id of a job and calls one function of the pipeline.

Their names are those that older messages in the queue may still hold.
"""

from celery import shared_task

from monitoring.uploading.pipeline import check, jobs, store


@shared_task(name="monitoring.tasks.check_upload")
def check_upload(job_id: int) -> None:
    """Check the file of the job's upload."""
    jobs.run_job(job_id, check.check_upload)


@shared_task(name="monitoring.tasks.store_upload")
def store_upload(job_id: int) -> None:
    """Store the file of the job's upload and recompute."""
    jobs.run_job(job_id, store.store_upload)
