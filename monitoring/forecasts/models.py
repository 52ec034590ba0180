"""Forecasts that people typed. Only ever added to."""

from django.conf import settings
from django.db import models

from council_finance.audit import AddedOnly
from monitoring.structure.models import BudgetLine, Period


class ForecastEntry(AddedOnly):
    """A change of a line's forecast in a period: from, to, who, when and why; in pence.

    A line's last entry of a period is its forecast, whatever the ledger's file says. Without a
    value (`forecast_pence` null) it is taken back: the file's forecast, or the one carried
    forward, is the line's again. `previous_pence` is the line's forecast before (null: none);
    `source` the upload whose figure was taken in place of a typed one.
    """

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="forecast_entries")
    line = models.ForeignKey(BudgetLine, on_delete=models.PROTECT, related_name="+")
    previous_pence = models.BigIntegerField(null=True)
    forecast_pence = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=1000, blank=True)
    source = models.ForeignKey(
        "monitoring.Upload", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["period", "line"], name="forecast_by_line")]
        verbose_name_plural = "forecast entries"

    def __str__(self) -> str:
        return f"forecast of {self.line_id} in {self.period_id}"
