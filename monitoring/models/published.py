"""What reports published, row by row: of this product, and of the years before it."""

from django.db import models
from django.db.models import Q

from monitoring.models.reports import Report
from monitoring.models.structure import BudgetLine


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


class FormerDescription(models.Model):
    """What a budget line was called until its ledger called it otherwise.

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
    """What an earlier year's report published of a service, brought in by a file; pence.

    `start` is the year's first calendar year. Where the product holds a report of the same period,
    that report stands before it.
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
