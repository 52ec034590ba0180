"""The positions of budget lines, kept in batches that never change."""

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from monitoring.forecasts.models import PLANNED_USE, ForecastMeasure
from monitoring.structure.models import BudgetLine, FinancialYear, Period, Service


class Batch(models.Model):
    """All positions of a period after one upload; never changed.

    One without an upload has no positions: its period was published without a ledger.
    """

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="batches")
    number = models.PositiveIntegerField()
    upload = models.ForeignKey(
        "monitoring.Upload", on_delete=models.PROTECT, null=True, related_name="batches"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["period", "number"]
        constraints = [
            models.UniqueConstraint(fields=["period", "number"], name="batch_once_a_period")
        ]

    def __str__(self) -> str:
        return f"batch {self.number} of {self.period}"


def _bare_key(to: type[models.Model] | str, *, related_name: str) -> models.ForeignKey[Any, Any]:
    """Return a foreign key that the database neither indexes nor checks.

    Doing either for each of 100,000 rows would slow an upload down.

    Positions are written by one function, in the transaction that makes or locks what they name.
    """
    return models.ForeignKey(
        to,
        on_delete=models.PROTECT,
        db_index=False,
        db_constraint=False,
        related_name=related_name,
    )


class PositionQuerySet(models.QuerySet["Position"]):
    """Positions, always asked for with their year: PostgreSQL then reads that year's part alone."""

    def of(self, year: FinancialYear | int, batch: Batch | int | models.OuterRef | None) -> Self:
        """Return the positions of a batch of the year; none without a batch."""
        return self.filter(year=year, batch=batch)

    def of_batch(self, batch: Batch) -> Self:
        """Return the positions of a batch."""
        return self.of(batch.period.year_id, batch)

    def of_period(self, period: Period) -> Self:
        """Return the positions of a period's latest batch; none where it has no figures."""
        return self.of(period.year_id, period.batch_id)

    def of_batches(
        self, years: Iterable[int], batches: Iterable[int] | models.QuerySet[Any, Any]
    ) -> Self:
        """Return the positions of several batches of these years, all given by their ids."""
        return self.filter(year__in=years, batch__in=batches)


class Position(models.Model):
    """A line's figures in a batch; null is "not given", which is not nil.

    Expenditure is positive, income negative. `service` is the service that the file gave;
    `forecast_carried_from` is the period a forecast was carried forward from (null: given in this
    period), and `planned_use_carried_from` the same for planned use that is not nil. Figures that
    people typed are entries beside it (ForecastEntry) and come before those here. `source` and
    `source_row` are the upload that last named the line and the row of its file. `year` is that of
    the batch's period; PostgreSQL keeps each year's positions in a part of the table
    (council_finance/partitions.py). The primary key allows a line once in a batch. Another index
    would slow uploads down: the lines of a service are known from where they are today, or from the
    report that was published (ReportLines).
    """

    partitioned_by: ClassVar[str] = "year_id"

    pk = models.CompositePrimaryKey("year_id", "batch_id", "line_id")
    year = _bare_key(FinancialYear, related_name="+")
    batch = _bare_key(Batch, related_name="positions")
    line = _bare_key(BudgetLine, related_name="+")
    service = _bare_key(Service, related_name="+")
    original_budget_pence = models.BigIntegerField(null=True)
    current_budget_pence = models.BigIntegerField()
    actual_to_date_pence = models.BigIntegerField(null=True)
    commitments_pence = models.BigIntegerField(null=True)
    profiled_budget_to_date_pence = models.BigIntegerField(null=True)
    forecast_pence = models.BigIntegerField(null=True)
    planned_use_of_reserves_pence = models.BigIntegerField(default=0)
    planned_use_of_capital_receipts_pence = models.BigIntegerField(default=0)
    forecast_carried_from = models.PositiveSmallIntegerField(null=True)
    planned_use_carried_from = models.PositiveSmallIntegerField(null=True)
    source = _bare_key("monitoring.Upload", related_name="+")
    source_row = models.PositiveIntegerField()

    objects = PositionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(forecast_carried_from__isnull=True) | Q(forecast_pence__isnull=False),
                name="carried_forecast_has_a_value",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line} in {self.batch}"


class PlannedUseTie(models.Model):
    """The reserve or receipts project that pays for a line's planned use in a batch.

    Like planned use it is carried forward from the month before (`is_carried`), or was typed in the
    period before the batch was stored. An entry with an amount has a tie of its own, which comes
    before this one. `code` is the reserve's code or the project's reference.
    """

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="ties")
    line = models.ForeignKey(BudgetLine, on_delete=models.PROTECT, related_name="+")
    measure = models.CharField(max_length=24, choices=ForecastMeasure.choices)
    code = models.CharField(max_length=64)
    is_carried = models.BooleanField(default=False)

    class Meta:
        ordering = ["batch", "line", "measure"]
        verbose_name_plural = "ties of planned use"
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "line", "measure"], name="planned_use_is_tied_once"
            ),
            models.CheckConstraint(
                condition=Q(measure__in=PLANNED_USE) & ~Q(code=""), name="tie_names_planned_use"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure} of {self.line} in {self.batch}, tied to {self.code}"
