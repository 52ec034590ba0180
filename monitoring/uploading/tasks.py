"""Celery tasks of uploads: each takes the id of a job and calls one function of the pipeline.

Their names are those that older messages in the queue may still hold.
"""

from celery import shared_task

from monitoring.uploading.pipeline import check, jobs, store


# Celery has no types, hence untyped-decorator.
@shared_task(name="monitoring.tasks.check_upload")  # type: ignore[untyped-decorator]
def check_upload(job_id: int) -> None:
    """Check the file of the job's upload."""
    jobs.run_job(job_id, check.check_upload)


@shared_task(name="monitoring.tasks.store_upload")  # type: ignore[untyped-decorator]
def store_upload(job_id: int) -> None:
    """Store the file of the job's upload and recompute."""
    jobs.run_job(job_id, store.store_upload)
