"""Celery tasks of uploads: each takes the id of a job and calls one function of the pipeline."""

from council_finance.celery import app
from monitoring.uploading.pipeline import check, jobs, store


# Celery has no types, hence untyped-decorator.
@app.task(name=jobs.CHECK)  # type: ignore[untyped-decorator]
def check_upload(job_id: int) -> None:
    """Check the file of the job's upload."""
    jobs.run_job(job_id, check.check_upload)


@app.task(name=jobs.STORE)  # type: ignore[untyped-decorator]
def store_upload(job_id: int) -> None:
    """Store the file of the job's upload and recompute."""
    jobs.run_job(job_id, store.store_upload)
