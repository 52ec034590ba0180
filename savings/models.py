"""The register of agreed savings, their monthly positions, and replacements."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from council_finance.audit import AddedOnly
from council_finance.statuses import STATUS_LENGTH
from monitoring.models import FinancialYear, Period, Service

TITLE_LENGTH = 1000
DECISION_LENGTH = 300
CATEGORY_LENGTH = 100
COMMITTEE_LENGTH = 300
OWNER_LENGTH = 200
PLAN_REFERENCE_LENGTH = 100
REASON_LENGTH = 10_000


class Direction(models.TextChoices):
    """The direction of travel of a saving since the last report: `up` is better."""

    UP = "up", "Up"
    SAME = "same", "The same"
    DOWN = "down", "Down"


class Recurrence(models.TextChoices):
    """How long a saving lasts: what recurs is to be found again where it is not delivered."""

    RECURRING = "recurring", "Recurring"
    ONE_OFF = "one_off", "One-off"
    TIME_LIMITED = "time_limited", "Time-limited"


class Saving(models.Model):
    """A saving of a year's register; amounts are positive.

    It counts from `first_period` on, until another replaces it. `order` is its place in the
    register; `typed` says that a person entered it, so that no file removes it. `plan_reference`
    names the item of the adopted plan that it came from, and `brought_forward_from` the calendar
    year in which the year began whose shortfall it is.
    """

    year = models.ForeignKey(FinancialYear, on_delete=models.PROTECT, related_name="savings")
    reference = models.CharField(max_length=64)
    title = models.CharField(max_length=TITLE_LENGTH)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="savings")
    decision = models.CharField(max_length=DECISION_LENGTH, blank=True)
    category = models.CharField(max_length=CATEGORY_LENGTH, blank=True)
    committee = models.CharField(max_length=COMMITTEE_LENGTH, blank=True)
    owner = models.CharField(max_length=OWNER_LENGTH, blank=True)
    agreed_saving_pence = models.BigIntegerField()
    investment_pence = models.BigIntegerField(null=True)
    order = models.PositiveIntegerField()
    first_period = models.PositiveSmallIntegerField(default=0)
    typed = models.BooleanField(default=False)
    plan_reference = models.CharField(max_length=PLAN_REFERENCE_LENGTH, blank=True, default="")
    recurrence = models.CharField(
        max_length=20, choices=Recurrence.choices, default=Recurrence.RECURRING
    )
    brought_forward_from = models.PositiveSmallIntegerField(null=True)

    class Meta:
        ordering = ["year", "order", "reference"]
        constraints = [
            models.CheckConstraint(
                condition=Q(recurrence__in=Recurrence.values),
                name="saving_recurrence_is_known",
            ),
            models.UniqueConstraint(fields=["year", "reference"], name="saving_once_a_year"),
            models.CheckConstraint(condition=~Q(reference=""), name="saving_has_a_reference"),
            models.CheckConstraint(condition=~Q(title=""), name="saving_has_a_title"),
            models.CheckConstraint(
                condition=Q(agreed_saving_pence__gt=0), name="agreed_saving_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(investment_pence__isnull=True) | Q(investment_pence__gte=0),
                name="investment_is_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(first_period__gte=0, first_period__lte=13),
                name="saving_counts_from_period_0_to_13",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"


class Replacement(AddedOnly):
    """Change control: from a period on, `replacing` counts instead of `replaced`.

    Positions of the replaced saving before that period stay as they were.
    """

    replaced = models.OneToOneField(Saving, on_delete=models.PROTECT, related_name="replacement")
    replacing = models.ForeignKey(Saving, on_delete=models.PROTECT, related_name="replaces")
    from_period = models.PositiveSmallIntegerField()
    agreed_by = models.CharField(max_length=300)
    agreed_on = models.DateField()
    reason = models.CharField(max_length=REASON_LENGTH)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    entered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(replaced=F("replacing")), name="saving_does_not_replace_itself"
            ),
            models.CheckConstraint(
                condition=Q(from_period__gte=0, from_period__lte=13),
                name="saving_is_replaced_from_period_0_to_13",
            ),
            models.CheckConstraint(
                condition=~Q(agreed_by="") & ~Q(reason=""),
                name="replacement_is_agreed_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.replaced.reference} replaced by {self.replacing.reference}"


class SavingPosition(models.Model):
    """The position of a saving in a period; amounts are positive, null is not given.

    Under a declared scheme `declared_status` is the officer's. Under a scheme of rules
    `status_override` replaces the derived status, with a reason.
    """

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="savings")
    saving = models.ForeignKey(Saving, on_delete=models.PROTECT, related_name="positions")
    declared_status = models.CharField(max_length=STATUS_LENGTH, blank=True)
    status_override = models.CharField(max_length=STATUS_LENGTH, blank=True)
    override_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    override_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    forecast_saving_pence = models.BigIntegerField(null=True)
    delivered_to_date_pence = models.BigIntegerField(null=True)
    phasing_q1_pence = models.BigIntegerField(null=True)
    phasing_q2_pence = models.BigIntegerField(null=True)
    phasing_q3_pence = models.BigIntegerField(null=True)
    phasing_q4_pence = models.BigIntegerField(null=True)
    direction_of_travel = models.CharField(max_length=4, choices=Direction.choices, blank=True)
    commentary = models.CharField(max_length=REASON_LENGTH, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["period", "saving"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "saving"], name="saving_position_once_a_period"
            ),
            models.CheckConstraint(
                condition=Q(status_override="", override_reason="", override_by__isnull=True)
                | (~Q(status_override="") & ~Q(override_reason="")),
                name="status_is_overridden_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(status_override="") | Q(forecast_saving_pence__isnull=False),
                name="status_is_overridden_where_there_is_a_forecast",
            ),
            models.CheckConstraint(
                condition=Q(direction_of_travel__in=["", *Direction.values]),
                name="direction_of_travel_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.saving.reference} in {self.period}"

    @property
    def phasing_pence(self) -> tuple[int | None, ...]:
        """The forecast by quarter."""
        return (
            self.phasing_q1_pence,
            self.phasing_q2_pence,
            self.phasing_q3_pence,
            self.phasing_q4_pence,
        )

    @property
    def overrider_name(self) -> str:
        """The name of the person who overrode the status; "" for a file or a command."""
        return self.override_by.name if self.override_by else ""
