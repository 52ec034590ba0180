"""Reserves, their movements, and projects under the capital receipts flexibilities."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from council_finance.audit import AddedOnly
from monitoring.models import FinancialYear, Period, Service, Upload
from reserves.grants.models import Grant, GrantKind, GrantPosition, GrantShare

__all__ = [
    "CapitalReceiptsForecast",
    "CapitalReceiptsProject",
    "Grant",
    "GrantKind",
    "GrantPosition",
    "GrantShare",
    "MovementKind",
    "MovementsReview",
    "Reserve",
    "ReserveKind",
    "ReserveMovement",
]


class ReserveKind(models.TextChoices):
    """The kinds of reserves: the report has a table for each, and some may not be overdrawn."""

    GENERAL_FUND = "general_fund", "General Fund"
    EARMARKED = "earmarked", "Earmarked reserve"
    CAPITAL = "capital", "Capital reserve"


class Reserve(models.Model):
    """A reserve of a year. Its balance is calculated from the opening balance and movements.

    `opening_balance_pence` is negative where the reserve begins the year in deficit. The finance
    lead may approve a deficit of `approved_deficit_pence` at most (a positive amount).
    """

    year = models.ForeignKey(FinancialYear, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=64)
    name = models.CharField(max_length=300)
    kind = models.CharField(max_length=12, choices=ReserveKind.choices)
    group = models.CharField(max_length=300, blank=True, default="")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, related_name="+")
    opening_balance_pence = models.BigIntegerField()
    purpose = models.CharField(max_length=10_000, blank=True, default="")
    owner = models.CharField(max_length=300, blank=True, default="")
    order = models.PositiveIntegerField(default=0)
    approved_deficit_pence = models.BigIntegerField(null=True)
    deficit_reason = models.CharField(max_length=10_000, blank=True, default="")
    deficit_approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    deficit_approved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["year", "order", "code"]
        constraints = [
            models.UniqueConstraint(fields=["year", "code"], name="reserve_code_once_a_year"),
            models.CheckConstraint(
                condition=Q(kind__in=ReserveKind.values), name="reserve_kind_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(code="") & ~Q(name=""), name="reserve_has_a_code_and_a_name"
            ),
            models.CheckConstraint(
                condition=Q(
                    approved_deficit_pence__isnull=True,
                    deficit_approved_by__isnull=True,
                    deficit_approved_at__isnull=True,
                    deficit_reason="",
                )
                | Q(
                    approved_deficit_pence__gt=0,
                    deficit_approved_by__isnull=False,
                    deficit_approved_at__isnull=False,
                )
                & ~Q(deficit_reason=""),
                name="deficit_is_approved_by_someone_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class MovementKind(models.TextChoices):
    """The kinds of movements: decided with the budget, expected during the year, or booked."""

    BUDGETED = "budgeted", "Budgeted"
    ANTICIPATED = "anticipated", "Anticipated"
    ACTUAL = "actual", "Actual"


class ReserveMovement(models.Model):
    """An increment of a reserve: positive is put in, negative is drawn.

    A changed expectation is a row with the difference. `period` is the period in which it was
    first reported (0: with the budget); `approved_by` says who agreed to a typed movement, and
    when. With `transfer_to` it is a transfer, one record with two sides: `amount_pence` (negative)
    leaves `reserve`, and as much enters the other. `source` and `source_row` are the upload that
    brought it. A typed movement has none; its `form` makes sure that it is stored once, however
    often the page is sent. `follows_planned_use` marks the rows that are added by themselves when
    planned use tied to the reserve changes. `decision_reference` names the decision that is its
    authority.
    """

    reserve = models.ForeignKey(Reserve, on_delete=models.PROTECT, related_name="movements")
    transfer_to = models.ForeignKey(
        Reserve, on_delete=models.PROTECT, null=True, related_name="transfers_in"
    )
    period = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=MovementKind.choices)
    amount_pence = models.BigIntegerField()
    description = models.CharField(max_length=10_000, blank=True, default="")
    approved_by = models.CharField(max_length=300, blank=True, default="")
    decision_reference = models.CharField(max_length=100, blank=True, default="")
    source = models.ForeignKey(Upload, on_delete=models.PROTECT, null=True, related_name="+")
    source_row = models.PositiveIntegerField(null=True)
    form = models.UUIDField(null=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    entered_at = models.DateTimeField(auto_now_add=True)
    follows_planned_use = models.BooleanField(default=False)

    class Meta:
        ordering = ["period", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=MovementKind.values), name="reserve_movement_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(period__gte=0, period__lte=13),
                name="reserve_movement_period_is_0_to_13",
            ),
            models.CheckConstraint(
                condition=Q(transfer_to__isnull=True)
                | ~Q(transfer_to=F("reserve")) & Q(amount_pence__lt=0),
                name="transfer_leaves_one_reserve_for_another",
            ),
            models.CheckConstraint(
                condition=Q(form__isnull=True) | ~Q(approved_by=""),
                name="typed_reserve_movement_says_who_approved_it",
            ),
            models.CheckConstraint(
                condition=Q(follows_planned_use=False)
                | Q(kind="anticipated", transfer_to__isnull=True, source__isnull=True),
                name="planned_use_is_followed_by_anticipated_movements",
            ),
            models.UniqueConstraint(fields=["form"], name="reserve_movement_form_is_stored_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} movement of {self.reserve}, period {self.period}"


class MovementsReview(AddedOnly):
    """A person's confirmation that the movements up to a period are complete.

    It holds while the movements have the same `digest`.
    """

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"review of the movements of reserves in {self.period}"


class CapitalReceiptsProject(models.Model):
    """A project paid for by capital receipts under the flexibilities; amounts are positive."""

    year = models.ForeignKey(FinancialYear, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=64)
    project = models.CharField(max_length=300)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    cost_centre = models.CharField(max_length=64, blank=True, default="")
    original_planned_pence = models.BigIntegerField()
    purpose = models.CharField(max_length=10_000, blank=True, default="")
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["year", "order", "reference"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "reference"], name="receipts_project_once_a_year"
            ),
            models.CheckConstraint(
                condition=~Q(reference="") & ~Q(project=""),
                name="receipts_project_has_a_reference_and_a_name",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} ({self.reference})"


class CapitalReceiptsForecast(models.Model):
    """The capital receipts that a project is forecast to use in the year, by reporting period."""

    project = models.ForeignKey(
        CapitalReceiptsProject, on_delete=models.PROTECT, related_name="forecasts"
    )
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="+")
    forecast_pence = models.BigIntegerField()

    class Meta:
        ordering = ["period", "project"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "period"], name="receipts_forecast_once_a_period"
            )
        ]

    def __str__(self) -> str:
        return f"{self.project} in {self.period}"
