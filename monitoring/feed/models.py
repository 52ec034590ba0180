"""The files that a ledger brought by itself, and the uploads that they became."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from monitoring.uploading.models import Upload


class FeedSource(models.TextChoices):
    """The way by which a file came."""

    FOLDER = "folder", "Watched folder"
    TOKEN = "token", "Sent with a token"


class FeedState(models.TextChoices):
    """The state of a file of the feed. All but the first are final."""

    CHECKING = "checking", "Being checked"
    WAITING = "waiting", "Waits for a person"
    STORED = "stored", "Stored"
    REFUSED = "refused", "Refused"
    FAILED = "failed", "Failed"
    SAME = "same", "Received before"


ON_ITS_WAY = (FeedState.CHECKING,)


class FeedFile(models.Model):
    """A file of the feed, from its receipt to the end of what the feed does with it.

    `file_name` is printable: bytes that are no UTF-8 are written as escapes. `by` is the person in
    whose name it was received, null where it was refused before anybody was found. `sentences` say
    why it was refused where there is no upload that says so. `moved_to` is the file's new place
    within the folder, known before it is moved; `moved_at` is null until it is there. `mailed_at`
    is null until mails about it are in the queue.
    """

    source = models.CharField(max_length=10, choices=FeedSource.choices)
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    year_start = models.PositiveSmallIntegerField(null=True)
    kind = models.CharField(max_length=40, blank=True)
    period = models.PositiveSmallIntegerField(null=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    received_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(
        max_length=10, choices=FeedState.choices, default=FeedState.CHECKING, db_index=True
    )
    sentences = models.JSONField(default=list)
    ended_at = models.DateTimeField(null=True)
    moved_to = models.CharField(max_length=300, blank=True)
    moved_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(source__in=FeedSource.values), name="feed_source_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=FeedState.values), name="feed_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"file {self.pk} of the feed ({self.file_name}, {self.state})"

    @property
    def upload(self) -> Upload | None:
        """The upload that the file became, or that it is the same as; None where there is none."""
        found = FeedUpload.objects.select_related("upload__year", "upload__uploaded_by")
        link = found.defer("upload__content").filter(file=self).first()
        return link.upload if link else None


class FeedUpload(models.Model):
    """The upload of a file of the feed; it goes with its year, and the file's own row stays."""

    file = models.OneToOneField(FeedFile, on_delete=models.CASCADE, related_name="brought")
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="feed_files")

    def __str__(self) -> str:
        return f"{self.file} as {self.upload}"
