"""The Celery task that sends reminders."""

from django.utils import timezone

from council_finance.celery import app
from monitoring.reminders.pipeline import sending


@app.task(name="monitoring.tasks.send_reminders")  # type: ignore[untyped-decorator]
def send_reminders() -> None:
    """Send every mail that waits. A lost message does no harm: the sweep asks again."""
    sending.send_mails(timezone.now())
