"""Aged debt: amounts owed to the council, by how long they are overdue."""

from django.db import models
from django.db.models import Q

from monitoring.structure.models import Period, Service


class AgedDebt(models.Model):
    """A row of a period's aged debt; null means "not given". Debts are positive, credits negative.

    A service may have several rows, each with a `name` of its own.
    """

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="+")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=300)
    order = models.PositiveIntegerField(default=0)
    not_overdue_pence = models.BigIntegerField(null=True)
    days_0_30_pence = models.BigIntegerField(null=True)
    days_31_90_pence = models.BigIntegerField(null=True)
    days_91_365_pence = models.BigIntegerField(null=True)
    days_over_365_pence = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["period", "order"]
        verbose_name_plural = "aged debt"
        constraints = [
            models.UniqueConstraint(
                fields=["period", "service", "name"], name="aged_debt_once_a_service_and_name"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="aged_debt_has_a_name"),
            models.CheckConstraint(
                condition=Q(not_overdue_pence__isnull=False)
                | Q(days_0_30_pence__isnull=False)
                | Q(days_31_90_pence__isnull=False)
                | Q(days_91_365_pence__isnull=False)
                | Q(days_over_365_pence__isnull=False),
                name="aged_debt_says_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} in {self.period}"
