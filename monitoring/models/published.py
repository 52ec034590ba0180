"""What reports published, row by row: of this product, and of the years before it."""

from django.db import models
from django.db.models import Q

from monitoring.models.reports import Report


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
