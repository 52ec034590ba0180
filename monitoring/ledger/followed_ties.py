"""Tell the apps that keep reserves when planned use tied to these has changed."""

from council_finance import registry
from council_finance.accounts.models import User
from monitoring.forecasts.models import PLANNED_USE
from monitoring.ledger.selectors.planned_use_ties import tied_changes
from monitoring.structure.models import Period


def follow_tied_planned_use(period: Period, by: User | None) -> None:
    """Have the apps follow the tied planned use of a period, and of the next one with figures.

    Call it inside the transaction that changed planned use or its ties, with the year locked. The
    next period matters because its planned use stays as it was carried forward: its change since
    this period is another now. Raise what an app refuses.
    """
    later = Period.objects.filter(
        year=period.year_id, number__gt=period.number, batch__isnull=False
    ).order_by("number")
    numbers = [period.number, *later.values_list("number", flat=True)[:1]]
    periods = Period.objects.select_related("year").filter(year=period.year_id)
    for each in periods.filter(number__in=numbers).order_by("number"):
        for measure in PLANNED_USE:
            if not each.is_published and registry.follows_planned_use(measure):
                registry.follow_planned_use(measure, each, tied_changes(each, measure), by)
