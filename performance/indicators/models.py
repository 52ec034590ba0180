"""The council's performance indicators, their values, earlier values and comparators.

Numbers are whole ten-thousandths (council_finance.quantities); null is not given, which is not nil.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from council_finance.statuses import STATUS_LENGTH
from monitoring.models import FinancialYear, Period, Service

TEXT_LENGTH = 1000
WORD_LENGTH = 200
REASON_LENGTH = 10_000


class Polarity(models.TextChoices):
    """The direction in which a measure is better; with none it is given for information."""

    HIGHER = "higher", "Higher is better"
    LOWER = "lower", "Lower is better"
    BAND = "band", "Within a band"
    NONE = "none", "For information"


class Unit(models.TextChoices):
    """The unit of a measure."""

    PERCENT = "percent", "%"
    NUMBER = "number", "number"
    PER_1000 = "per_1000", "per 1,000"
    PER_10000 = "per_10000", "per 10,000"
    PER_100000 = "per_100000", "per 100,000"
    SCORE = "score", "score"
    DAYS = "days", "days"
    POUNDS = "pounds", "£"


class Basis(models.TextChoices):
    """What a value covers."""

    PERIOD = "period", "Month"
    SNAPSHOT = "snapshot", "Snapshot"
    YEAR_TO_DATE = "year_to_date", "Cumulative"
    ROLLING_12 = "rolling_12", "12M"
    YEAR_FORECAST = "year_forecast", "Forecast of the year"


class Direction(models.TextChoices):
    """The direction of travel since the previous value: up is better."""

    UP = "up", "Better"
    SAME = "same", "The same"
    DOWN = "down", "Worse"


class Indicator(models.Model):
    """A measure of a year, with its target: one number, or the edges of a band.

    `order` is its place in the file. `minimum` is the floor below which it is rated worse; without
    one, `minimum_percent` says by how much of the target the floor is behind it, unless the
    measure `has_no_minimum`. `target_count` and `count_label` say a rate's target as a count.
    """

    year = models.ForeignKey(FinancialYear, on_delete=models.PROTECT, related_name="indicators")
    reference = models.CharField(max_length=64)
    measure = models.CharField(max_length=TEXT_LENGTH)
    long_name = models.CharField(max_length=TEXT_LENGTH, blank=True)
    code = models.CharField(max_length=WORD_LENGTH, blank=True)
    heading = models.CharField(max_length=TEXT_LENGTH, blank=True)
    priority = models.CharField(max_length=TEXT_LENGTH, blank=True)
    outcome = models.CharField(max_length=TEXT_LENGTH, blank=True)
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, null=True, related_name="indicators"
    )
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="parts")
    order = models.PositiveIntegerField()
    polarity = models.CharField(max_length=6, choices=Polarity.choices)
    unit = models.CharField(max_length=10, choices=Unit.choices, default=Unit.NUMBER)
    display = models.CharField(max_length=1, blank=True)
    decimals = models.PositiveSmallIntegerField(null=True)
    target_decimals = models.PositiveSmallIntegerField(null=True)
    headline_decimals = models.PositiveSmallIntegerField(null=True)
    basis = models.CharField(max_length=13, choices=Basis.choices, default=Basis.PERIOD)
    target = models.BigIntegerField(null=True)
    target_is_strict = models.BooleanField(default=False)
    minimum = models.BigIntegerField(null=True)
    minimum_percent = models.BigIntegerField(null=True)
    has_no_minimum = models.BooleanField(default=False)
    target_low = models.BigIntegerField(null=True)
    target_high = models.BigIntegerField(null=True)
    target_count = models.BigIntegerField(null=True)
    count_label = models.CharField(max_length=WORD_LENGTH, blank=True)
    future_target = models.BigIntegerField(null=True)
    future_decimals = models.PositiveSmallIntegerField(null=True)
    unit_of_measure = models.CharField(max_length=TEXT_LENGTH, blank=True)
    source = models.CharField(max_length=TEXT_LENGTH, blank=True)
    reported_in = models.CharField(max_length=TEXT_LENGTH, blank=True)
    activity_group = models.CharField(max_length=64, blank=True)
    saving_reference = models.CharField(max_length=64, blank=True)
    note = models.CharField(max_length=TEXT_LENGTH, blank=True)

    class Meta:
        ordering = ["year", "order", "reference"]
        constraints = [
            models.UniqueConstraint(fields=["year", "reference"], name="indicator_once_a_year"),
            models.CheckConstraint(condition=~Q(reference=""), name="indicator_has_a_reference"),
            models.CheckConstraint(condition=~Q(measure=""), name="indicator_has_a_measure"),
            models.CheckConstraint(
                condition=Q(polarity__in=Polarity.values), name="indicator_polarity_is_known"
            ),
            models.CheckConstraint(condition=Q(unit__in=Unit.values), name="indicator_unit_known"),
            models.CheckConstraint(
                condition=Q(basis__in=Basis.values), name="indicator_basis_is_known"
            ),
            models.CheckConstraint(
                condition=Q(polarity="band", target__isnull=True)
                | Q(target_low__isnull=True, target_high__isnull=True),
                name="indicator_has_a_target_or_a_band",
            ),
            models.CheckConstraint(
                condition=Q(target_low__isnull=True)
                | Q(target_high__isnull=True)
                | Q(target_low__lte=F("target_high")),
                name="indicator_band_has_its_edges_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(has_no_minimum=True)
                | Q(minimum__isnull=True, minimum_percent__isnull=True),
                name="indicator_has_a_minimum_or_none",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.measure}"


class IndicatorValue(models.Model):
    """The value of an indicator in a period, with what a person declared of it.

    A target or minimum replaces the year's in this period. `due` says when an awaited value
    comes. `status` and `direction_of_travel` are those that were declared.
    """

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="indicator_values")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="values")
    actual = models.BigIntegerField(null=True)
    headline_actual = models.BigIntegerField(null=True)
    actual_count = models.BigIntegerField(null=True)
    numerator = models.BigIntegerField(null=True)
    denominator = models.BigIntegerField(null=True)
    previous = models.BigIntegerField(null=True)
    target = models.BigIntegerField(null=True)
    target_basis = models.CharField(max_length=8, blank=True)
    minimum = models.BigIntegerField(null=True)
    data_date = models.DateField(null=True)
    data_period = models.CharField(max_length=WORD_LENGTH, blank=True)
    due = models.CharField(max_length=WORD_LENGTH, blank=True)
    direction_of_travel = models.CharField(max_length=4, choices=Direction.choices, blank=True)
    status = models.CharField(max_length=STATUS_LENGTH, blank=True)
    status_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    commentary = models.CharField(max_length=REASON_LENGTH, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["period", "indicator"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "indicator"], name="indicator_value_once_a_period"
            ),
            models.CheckConstraint(
                condition=Q(direction_of_travel__in=["", *Direction.values]),
                name="indicator_direction_is_known",
            ),
            models.CheckConstraint(
                condition=Q(target_basis__in=["", "pro_rata"]),
                name="indicator_target_basis_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator.reference} in {self.period}"


class IndicatorHistory(models.Model):
    """An indicator's value in a month of an earlier year; period 13 is the year's outturn."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="history")
    financial_year = models.PositiveSmallIntegerField()
    period = models.PositiveSmallIntegerField()
    target = models.BigIntegerField(null=True)
    actual = models.BigIntegerField(null=True)
    minimum = models.BigIntegerField(null=True)
    status = models.CharField(max_length=STATUS_LENGTH, blank=True)

    class Meta:
        ordering = ["indicator", "financial_year", "period"]
        verbose_name_plural = "earlier values of indicators"
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "financial_year", "period"],
                name="indicator_history_once_a_month",
            ),
            models.CheckConstraint(
                condition=Q(period__gte=1, period__lte=13), name="indicator_history_period"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator.reference} in month {self.period} of {self.financial_year}"


class IndicatorBenchmark(models.Model):
    """What an indicator is compared with in a period: a value, or a quartile as printed."""

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="benchmarks")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="benchmarks")
    comparator = models.CharField(max_length=64)
    order = models.PositiveIntegerField()
    value = models.BigIntegerField(null=True)
    decimals = models.PositiveSmallIntegerField(null=True)
    numerator = models.BigIntegerField(null=True)
    denominator = models.BigIntegerField(null=True)
    quartile = models.CharField(max_length=WORD_LENGTH, blank=True)
    data_period = models.CharField(max_length=WORD_LENGTH, blank=True)
    note = models.CharField(max_length=TEXT_LENGTH, blank=True)

    class Meta:
        ordering = ["period", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "indicator", "comparator"], name="benchmark_once_a_period"
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=False) | ~Q(quartile=""),
                name="benchmark_has_a_value_or_a_quartile",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator.reference} of {self.comparator} in {self.period}"
