"""Mail, sent by a worker."""

from council_finance.accounts import services
from council_finance.celery import app


# Celery has no types, hence untyped-decorator.
@app.task(  # type: ignore[untyped-decorator]
    autoretry_for=(OSError,), retry_backoff=30, max_retries=3
)
def send_reset_mail(address: str, site: str) -> None:
    """Send the link to set a new password; try again where the mail server does not answer.

    The page queues this for every address, so that neither its answer nor the time it takes tells
    whether somebody has it.
    """
    services.send_reset_mail(address=address, site=site)


@app.task(  # type: ignore[untyped-decorator]
    autoretry_for=(OSError,), retry_backoff=30, max_retries=3
)
def send_first_link(user_id: int, site: str) -> None:
    """Send a new person the link with which they set their password.

    The link is made here, so that it is on no queue.
    """
    services.send_first_link(user_id=user_id, site=site)
