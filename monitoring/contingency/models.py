"""Notional offsets of the contingency that people entered. Only ever added to."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from council_finance.audit import AddedOnly
from monitoring.structure.models import Period


class ContingencyOffset(AddedOnly):
    """The notional offset of a period, in pence: nil or positive; who entered it, when and why.

    A period's last entry is its offset. Without an amount (`amount_pence` null) it is taken back:
    the one carried forward, or the settings' own, applies again. Nil is an amount.
    """

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="contingency_offsets")
    amount_pence = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=1000)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_pence__isnull=True) | Q(amount_pence__gte=0),
                name="contingency_offset_is_nil_or_more",
            )
        ]

    def __str__(self) -> str:
        return f"notional offset of period {self.period_id}"
