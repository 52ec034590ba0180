"""The revised budget of the whole programme as it is now, added up in the database."""

from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum

from capital.models import CapitalScheme, ChangeState, ProgrammeChange, SchemePosition
from monitoring.models import Period


def sum_budgets(period: Period) -> int:
    """Return the sum of the budgets of this year of all schemes in a period, in pence.

    Each scheme counts with the budget that `budgets_of_schemes` gives: the period's; without one,
    that of the latest earlier period with the changes approved since, or the original one with all
    approved changes. So periods are read backwards until every scheme has been counted.
    """
    left = CapitalScheme.objects.filter(year=period.year_id).count()
    total, newer = 0, list[int]()
    periods = Period.objects.filter(year=period.year_id, number__lte=period.number)
    for pk, number in periods.order_by("-number").values_list("pk", "number"):
        if not left:
            return total
        here = _without_newer(_positions_with_budget([pk]), "scheme", newer)
        sums = here.aggregate(schemes=Count("pk"), pence=Sum("budget_pence", default=0))
        if sums["schemes"]:
            total += sums["pence"] + _sum_changes(period, number, here.values("scheme"))
            left -= sums["schemes"]
        newer.append(pk)
    schemes = CapitalScheme.objects.filter(year=period.year_id).order_by()
    never = _without_newer(schemes, "pk", newer)
    original: int = never.aggregate(pence=Sum("original_budget_pence", default=0))["pence"]
    return total + original + _sum_changes(period, -1, never.values("pk"))


def _positions_with_budget(periods: list[int]) -> QuerySet[SchemePosition]:
    """Return the positions of these periods that have a budget."""
    found = SchemePosition.objects.filter(period__in=periods, budget_pence__isnull=False)
    return found.order_by()


def _without_newer(rows: QuerySet[Any], scheme: str, newer: list[int]) -> QuerySet[Any]:
    """Return the rows whose scheme has no budget in the newer periods."""
    if not newer:
        return rows
    return rows.exclude(Exists(_positions_with_budget(newer).filter(scheme=OuterRef(scheme))))


def _sum_changes(period: Period, since: int, schemes: QuerySet[Any, Any]) -> int:
    """Return what changes of these schemes approved after a period, up to this one, come to."""
    if since == period.number:
        return 0
    changes = ProgrammeChange.objects.filter(
        year=period.year_id,
        state=ChangeState.APPROVED,
        period__gt=since,
        period__lte=period.number,
        scheme__in=schemes,
    )
    pence: int = changes.order_by().aggregate(pence=Sum("amount_pence", default=0))["pence"]
    return pence
