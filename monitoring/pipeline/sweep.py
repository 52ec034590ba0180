"""Taking up what was left: jobs whose worker is gone, periods whose recompute never came."""

from celery import current_app

from council_finance import jobs
from council_finance.jobs import Job
from monitoring.models import FinancialYear
from monitoring.pipeline.figures import recompute_open_periods
from monitoring.pipeline.uploads import fail_upload


def sweep_jobs() -> None:
    """Send lost or orphaned jobs again; end as failed what failed with its worker twice."""
    jobs.sweep(send=_send, give_up=_give_up)


def recompute_behind() -> None:
    """Bring periods up to date whose recompute was cut off; does nothing where none is."""
    for year in FinancialYear.objects.all():
        recompute_open_periods(year)


def _send(job: Job) -> None:
    current_app.send_task(job.task, args=[job.pk])


def _give_up(job: Job) -> None:
    fail_upload(job.pk, job.attempt)
