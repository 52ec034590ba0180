"""The step of a month in which rents come in."""

import datetime

from django.urls import reverse

from allotments.models import Rent
from council_finance.registry import Due, Link, MonthStep, month_step
from monitoring.month.selectors.month import Month


@month_step("allotments", title="Allotments")
def allotments_step(month: Month) -> MonthStep:
    """Return whether the period's rents are in, and who is due to send them."""
    period = month.period
    place = [period.year.start, period.number]
    sites = Rent.objects.filter(period=period).count()
    address = reverse("upload-for-period", args=place)
    due = [Due(row.node.key, "rents", "Rents", address) for row in month.rows if row.mine]
    return MonthStep(
        "In" if sites else "To come",
        "green" if sites else "amber",
        f"{sites} sites have a rent.",
        links=(Link("Rents of allotments", reverse("allotments", args=place)),),
        by=period.as_at + datetime.timedelta(days=10),
        due=() if sites else tuple(due[-1:]),
    )
