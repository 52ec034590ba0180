"""Published reports: frozen, with every statement and its SHA-256."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from monitoring.models.figures import Batch
from monitoring.models.structure import Period


class _WithoutFrozen(models.Manager):
    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().defer("frozen")


class Report(models.Model):
    """One version of a period's report; never changed after it was published.

    `frozen` is everything its statements were made of: settings, nodes of the tree with their
    figures, virements, commentary. It is much, so queries leave it out and selectors.frozen reads
    it. `line_services` names, by line id, the service of those lines that stood elsewhere than
    their position says. Of the period's typed forecasts it holds those up to `last_forecast_entry`.

    A redacted version repeats the figures of the report that was published first
    (`redaction_of`). The versions that it replaces for most readers point to it
    (`withheld_for`): they are kept, and shown to those only who may see exempt lines.
    """

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="reports")
    version = models.PositiveSmallIntegerField()
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="+")
    compared_with = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    last_forecast_entry = models.BigIntegerField(default=0)
    frozen = models.JSONField()
    line_services = models.JSONField(default=dict)
    virements = models.ManyToManyField("monitoring.Virement", related_name="+")
    reason = models.CharField(max_length=10_000, blank=True)
    published_at = models.DateTimeField(auto_now_add=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    redaction_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    withheld_for = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")

    objects = _WithoutFrozen()

    class Meta:
        ordering = ["period", "version"]
        constraints = [
            models.UniqueConstraint(fields=["period", "version"], name="version_once_a_period"),
            models.CheckConstraint(condition=Q(version__gte=1), name="version_is_positive"),
            models.CheckConstraint(
                condition=Q(version=1) | ~Q(reason=""), name="new_version_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(redaction_of__isnull=True) | Q(version__gt=1),
                name="redaction_is_a_later_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period}, version {self.version}"

    @property
    def is_redaction(self) -> bool:
        """Whether it repeats an earlier version, with exempt lines no longer named."""
        return self.redaction_of_id is not None

    @property
    def figures_published_in(self) -> int:
        """The id of the report that first published these figures and these words."""
        return self.redaction_of_id or self.pk


class ReportStatement(models.Model):
    """A statement as it was published: its JSON, and the layout that renders it again."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="statements")
    name = models.CharField(max_length=60)
    text = models.TextField()
    layout = models.JSONField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "name"], name="statement_once_a_report")
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.report}"
