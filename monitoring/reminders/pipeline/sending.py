"""Send the mails of the queue: each is handed to the mail server at most once.

One process sends at a time, under a lock that ends with it. A mail is marked as being sent before
the mail server is spoken to. So a mail that bears that mark while nobody holds the lock belonged to
a process that was stopped: nobody knows whether it went out, and it is not sent again but listed
for the administrator. Where no connection came about nothing was sent, and it waits for the next
try.
"""

import contextlib
import datetime
import logging
import smtplib

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F
from django.utils import timezone

from council_finance import locks
from monitoring.reminders.models import MailState, ReminderMail
from monitoring.reminders.pipeline.messages import write_message
from monitoring.reminders.selectors.choices import is_mail_set_up
from monitoring.reminders.selectors.due_items import WorkReader

TRY_AGAIN_AFTER = datetime.timedelta(minutes=5)
GIVE_UP_AFTER = datetime.timedelta(hours=20)
"""Before the next day's digest comes."""

SENDING_LOCK = 0
"""The number of the lock among those of jobs; no job has it."""

_REFUSALS = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)

logger = logging.getLogger(__name__)


class _NoConnection(Exception):
    """The mail server could not be reached, or did not let this site log in."""


def send_mails(now: datetime.datetime) -> int:
    """Send the mails that wait, and return how many were sent; none where another process does."""
    if not is_mail_set_up():
        return 0
    with locks.hold_job_lock(SENDING_LOCK) as held:
        if not held:
            return 0
        _mark_interrupted(now)
        return _send_waiting(now)


def is_mail_waiting(now: datetime.datetime) -> bool:
    """Return whether there is something to send, or that a stopped process left behind."""
    waiting = ReminderMail.objects.filter(state=MailState.WAITING, not_before__lte=now)
    return waiting.exists() or ReminderMail.objects.filter(state=MailState.SENDING).exists()


def _mark_interrupted(now: datetime.datetime) -> None:
    """Mark mails whose process was stopped while it spoke to the mail server; the lock is held."""
    ReminderMail.objects.filter(state=MailState.SENDING).update(
        state=MailState.UNCERTAIN,
        ended_at=now,
        result="The worker was stopped while it sent this mail. It is not sent again.",
    )


def _send_waiting(now: datetime.datetime) -> int:
    work = WorkReader(timezone.localdate(now))
    sent = 0
    waiting = ReminderMail.objects.filter(state=MailState.WAITING, not_before__lte=now)
    while (mail := waiting.order_by("pk").first()) is not None:
        if not _claim_mail(mail, now):
            continue
        try:
            state, result = _send_claimed(mail, work, now)
        except _NoConnection as error:
            logger.warning("Reminders wait for the mail server: %s", error)
            _end_mail(mail, MailState.WAITING, "", None)
            waiting.update(not_before=now + TRY_AGAIN_AFTER)
            continue
        _end_mail(mail, state, result, now)
        sent += state == MailState.SENT
    return sent


def _claim_mail(mail: ReminderMail, now: datetime.datetime) -> bool:
    """Mark a mail as being sent, with the attempt; return False where it no longer waits."""
    waiting = ReminderMail.objects.filter(pk=mail.pk, state=MailState.WAITING)
    return bool(waiting.update(state=MailState.SENDING, attempts=F("attempts") + 1, claimed_at=now))


def _send_claimed(mail: ReminderMail, work: WorkReader, now: datetime.datetime) -> tuple[str, str]:
    """Write a claimed mail and hand it to the mail server; return its state, and words for the log.

    Raise `_NoConnection` where the mail server was not reached: nothing was sent then.
    """
    if now - mail.queued_at > GIVE_UP_AFTER:
        return MailState.FAILED, "The mail server could not be reached in time."
    message = write_message(mail, work)
    if message is None:
        words = "Nothing of it was due any more, or the person no longer gets such mails."
        return MailState.NOT_NEEDED, words
    server = get_connection()
    try:
        server.open()
    except (smtplib.SMTPException, OSError) as error:
        raise _NoConnection(type(error).__name__) from error
    try:
        return _hand_over(server, message)
    finally:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            server.close()


def _hand_over(server: BaseEmailBackend, message: EmailMessage) -> tuple[str, str]:
    """Give a mail to the mail server; return the state that it has then, and words for the log.

    The words hold no address: mail servers repeat it in their answers.
    """
    try:
        server.send_messages([message])
    except _REFUSALS as refusal:
        return MailState.FAILED, f"The mail server refused it{_find_code(refusal)}."
    except (smtplib.SMTPException, OSError):
        return (
            MailState.UNCERTAIN,
            "The connection to the mail server broke off. It is not sent again.",
        )
    return MailState.SENT, ""


def _find_code(refusal: smtplib.SMTPException) -> str:
    """Return the number of the mail server's answer, as words to append."""
    if isinstance(refusal, smtplib.SMTPResponseException):
        return f" with code {refusal.smtp_code}"
    codes = {code for code, _ in getattr(refusal, "recipients", {}).values()}
    return f" with code {min(codes)}" if codes else ""


def _end_mail(
    mail: ReminderMail, state: str, result: str, ended_at: datetime.datetime | None
) -> None:
    ReminderMail.objects.filter(pk=mail.pk).update(state=state, result=result, ended_at=ended_at)
