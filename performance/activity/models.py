"""Groups and lines of activity, and the figures of each line in a period."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from monitoring.models import FinancialYear, Period, Service

NAME_LENGTH = 300
LABEL_LENGTH = 300
VOLUME_NAME_LENGTH = 100


class VolumeBasis(models.TextChoices):
    """The volume that a group's costs follow."""

    AVERAGE = "average", "The average of the year to date"
    SNAPSHOT = "snapshot", "The number at the period's end"


class UnitCost(models.TextChoices):
    """Where the unit costs of a group come from."""

    GIVEN = "given", "Given in the file"
    DERIVED = "derived", "Cost ÷ volume ÷ units a year"


class LineKind(models.TextChoices):
    """The kind of a line of activity."""

    VOLUME = "volume", "Volume"
    COST = "cost", "Cost without a volume"
    ADJUSTMENT = "adjustment", "Money not yet on a line"
    INCOME = "income", "Income"


class Unit(models.TextChoices):
    """The time that a unit cost is for."""

    HOUR = "hour", "Hour"
    DAY = "day", "Day"
    NIGHT = "night", "Night"
    WEEK = "week", "Week"
    YEAR = "year", "Year"


class ActivityGroup(models.Model):
    """A group of a year's lines of activity; groups stand in a tree, as services do."""

    year = models.ForeignKey(FinancialYear, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=64)
    name = models.CharField(max_length=NAME_LENGTH)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    order = models.PositiveIntegerField()
    total_label = models.CharField(max_length=LABEL_LENGTH, blank=True)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, related_name="+")
    volume_name = models.CharField(max_length=VOLUME_NAME_LENGTH, blank=True)
    volume_basis = models.CharField(
        max_length=8, choices=VolumeBasis.choices, default=VolumeBasis.SNAPSHOT
    )
    unit_cost = models.CharField(max_length=7, choices=UnitCost.choices, default=UnitCost.GIVEN)
    average_unit_cost = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "groups of activity"
        ordering = ["year", "order", "code"]
        constraints = [
            models.UniqueConstraint(fields=["year", "code"], name="activity_group_once_a_year"),
            models.CheckConstraint(
                condition=~Q(code="") & ~Q(name=""), name="activity_group_has_code_and_name"
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                name="activity_group_is_not_its_own_parent",
            ),
            models.CheckConstraint(
                condition=Q(volume_basis__in=VolumeBasis.values), name="volume_basis_is_known"
            ),
            models.CheckConstraint(
                condition=Q(unit_cost__in=UnitCost.values), name="source_of_unit_costs_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class ActivityLine(models.Model):
    """A line of activity of a year: its budgeted volume, unit cost and amount; null is not given.

    Volumes and units a year are in ten-thousandths. `counted` is false where its people already
    stand on another line.
    """

    year = models.ForeignKey(FinancialYear, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=64)
    group = models.ForeignKey(ActivityGroup, on_delete=models.PROTECT, related_name="lines")
    name = models.CharField(max_length=NAME_LENGTH)
    order = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=LineKind.choices)
    counted = models.BooleanField(default=True)
    unit = models.CharField(max_length=5, choices=Unit.choices, blank=True)
    units_per_year = models.BigIntegerField(null=True)
    unit_cost_decimals = models.PositiveSmallIntegerField(null=True)
    budgeted_volume = models.BigIntegerField(null=True)
    budgeted_unit_cost_pence = models.BigIntegerField(null=True)
    annual_budget_pence = models.BigIntegerField(null=True)

    class Meta:
        verbose_name_plural = "lines of activity"
        ordering = ["year", "order", "reference"]
        constraints = [
            models.UniqueConstraint(fields=["year", "reference"], name="activity_line_once_a_year"),
            models.CheckConstraint(
                condition=~Q(reference="") & ~Q(name=""),
                name="activity_line_has_reference_and_name",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=LineKind.values), name="activity_line_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(unit__in=["", *Unit.values]), name="unit_of_activity_is_known"
            ),
            models.CheckConstraint(
                condition=Q(units_per_year__isnull=True) | Q(units_per_year__gt=0),
                name="units_a_year_are_positive",
            ),
            models.CheckConstraint(
                condition=Q(unit_cost_decimals__isnull=True) | Q(unit_cost_decimals__in=[0, 2]),
                name="unit_cost_has_0_or_2_decimals",
            ),
            models.CheckConstraint(
                condition=Q(kind=LineKind.VOLUME)
                | Q(budgeted_volume__isnull=True)
                | Q(budgeted_volume=0),
                name="only_volume_lines_have_a_budgeted_volume",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.name}"


class ActivityPosition(models.Model):
    """The figures of a line in a period; null is not given, which is not nil.

    `volume` is the number at the period's end, `average_volume` that of the year to date, both in
    ten-thousandths.
    """

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey(ActivityLine, on_delete=models.PROTECT, related_name="positions")
    volume = models.BigIntegerField(null=True)
    average_volume = models.BigIntegerField(null=True)
    unit_cost_pence = models.BigIntegerField(null=True)
    forecast_pence = models.BigIntegerField(null=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    written_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "figures of activity"
        ordering = ["period", "line"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "line"], name="activity_position_once_a_period"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line.reference} in {self.period}"


class ActivityScenario(models.Model):
    """Other numbers of a group's lines that somebody kept under a name, on a page of their own.

    `numbers` holds by reference a volume in ten-thousandths and a unit cost in pence. It changes no
    figure of any report.
    """

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(ActivityGroup, on_delete=models.PROTECT, related_name="scenarios")
    name = models.CharField(max_length=NAME_LENGTH)
    numbers = models.JSONField()
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    written_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "scenarios of activity"
        ordering = ["period", "group", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "group", "name"], name="activity_scenario_once_a_period"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="activity_scenario_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.group.code})"
