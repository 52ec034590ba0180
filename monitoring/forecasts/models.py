"""Forecasts and planned use of reserves and receipts that people typed. Only ever added to."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from council_finance.audit import AddedOnly
from monitoring.structure.models import BudgetLine, Period


class ForecastMeasure(models.TextChoices):
    """The figures of a line that people enter; the values are the columns of positions frames."""

    FORECAST = "forecast", "Forecast"
    USE_OF_RESERVES = "use_of_reserves", "Planned use of reserves"
    USE_OF_CAPITAL_RECEIPTS = "use_of_capital_receipts", "Planned use of capital receipts"


PLANNED_USE = (ForecastMeasure.USE_OF_RESERVES.value, ForecastMeasure.USE_OF_CAPITAL_RECEIPTS.value)
"""The measures that are planned use; a blank one is nil, where a blank forecast is missing."""


class ForecastEntry(AddedOnly):
    """A change of a line's forecast or planned use in a period: from, to, who, when and why.

    The last entry of a line, period and measure holds, whatever the ledger's file says;
    `forecast_pence` is its amount, in pence. Without an amount (null) it is taken back: the file's
    figure, or the one carried forward, is the line's again. `previous_pence` is the line's figure
    before (null: none); `source` the upload that entered it, or whose figure was taken in place of
    a typed one. `tied_to` is the code of the reserve or the reference of the receipts project that
    planned use is tied to; blank for none.
    """

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="forecast_entries")
    line = models.ForeignKey(BudgetLine, on_delete=models.PROTECT, related_name="+")
    measure = models.CharField(
        max_length=24, choices=ForecastMeasure.choices, default=ForecastMeasure.FORECAST
    )
    previous_pence = models.BigIntegerField(null=True)
    forecast_pence = models.BigIntegerField(null=True)
    tied_to = models.CharField(max_length=64, blank=True, default="")
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
        indexes = [models.Index(fields=["period", "line", "measure"], name="entry_by_line")]
        constraints = [
            models.CheckConstraint(
                condition=Q(measure__in=ForecastMeasure.values), name="entry_measure_is_known"
            ),
            models.CheckConstraint(
                condition=Q(tied_to="") | ~Q(measure="forecast") & Q(forecast_pence__isnull=False),
                name="only_planned_use_is_tied",
            ),
        ]
        verbose_name_plural = "forecast entries"

    def __str__(self) -> str:
        return f"{self.measure} of {self.line_id} in {self.period_id}"
