"""Put mails into the queue: digests of a day, new work, and published reports.

A mail is a row with a unique key of person, kind and event, so that it is queued once however often
this runs and whoever runs it beside.
"""

import datetime
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from council_finance.accounts.models import User
from council_finance.audit import AuditEntry
from monitoring.feed.pipeline import mark_mailed
from monitoring.feed.selectors import files_to_mail_about, was_mailed_about
from monitoring.feed.selectors import people_to_mail as people_to_mail_about
from monitoring.published.models import Report
from monitoring.reminders.models import (
    Digest,
    MailKind,
    ReminderChoice,
    ReminderMail,
    WorkLook,
)
from monitoring.reminders.selectors.choices import (
    Wanted,
    has_stopped_mails,
    is_mail_day,
    people_to_mail,
)
from monitoring.reminders.selectors.due_items import WorkReader

LOOK_EVERY = datetime.timedelta(minutes=5)
"""New work is looked for so often; what came up between two looks goes into one mail."""

FEED_NEWS_FOR = datetime.timedelta(days=1)
"""Files that ended longer ago are no news: mail may only have been set up since."""

_MONDAY = 0
_LOOK = 1  # the id of the one row


def queue_digests(now: datetime.datetime) -> int:
    """Queue the digests of the day, and return how many.

    A daily one goes out on every working day, a weekly one on the first working day of the week;
    either only where something is due, so that a weekly one may come later in its week.
    """
    today = timezone.localdate(now)
    if not is_mail_day(today):
        return 0
    work = WorkReader(today)
    queued = 0
    for user, wanted in people_to_mail():
        about = _name_digest(wanted.digest, today)
        if not about or _is_queued(user, about):
            continue
        if items := work.items_of(user):
            queued += _queue_mail(user, MailKind.DIGEST, about, (each.key for each in items), now)
    return queued


def _name_digest(digest: str, today: datetime.date) -> str:
    """Return what makes a digest of that day one of its own; "" for a person who gets none."""
    if digest == Digest.DAILY:
        return today.isoformat()
    if digest == Digest.WEEKLY:
        monday = today - datetime.timedelta(days=today.weekday() - _MONDAY)
        return f"week of {monday.isoformat()}"
    return ""


def _is_queued(user: User, about: str) -> bool:
    return ReminderMail.objects.filter(user=user, kind=MailKind.DIGEST, about=about).exists()


def queue_new_work(now: datetime.datetime) -> int:
    """Queue mails about work that became due since the last look, and new reports; return how many.

    Only people who chose to be mailed at once get them. Nothing is read where the last look was
    moments ago, or nothing has happened since: everything that changes work is on the audit trail,
    and a new day changes it too.
    """
    look = _read_look(now)
    if abs(now - look.looked_at) < LOOK_EVERY:
        return 0
    last_entry = _last_id(AuditEntry)
    is_same_day = timezone.localdate(look.looked_at) == timezone.localdate(now)
    if last_entry == look.last_entry and is_same_day:
        return 0
    takers = [(user, wanted) for user, wanted in people_to_mail() if wanted.at_once]
    found = _find_new_work(takers, timezone.localdate(now))
    return _store_look(look, last_entry, takers, found, now)


@transaction.atomic
def queue_feed_mails(now: datetime.datetime) -> int:
    """Queue mails about files of the ledger feed that were refused or wait; return how many.

    They go to the people whom the settings name, and not to those who stopped every mail.
    """
    queued = 0
    since = now - FEED_NEWS_FOR
    for file in files_to_mail_about(since):
        is_known = was_mailed_about(file, since)
        if not mark_mailed(file=file) or is_known:
            continue
        for user in people_to_mail_about(file):
            if not has_stopped_mails(user):
                queued += _queue_mail(user, MailKind.FEED, f"file {file.pk}", (), now)
    return queued


def _read_look(now: datetime.datetime) -> WorkLook:
    """Return the row of the last look; before the first one, nothing that is there is new."""
    look, _ = WorkLook.objects.get_or_create(
        pk=_LOOK,
        defaults={
            "looked_at": now - 2 * LOOK_EVERY,
            "last_entry": 0,
            "last_report": _last_id(Report),
        },
    )
    return look


def _last_id(table: type[AuditEntry] | type[Report]) -> int:
    return int(table.objects.aggregate(last=Max("pk"))["last"] or 0)


def _find_new_work(
    takers: list[tuple[User, Wanted]], today: datetime.date
) -> dict[int, tuple[list[str], list[str]]]:
    """Return by person the keys of all work that is due, and of what is new among it."""
    known = dict(ReminderChoice.objects.values_list("user_id", "announced"))
    work = WorkReader(today)
    found = {}
    for user, _ in takers:
        keys = [item.key for item in work.items_of(user)]
        found[user.pk] = keys, [key for key in keys if key not in known.get(user.pk, [])]
    return found


@transaction.atomic
def _store_look(
    look: WorkLook,
    last_entry: int,
    takers: list[tuple[User, Wanted]],
    found: dict[int, tuple[list[str], list[str]]],
    now: datetime.datetime,
) -> int:
    """Store what a look found with its mails, unless another process looked meanwhile."""
    locked = WorkLook.objects.select_for_update().get(pk=_LOOK)
    if (locked.looked_at, locked.last_entry) != (look.looked_at, look.last_entry):
        return 0
    reports = Report.objects.filter(pk__gt=locked.last_report, redaction_of=None).order_by("pk")
    published = list(reports.values_list("pk", flat=True))
    queued = 0
    for user, _ in takers:
        due, new = found[user.pk]
        if new:
            queued += _queue_mail(user, MailKind.TURN, f"look at {now.isoformat()}", new, now)
        ReminderChoice.objects.filter(user=user).update(announced=due)
        for report in published:
            queued += _queue_mail(user, MailKind.PUBLISHED, f"report {report}", (), now)
    locked.looked_at, locked.last_entry = now, last_entry
    locked.last_report = max([locked.last_report, *published])
    locked.save()
    return queued


def _queue_mail(
    user: User, kind: str, about: str, items: Iterable[str], now: datetime.datetime
) -> bool:
    """Queue a mail, and return False where it was queued already."""
    _, is_new = ReminderMail.objects.get_or_create(
        user=user,
        kind=kind,
        about=about,
        defaults={"items": list(items), "queued_at": now, "not_before": now},
    )
    return is_new
