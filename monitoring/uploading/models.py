"""Uploaded files, kept whole so that every figure can be traced to its row."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from council_finance import registry
from council_finance.jobs import Job
from monitoring.structure.models import FinancialYear
from monitoring.uploading.changes import UploadChanges


class UploadState(models.TextChoices):
    """The state of an upload, from checking to stored, refused, failed, withdrawn or undone."""

    CHECKING = "checking", "Checking"
    REFUSED = "refused", "Refused"
    READY = "ready", "Ready to confirm"
    STORING = "storing", "Storing"
    STORED = "stored", "Stored"
    FAILED = "failed", "Failed"
    WITHDRAWN = "withdrawn", "Withdrawn"
    UNDONE = "undone", "Undone"


UNDER_WAY = (UploadState.CHECKING, UploadState.READY, UploadState.STORING)


class TypedChoice(models.TextChoices):
    """The forecasts that count where the file gives others than people typed."""

    UNDECIDED = "", "Not chosen"
    FILE = "file", "The file’s"
    TYPED = "typed", "Those that were typed"
    EACH = "each", "Line by line"


class Layout(models.Model):
    """A layout for one kind of file, by the name that people give it.

    Its versions say how files are read; the one with the highest number is in use.
    """

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=40)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def definition(self) -> dict[str, Any]:
        """The definition of the version in use."""
        return dict(self.versions.latest("number").definition)


class LayoutVersion(models.Model):
    """A version of a layout: its definition as `read_layout` takes it, who saved it and when.

    `saved_by` is null where a command saved it, `saved_at` where the time was not kept.
    """

    layout = models.ForeignKey(Layout, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    saved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["layout", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["layout", "number"], name="layout_version_number_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1), name="layout_version_number_from_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.layout}, version {self.number}"


class Upload(models.Model):
    """A file, compressed, with its sender, its time and its outcome.

    `layout` is the definition that the file is read through, so that its rows can be read again
    also when the saved layout is changed or deleted. `saved_layout` is that layout, null where it
    was deleted since, `layout_name` its name then and `layout_version` the number of its version.

    `period` is null for a file of the whole year. `totals` are the sums of its amount columns in
    pence. `headings` are the file's own headings with its first rows, where a person may match
    them. `sheets` are those that a person chose; `reading` says which were read and which were not,
    with notes, as uploads.several_sheets gives it. `changes` is the data of `found_changes`.
    `typed_choice` is a person's answer where typed forecasts differ, and `keep_typed` the ids of
    the lines whose typed forecast stays where they chose line by line. `new_codes` are codes of
    which somebody said that they are new, however alike they look to known ones.
    `undone_by`, `undone_at` and `undo_reason` say who undid a stored file, when and why.
    """

    year = models.ForeignKey(FinancialYear, on_delete=models.PROTECT, related_name="uploads")
    period = models.PositiveSmallIntegerField(null=True)
    kind = models.CharField(max_length=40)
    scope = models.CharField(max_length=64, blank=True)
    sheet = models.CharField(max_length=100, blank=True)
    layout_name = models.CharField(max_length=100, blank=True)
    layout = models.JSONField(null=True)
    saved_layout = models.ForeignKey(
        Layout, on_delete=models.SET_NULL, null=True, related_name="uploads"
    )
    layout_version = models.PositiveIntegerField(null=True)
    file_name = models.CharField(max_length=255)
    content = models.BinaryField()
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(
        max_length=10, choices=UploadState.choices, default=UploadState.CHECKING
    )
    problems = models.JSONField(default=list)
    problem_count = models.PositiveIntegerField(default=0)
    warnings = models.JSONField(default=list)
    warning_count = models.PositiveIntegerField(default=0)
    row_count = models.PositiveIntegerField(null=True)
    totals = models.JSONField(default=dict)
    headings = models.JSONField(null=True)
    sheets = models.JSONField(default=list)
    reading = models.JSONField(default=dict)
    changes = models.JSONField(default=dict)
    typed_choice = models.CharField(
        max_length=5, choices=TypedChoice.choices, blank=True, default=TypedChoice.UNDECIDED
    )
    keep_typed = models.JSONField(default=list)
    new_codes = models.JSONField(default=list)
    job = models.ForeignKey(Job, on_delete=models.PROTECT, null=True, related_name="+")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True)
    undo_reason = models.CharField(max_length=1000, blank=True, default="")

    file_in_hand: bytes | None = None
    """The file, where this process has just received it and need not read it back; not stored."""

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=UploadState.UNDONE, undone_at__isnull=False) & ~Q(undo_reason="")
                | ~Q(state=UploadState.UNDONE) & Q(undone_at__isnull=True, undo_reason=""),
                name="upload_is_undone_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(state__in=UploadState.values), name="upload_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(typed_choice__in=TypedChoice.values), name="typed_choice_is_known"
            ),
            models.UniqueConstraint(
                fields=["year", "kind", "period"],
                condition=Q(state__in=UNDER_WAY, period__isnull=False),
                name="one_upload_of_a_period_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["year", "kind"],
                condition=Q(state__in=UNDER_WAY, period__isnull=True),
                name="one_upload_of_a_year_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"upload {self.pk} ({self.kind}, {self.state})"

    @property
    def its_job(self) -> Job:
        """The job of the check or of the storing. Raise `ValueError` where it is kept no more."""
        if self.job is None:
            raise ValueError(f"{self} has no job")
        return self.job

    @property
    def kind_label(self) -> str:
        """The words for the kind of file."""
        return registry.upload_kind(self.kind, per_period=self.period is not None).label

    @property
    def is_running(self) -> bool:
        """True while a worker checks or stores the file, or is about to."""
        return self.state in (UploadState.CHECKING, UploadState.STORING)

    @property
    def is_stored(self) -> bool:
        """True where its figures are stored."""
        return self.state == UploadState.STORED

    @property
    def needs_columns_matched(self) -> bool:
        """True where the file was not read because its columns are not known yet."""
        refused = self.state == UploadState.REFUSED
        return refused and self.headings is not None and not self.has_known_columns

    @property
    def has_known_columns(self) -> bool:
        """True where the file's headings are the product's, or those of the chosen layout."""
        return bool(self.layout_name or (self.headings or {}).get("known"))

    @property
    def is_of_command(self) -> bool:
        """True where a command or a pack brings the file, in which nobody can be asked."""
        return self.job is not None and self.job.in_process

    @property
    def found_changes(self) -> UploadChanges:
        """The changes that the last check found, with their names."""
        return UploadChanges.from_data(self.changes)


class ReplacedRows(models.Model):
    """What a stored file replaced, from which it can be undone; see uploading.replaced."""

    upload = models.OneToOneField(Upload, on_delete=models.PROTECT, related_name="replaced")
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"rows replaced by {self.upload}"


class UploadOrigins(models.Model):
    """The cells of a stored file behind each row that a layout's steps made.

    `content` is read by uploads.origins.read_origins. A file read without steps has none:
    there a row's number is its row in the file.
    """

    upload = models.OneToOneField(Upload, on_delete=models.PROTECT, related_name="origins")
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"origins of {self.upload}"
