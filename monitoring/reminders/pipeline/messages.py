"""The mail of a row of the queue, written when it is sent: by the rights and the work of then."""

from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from council_finance.accounts.models import User
from monitoring.feed.mails import describe_for_mail, subject_of_mail
from monitoring.feed.models import FeedFile
from monitoring.published.models import Report
from monitoring.reminders.models import MailKind, ReminderMail
from monitoring.reminders.selectors.choices import (
    Wanted,
    has_stopped_mails,
    stop_token,
    wanted_by,
)
from monitoring.reminders.selectors.due_items import DueItem, WorkReader
from monitoring.uploading.rights import may_upload_files

_NAME = "Budget monitor"


def write_message(mail: ReminderMail, work: WorkReader) -> EmailMessage | None:
    """Return the mail as it is now; None where there is nothing to say to its reader any more."""
    user = User.objects.filter(pk=mail.user_id, is_active=True).exclude(email="").first()
    if user is None:
        return None
    if mail.kind == MailKind.FEED:
        return None if has_stopped_mails(user) else _write_feed(mail, user)
    if not _is_wanted(mail, wanted_by(user)):
        return None
    if mail.kind == MailKind.PUBLISHED:
        return _write_published(mail, user)
    items = work.items_of(user)
    if mail.kind == MailKind.TURN:
        items = [item for item in items if item.key in mail.items]
    return _write_list(mail, user, items) if items else None


def _is_wanted(mail: ReminderMail, wanted: Wanted) -> bool:
    return wanted.digest != "off" if mail.kind == MailKind.DIGEST else wanted.at_once


def _write_list(mail: ReminderMail, user: User, items: list[DueItem]) -> EmailMessage:
    count = "1 thing" if len(items) == 1 else f"{len(items)} things"
    is_new = mail.kind == MailKind.TURN
    waits = "waits" if len(items) == 1 else "wait"
    subject = f"{_NAME}: {count} now {waits} for you" if is_new else f"{_NAME}: {count} to do"
    return _address_mail(mail, user, subject, {"items": items, "is_new": is_new})


def _write_published(mail: ReminderMail, user: User) -> EmailMessage | None:
    pk = mail.about.removeprefix("report ")
    report = Report.objects.select_related("period__year").filter(pk=pk).first()
    if report is None:
        return None
    period = report.period
    title = f"{period.name} of {period.year.label}"
    path = reverse("report", args=[period.year.start, period.number])
    context = {"published": title, "path": path, "version": report.version}
    return _address_mail(
        mail, user, f"{_NAME}: the report of {title.lower()} is published", context
    )


def _write_feed(mail: ReminderMail, user: User) -> EmailMessage | None:
    """Return the mail about a file of the ledger feed; None where its row is kept no more."""
    file = FeedFile.objects.filter(pk=mail.about.removeprefix("file ")).first()
    if file is None or not may_upload_files(user):
        return None
    return _address_mail(
        mail, user, f"{_NAME}: {subject_of_mail(file)}", {"feed": describe_for_mail(file)}
    )


def _address_mail(
    mail: ReminderMail, user: User, subject: str, context: dict[str, Any]
) -> EmailMessage:
    """Return a mail with the link and the headers by which its reader stops reminders."""
    site = settings.SITE_ADDRESS
    stop = f"{site}{reverse('reminders-stop', args=[stop_token(user)])}"
    context |= {"site": site, "stop": stop, "choose": f"{site}{reverse('reminders')}"}
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return EmailMessage(
        subject,
        render_to_string("monitoring/reminder_mail.txt", context),
        None,
        [user.email],
        headers={
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
            "Message-ID": f"<reminder-{mail.pk}-{int(mail.queued_at.timestamp())}@{domain}>",
        },
    )
