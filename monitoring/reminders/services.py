"""Choose and stop reminders, queue the day's digests, and remove old entries of the log."""

import datetime

from django.db import transaction
from django.utils import timezone

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.accounts.services import record_of
from council_finance.errors import Refused
from monitoring.people.rights import may_see_month
from monitoring.reminders.models import Digest, ReminderChoice, ReminderMail
from monitoring.reminders.pipeline.queueing import queue_digests
from monitoring.reminders.selectors.choices import is_mail_set_up, wanted_by
from monitoring.reminders.selectors.due_items import WorkReader
from monitoring.reminders.waking import wake_sender

NOT_SET_UP = (
    "No reminders are sent: set EMAIL_HOST and SITE_ADDRESS first, as docs/operating.md says."
)


@transaction.atomic
def choose_reminders(*, user: User, digest: str, at_once: bool, now: datetime.datetime) -> bool:
    """Store which mails a person wants, and return whether that changed anything.

    Work that is due when they begin to be mailed at once is not new. Raise `Refused` for a digest
    that there is not.
    """
    if digest not in Digest.values:
        raise Refused("Choose how often you want the list of your work.")
    if not may_see_month(user):
        digest = Digest.OFF
    before = wanted_by(user)
    if (before.digest, before.at_once) == (digest, at_once):
        return False
    choice = ReminderChoice.objects.select_for_update().filter(user=user).first()
    choice = choice or ReminderChoice(user=user)
    choice.digest, choice.at_once = digest, at_once
    if at_once and not before.at_once:
        items = WorkReader(timezone.localdate(now)).items_of(user)
        choice.announced = [item.key for item in items]
    choice.save()
    audit.record(
        by=user,
        action="chose their reminders",
        on=record_of(user),
        digest=Digest(digest).label,
        at_once="yes" if at_once else "no",
    )
    return True


@transaction.atomic
def stop_reminders(*, user: User) -> None:
    """Stop every mail to a person; a second time nothing is left to do."""
    if not wanted_by(user).is_anything:
        return
    ReminderChoice.objects.update_or_create(
        user=user, defaults={"digest": Digest.OFF, "at_once": False}
    )
    audit.record(by=user, action="stopped their reminders", on=record_of(user))


def send_digests(*, now: datetime.datetime) -> int:
    """Queue the digests of the day and wake a worker to send them; return how many are new.

    Raise `Refused` where no mail can be sent.
    """
    if not is_mail_set_up():
        raise Refused(NOT_SET_UP)
    queued = queue_digests(now)
    wake_sender()
    return queued


def forget_old_mails(*, before: datetime.datetime) -> int:
    """Remove entries of the log of mails that ended before then; return how many."""
    removed, _ = ReminderMail.objects.filter(ended_at__lt=before).delete()
    return removed
