"""Published reports, frozen with every statement and its SHA-256, and their figures row by row."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from monitoring.ledger.models import Batch
from monitoring.structure.models import BudgetLine, Period, Service


class _WithoutFrozen(models.Manager["Report"]):
    """The reports without their frozen data, which is large."""

    def get_queryset(self) -> models.QuerySet["Report"]:
        return super().get_queryset().defer("frozen")


class Report(models.Model):
    """One version of a period's report; never changed after it was published.

    `frozen` is everything its statements were made of: settings, nodes of the tree with their
    figures, virements, commentary. It is large, so queries leave it out; selectors.published_data
    reads it. `line_services` names, by line id, the service of those lines that were under another
    one than their position says. Of the period's typed forecasts it holds those up to
    `last_forecast_entry`.

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
        """True for a version that repeats an earlier one without the names of exempt lines."""
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


class ReportDocument(models.Model):
    """The blocks of a report as a document, as they were published: JSON, with its SHA-256.

    Reports from before there were documents have none.
    """

    report = models.OneToOneField(Report, on_delete=models.PROTECT, related_name="document")
    text = models.TextField()
    sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"document of {self.report}"


class ReportFigure(models.Model):
    """A row of a published report, read where many reports are read at once.

    The same figures as in the report's `frozen`, pence; null is "not given". Written when the
    report is published, and never changed.
    """

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="figures")
    place = models.PositiveIntegerField()
    key = models.CharField(max_length=80)
    label = models.CharField(max_length=320)
    budget_pence = models.BigIntegerField(null=True)
    net_variance_pence = models.BigIntegerField(null=True)
    movement_pence = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["report", "place"]
        constraints = [
            models.UniqueConstraint(fields=["report", "key"], name="figure_once_a_report_and_row"),
            models.UniqueConstraint(fields=["report", "place"], name="figure_once_a_report_place"),
        ]

    def __str__(self) -> str:
        return f"{self.label} in {self.report}"


class ReportLines(models.Model):
    """The lines of a service in a published report: their ids, joined by commas.

    Written when the report is published, and never changed. A redacted version has those of the
    report that was published first.
    """

    report = models.ForeignKey(
        Report, on_delete=models.PROTECT, db_index=False, related_name="lines"
    )
    service = models.ForeignKey(Service, on_delete=models.PROTECT, db_index=False, related_name="+")
    lines = models.TextField()

    class Meta:
        verbose_name_plural = "lines of reports"
        constraints = [
            models.UniqueConstraint(fields=["report", "service"], name="lines_once_a_service")
        ]

    def __str__(self) -> str:
        return f"lines of {self.service} in {self.report}"


class FormerDescription(models.Model):
    """The description of a budget line before its ledger changed it.

    Kept when a file changes a description, so that a published report goes on naming its lines as
    it did. It holds for the reports of the line's year up to `last_report`, back to the former
    description before it; reports after the last one have the line's description of today.
    """

    line = models.ForeignKey(
        BudgetLine, on_delete=models.PROTECT, db_index=False, related_name="former_descriptions"
    )
    description = models.CharField(max_length=10_000, blank=True)
    last_report = models.ForeignKey(
        Report, on_delete=models.PROTECT, db_index=False, related_name="+"
    )

    class Meta:
        ordering = ["line_id", "last_report_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["line", "last_report"], name="one_former_description_a_report"
            )
        ]

    def __str__(self) -> str:
        return f"{self.line}, until {self.last_report}: {self.description}"


class HistoricFigure(models.Model):
    """A service's figures in an earlier year's report, from a file, in pence.

    `start` is the year's first calendar year. A report of the same period in the product is used
    instead of it.
    """

    start = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    service_code = models.CharField(max_length=64)
    budget_pence = models.BigIntegerField()
    net_variance_pence = models.BigIntegerField()

    class Meta:
        ordering = ["start", "number", "service_code"]
        constraints = [
            models.UniqueConstraint(
                fields=["start", "number", "service_code"], name="history_once_a_period_and_service"
            ),
            models.CheckConstraint(condition=~Q(service_code=""), name="history_has_a_service"),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=13), name="history_of_a_period_from_1_to_13"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service_code}, {self.start} period {self.number}"
