"""The parts of a service's variance that people state, and the mitigations in its forecast."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from monitoring.structure.models import Period, Service

DESCRIPTION_LENGTH = 1000


class VariancePart(models.Model):
    """A one-off or recurring part of a service's net variance in a period, or a mitigation in it.

    Amounts are pence with the sign of a variance: positive is adverse. A mitigation is nil or
    negative, as it brings the variance down; a nil one without a description states that there is
    none. `lasting` says whether a mitigation is one-off or recurring; blank is not stated.
    """

    class Part(models.TextChoices):
        """The parts that can be stated."""

        ONE_OFF = "one_off", "One-off"
        RECURRING = "recurring", "Recurring"
        MITIGATION = "mitigation", "Mitigation"

    class Lasting(models.TextChoices):
        """How long a mitigation lasts."""

        ONE_OFF = "one_off", "One-off"
        RECURRING = "recurring", "Recurring"

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="+")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=10, choices=Part.choices)
    order = models.PositiveSmallIntegerField(default=0)
    description = models.CharField(max_length=DESCRIPTION_LENGTH, blank=True)
    lasting = models.CharField(max_length=10, choices=Lasting.choices, blank=True)
    amount_pence = models.BigIntegerField()
    stated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    stated_at = models.DateTimeField()

    class Meta:
        ordering = ["period", "service", "part", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "service", "part", "order"], name="variance_part_once_a_place"
            ),
            models.CheckConstraint(
                condition=Q(part__in=["one_off", "recurring", "mitigation"]),
                name="variance_part_is_known",
            ),
            models.CheckConstraint(
                condition=Q(part="mitigation") | Q(order=0, lasting=""),
                name="only_mitigations_have_an_order_and_last",
            ),
            models.CheckConstraint(
                condition=~Q(part="mitigation") | Q(amount_pence__lte=0),
                name="mitigation_brings_the_variance_down",
            ),
            models.CheckConstraint(
                condition=~Q(part="mitigation") | ~Q(description="") | Q(amount_pence=0),
                name="mitigation_says_what_it_is",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part} of {self.service_id} in {self.period_id}"
