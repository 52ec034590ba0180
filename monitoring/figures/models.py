"""The figures that pages and statements read: one row a service or group and period."""

from typing import NotRequired, TypedDict

from django.db import models
from django.db.models import Q

from monitoring.structure.models import Period, Service


class Restatement(TypedDict):
    """A cause that restated a previous figure; `effect` is in pence.

    Where `cause` is "virement", `reference` is given; where it is "moved in" or "moved out",
    `service` (the name of the other service) and `lines` (their number).
    """

    cause: str
    effect: int
    reference: NotRequired[str]
    service: NotRequired[str]
    lines: NotRequired[int]


class NamedLines(TypedDict):
    """Public names of some lines, and the number of the others."""

    lines: list[str]
    more: int


class Explanation(TypedDict, total=False):
    """The explanation of a row: restatements, and lines with a first or no longer a forecast."""

    restatements: list[Restatement]
    first_forecast: NamedLines
    no_longer_forecast: NamedLines


class NodeKind(models.TextChoices):
    """The kind of a row of the read model."""

    NODE = "node", "A service with others under it"
    SERVICE = "service", "A service without others under it"
    CLOSED = "closed", "Earlier lines of a service that has closed or was split"


class NodeFigure(models.Model):
    """The read model: one row for each node of today's tree and open period, in pence.

    Replaced as a whole by each recompute. A null variance means that no line under the node has a
    forecast; a null `previous_…` that there is no previous report. `lines_carried` counts lines
    whose forecast is that of an earlier month; `lines_without_actual` and
    `lines_without_commitments` those for which the ledger gives none. `explanation` (see
    Explanation) says what restated the previous figure and which lines gained or lost a forecast.
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
    lines_without_actual = models.PositiveIntegerField(default=0)
    lines_without_commitments = models.PositiveIntegerField(default=0)
    budget_without_forecast_pence = models.BigIntegerField()
    original_budget_pence = models.BigIntegerField(null=True)
    budget_pence = models.BigIntegerField()
    actual_to_date_pence = models.BigIntegerField(null=True)
    commitments_pence = models.BigIntegerField(null=True)
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
