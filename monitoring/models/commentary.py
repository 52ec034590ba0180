"""What services say about their variances."""

from django.db import models

from monitoring.models.structure import Period, Service


class Commentary(models.Model):
    """The commentary on a service, or on a group of services, in a period."""

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="commentary")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["period", "service"], name="commentary_once_a_service"),
            models.CheckConstraint(condition=~models.Q(text=""), name="commentary_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.service} in {self.period}"
