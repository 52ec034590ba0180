"""Mail, sent by a worker."""

from celery import shared_task

from council_finance.accounts import services


# Celery has no types, hence untyped-decorator.
@shared_task(  # type: ignore[untyped-decorator]
    autoretry_for=(OSError,), retry_backoff=30, max_retries=3
)
def send_reset_mail(address: str, site: str) -> None:
    """Send the link to set a new password; try again where the mail server does not answer.

    The page queues this for every address, so that neither its answer nor the time it takes tells
    whether somebody has it.
    """
    services.send_reset_mail(address=address, site=site)
