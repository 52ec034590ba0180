"""Positions in immutable batches, and the read model that pages and statements read."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from monitoring.models.structure import BudgetLine, Period, Service


class Batch(models.Model):
    """All positions of a period as they stood after one upload; never changed."""

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="batches")
    number = models.PositiveIntegerField()
    upload = models.ForeignKey(
        "monitoring.Upload", on_delete=models.PROTECT, related_name="batches"
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


def _bare_key(to, **options) -> models.ForeignKey:
    """A key that the database neither indexes nor checks, as it would for each of 100,000 rows.

    Positions are written by one function, in the transaction that makes or locks what they name.
    """
    return models.ForeignKey(
        to, on_delete=models.PROTECT, db_index=False, db_constraint=False, **options
    )


class Position(models.Model):
    """A line's figures in a batch; null is "not given", which is not nil.

    Expenditure is positive, income negative. `service` is where the file put the line;
    `forecast_carried_from` is the period a forecast was carried forward from (null: given), and
    `planned_use_carried_from` the same of planned use that is not nil. `entered_use_of_…` is the
    planned use that a file of forecasts gave in this period: like a typed forecast it stays where
    the ledger's file leaves it blank. `source` and `source_row` are the upload that last named the
    line and the row of its file. A line stands once in a batch by the primary key. The index finds
    a service's lines in a report of many.
    """

    pk = models.CompositePrimaryKey("batch_id", "line_id")
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
    entered_use_of_reserves_pence = models.BigIntegerField(null=True)
    entered_use_of_capital_receipts_pence = models.BigIntegerField(null=True)
    source = _bare_key("monitoring.Upload", related_name="+")
    source_row = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["batch", "service"], name="position_batch_service")]
        constraints = [
            models.CheckConstraint(
                condition=Q(forecast_carried_from__isnull=True) | Q(forecast_pence__isnull=False),
                name="carried_forecast_has_a_value",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line} in {self.batch}"


class NodeKind(models.TextChoices):
    """What a row of the read model stands for."""

    NODE = "node", "A service with others under it"
    SERVICE = "service", "A service without others under it"
    CLOSED = "closed", "Earlier lines of a service that has closed or was split"


class NodeFigure(models.Model):
    """The read model: one row a node of today's tree and open period, in pence.

    Replaced as a whole by each recompute. A null variance means that no line under the node has a
    forecast; a null `previous_…` that there is no previous report. `lines_carried` counts lines
    whose forecast is that of an earlier month. `explanation` tells what restated the previous
    figure and which lines gained or lost a forecast.
    """

    period = models.ForeignKey(Period, on_delete=models.CASCADE, related_name="figures")
    place = models.PositiveIntegerField()
    key = models.CharField(max_length=80)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    parent_key = models.CharField(max_length=80, blank=True)
    level = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=NodeKind.choices)
    label = models.CharField(max_length=320)
    total_label = models.CharField(max_length=300, blank=True)
    section = models.CharField(max_length=300, blank=True)
    lines = models.PositiveIntegerField()
    lines_without_forecast = models.PositiveIntegerField()
    lines_carried = models.PositiveIntegerField(default=0)
    budget_without_forecast_pence = models.BigIntegerField()
    original_budget_pence = models.BigIntegerField(null=True)
    budget_pence = models.BigIntegerField()
    actual_to_date_pence = models.BigIntegerField(null=True)
    forecast_pence = models.BigIntegerField(null=True)
    gross_variance_pence = models.BigIntegerField(null=True)
    use_of_reserves_pence = models.BigIntegerField()
    use_of_capital_receipts_pence = models.BigIntegerField()
    net_variance_pence = models.BigIntegerField(null=True)
    previous_as_published_pence = models.BigIntegerField(null=True)
    previous_net_variance_pence = models.BigIntegerField(null=True)
    movement_pence = models.BigIntegerField(null=True)
    movement_as_published_pence = models.BigIntegerField(null=True)
    explanation = models.JSONField(default=dict)

    class Meta:
        ordering = ["period", "place"]
        constraints = [
            models.UniqueConstraint(fields=["period", "key"], name="figure_once_a_node"),
            models.UniqueConstraint(fields=["period", "place"], name="figure_once_a_place"),
            models.CheckConstraint(
                condition=Q(net_variance_pence__isnull=True)
                | Q(gross_variance_pence__isnull=True)
                | Q(
                    net_variance_pence=models.F("gross_variance_pence")
                    + models.F("use_of_reserves_pence")
                    + models.F("use_of_capital_receipts_pence")
                ),
                name="net_variance_is_gross_and_planned_use",
            ),
            models.CheckConstraint(
                condition=Q(movement_pence__isnull=True)
                | Q(
                    movement_pence=models.F("net_variance_pence")
                    - models.F("previous_net_variance_pence")
                ),
                name="movement_is_from_the_restated_previous",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} in {self.period}"
