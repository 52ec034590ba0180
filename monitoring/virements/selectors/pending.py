"""The virements that wait for an approval."""

from monitoring.structure.models import Period
from monitoring.virements.models import Virement


def count_pending_virements(period: Period) -> int:
    """Count the virements up to a period that are not approved or declined yet."""
    legs = Virement.objects.filter(
        year=period.year,
        period__lte=period.number,
        approved_on__isnull=True,
        declined_on__isnull=True,
    )
    return legs.order_by().values("reference").distinct().count()
