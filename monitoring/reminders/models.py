"""Which mails people want, the log of every mail, and how far work was looked through."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Digest(models.TextChoices):
    """How often a person gets the list of all work that is due from them."""

    OFF = "off", "Never"
    DAILY = "daily", "Every working day"
    WEEKLY = "weekly", "Once a week"


class MailKind(models.TextChoices):
    """The kind of a mail."""

    DIGEST = "digest", "Digest"
    TURN = "turn", "New work"
    PUBLISHED = "published", "Report published"
    FEED = "feed", "Ledger feed"


class MailState(models.TextChoices):
    """The state of a mail; it is handed to the mail server at most once."""

    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    NOT_NEEDED = "not_needed", "Not needed"
    FAILED = "failed", "Not sent"
    UNCERTAIN = "uncertain", "Perhaps sent"


class ReminderChoice(models.Model):
    """The mails that a person chose; without a row they get those of the default.

    `announced` are the keys of the work that is due from them and is no longer new.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminder_choice"
    )
    digest = models.CharField(max_length=10, choices=Digest.choices)
    at_once = models.BooleanField()
    announced = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(digest__in=Digest.values), name="reminder_digest_is_known"
            )
        ]

    def __str__(self) -> str:
        return f"mails of {self.user}"


class ReminderMail(models.Model):
    """A mail to a person, from its place in the queue to its end; the log of mails.

    `about` says which one of its kind it is, such as the day of a digest, so that there is one row
    for each. `items` are the keys of the work that it is to name. Neither its text nor the address
    is kept. `attempts` counts how often it was taken up.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminder_mails"
    )
    kind = models.CharField(max_length=10, choices=MailKind.choices)
    about = models.CharField(max_length=40)
    items = models.JSONField(default=list)
    state = models.CharField(
        max_length=12, choices=MailState.choices, default=MailState.WAITING, db_index=True
    )
    attempts = models.PositiveIntegerField(default=0)
    queued_at = models.DateTimeField()
    not_before = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "about"], name="reminder_mail_once_a_person_and_event"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=MailKind.values), name="reminder_mail_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=MailState.values), name="reminder_mail_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.about} to {self.user}"


class WorkLook(models.Model):
    """The one row that says when new work was last looked for, and up to what.

    `last_entry` is the last entry of the audit trail by then, `last_report` the last report.
    """

    looked_at = models.DateTimeField()
    last_entry = models.BigIntegerField()
    last_report = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="work_look_is_one_row")]

    def __str__(self) -> str:
        return f"looked at {self.looked_at}"
