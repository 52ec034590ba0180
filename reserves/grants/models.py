"""Grants of a year, their shares by service, and their position in each period."""

from django.db import models
from django.db.models import Q

from monitoring.models import FinancialYear, Period, Service


class GrantKind(models.TextChoices):
    """The kinds of grants: capital grants stand apart from revenue grants and their total."""

    REVENUE = "revenue", "Revenue"
    CAPITAL = "capital", "Capital"


class Grant(models.Model):
    """A grant of a year with its conditions.

    `opening_balance_pence` is what was unspent on 1 April, negative where more was spent than
    received; null where it was not given. `ring_fenced` and `repay_unspent` are null where it is
    not stated. `end_date` is the last day on which it may be spent, where known.
    """

    year = models.ForeignKey(FinancialYear, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=64)
    name = models.CharField(max_length=300)
    awarding_body = models.CharField(max_length=300, blank=True, default="")
    group = models.CharField(max_length=300, blank=True, default="")
    kind = models.CharField(max_length=7, choices=GrantKind.choices, default=GrantKind.REVENUE)
    ring_fenced = models.BooleanField(null=True)
    opening_balance_pence = models.BigIntegerField(null=True)
    purpose = models.CharField(max_length=10_000, blank=True, default="")
    end_date = models.DateField(null=True)
    repay_unspent = models.BooleanField(null=True)
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["year", "order", "reference"]
        constraints = [
            models.UniqueConstraint(fields=["year", "reference"], name="grant_once_a_year"),
            models.CheckConstraint(
                condition=Q(kind__in=GrantKind.values), name="grant_kind_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(reference="") & ~Q(name=""), name="grant_has_a_reference_and_a_name"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.reference})"


class GrantShare(models.Model):
    """What a service is expected to receive of a grant in the year; null where not given.

    A share without a service is that of the council as a whole.
    """

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="shares")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, related_name="+")
    expected_pence = models.BigIntegerField(null=True)
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["grant", "order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["grant", "service"], name="grant_share_once_a_service"),
            models.UniqueConstraint(
                fields=["grant"],
                condition=Q(service__isnull=True),
                name="grant_share_without_a_service_once",
            ),
        ]

    def __str__(self) -> str:
        return f"share of {self.grant}"


class GrantPosition(models.Model):
    """A grant's position in a period; null where a figure is not given.

    `expected_pence` takes the place of the year's shares together. `other_movements_pence` is
    signed, the others are positive.
    """

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="positions")
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="+")
    expected_pence = models.BigIntegerField(null=True)
    received_pence = models.BigIntegerField(null=True)
    applied_pence = models.BigIntegerField(null=True)
    repaid_pence = models.BigIntegerField(null=True)
    other_movements_pence = models.BigIntegerField(null=True)
    commentary = models.CharField(max_length=10_000, blank=True, default="")

    class Meta:
        ordering = ["period", "grant"]
        constraints = [
            models.UniqueConstraint(fields=["grant", "period"], name="grant_position_once_a_period")
        ]

    def __str__(self) -> str:
        return f"{self.grant} in {self.period}"
