"""The commentary of services on their variances, with its sign-off."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from monitoring.structure.models import Period, Service


class Commentary(models.Model):
    """The commentary on a service, or on a group of services, in a period.

    A director signs off a text for the figures in `signed_…_pence`; a change to the text or to the
    figures clears the sign-off.
    """

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="commentary")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    written_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    signed_at = models.DateTimeField(null=True)
    signed_budget_pence = models.BigIntegerField(null=True)
    signed_net_variance_pence = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["period", "service"], name="commentary_once_a_service"),
            models.CheckConstraint(condition=~Q(text=""), name="commentary_says_something"),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True, signed_at__isnull=True)
                | Q(signed_by__isnull=False, signed_at__isnull=False),
                name="commentary_is_signed_by_someone_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service} in {self.period}"
