from django.db import models

from monitoring.models import Period


class Rent(models.Model):
    """The rent of a site in a period, in pence."""

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="allotment_rents")
    site = models.CharField(max_length=100)
    service = models.CharField(max_length=40)
    rent_pence = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["period", "site"], name="allotment_site_once")
        ]

    def __str__(self) -> str:
        return self.site
