"""The sweep of reminders: look for new work, and wake a worker where mails wait."""

import logging

from django.utils import timezone
from kombu.exceptions import KombuError

from monitoring.reminders.pipeline.queueing import queue_feed_mails, queue_new_work
from monitoring.reminders.pipeline.sending import is_mail_waiting
from monitoring.reminders.selectors.choices import is_mail_set_up
from monitoring.reminders.tasks import send_reminders

logger = logging.getLogger(__name__)


def sweep_reminders() -> None:
    """Queue mails about new work, and wake a worker for mails that wait."""
    if not is_mail_set_up():
        return
    now = timezone.now()
    queue_new_work(now)
    queue_feed_mails(now)
    if is_mail_waiting(now):
        wake_sender()


def wake_sender() -> None:
    """Ask a worker to send what waits; where no broker is, the sweep asks again."""
    try:
        send_reminders.delay()
    except (KombuError, OSError) as error:
        logger.warning("No message could be sent to send reminders: %s", error)
