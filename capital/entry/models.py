"""How a scheme's forecast falls into months, quarters and later years; what pays for a change."""

from django.db import models
from django.db.models import Q

from monitoring.models import Period


class PartKind(models.TextChoices):
    """The kinds of parts of a forecast: of this year by month or quarter, or a later year."""

    MONTH = "month", "Month"
    QUARTER = "quarter", "Quarter"
    LATER_YEAR = "later_year", "Later year"


class ForecastPart(models.Model):
    """A part of a scheme's forecast as it was entered in a period.

    `number` is the month of the financial year (1 is April), its quarter, or the calendar year in
    which the later year begins.
    """

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="+")
    scheme = models.ForeignKey(
        "capital.CapitalScheme", on_delete=models.PROTECT, related_name="forecast_parts"
    )
    kind = models.CharField(max_length=10, choices=PartKind.choices)
    number = models.PositiveSmallIntegerField()
    amount_pence = models.BigIntegerField()

    class Meta:
        ordering = ["period", "scheme", "kind", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "scheme", "kind", "number"], name="forecast_part_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="month", number__gte=1, number__lte=12)
                | Q(kind="quarter", number__gte=1, number__lte=4)
                | Q(kind="later_year", number__gte=1974),
                name="forecast_part_is_of_a_month_quarter_or_year",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number} of {self.scheme} in {self.period}"


class ChangeFunding(models.Model):
    """The source that pays for a change of the programme, with its share of this year's amount."""

    change = models.OneToOneField(
        "capital.ProgrammeChange", on_delete=models.PROTECT, related_name="funding"
    )
    source = models.ForeignKey(
        "capital.FundingSource", on_delete=models.PROTECT, related_name="changes"
    )
    amount_pence = models.BigIntegerField()

    def __str__(self) -> str:
        return f"funding of {self.change}"
