"""The years of a person's first page: the one shown in full, and others that are open."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, QuerySet

from council_finance.accounts.models import User
from council_finance.one_reading import once_a_reading
from council_finance.prepared import prepared
from monitoring.people.models import ChosenYear
from monitoring.people.rights import may_see_month, reaches_of
from monitoring.published.models import Report
from monitoring.structure.models import FinancialYear
from monitoring.structure.selectors.calendar import open_years, years


@dataclass(frozen=True)
class YearsUnderWay:
    """The year that is shown in full, and the other open years in their order.

    `usual` is the year that is shown in full where the person has chosen none.
    """

    first: FinancialYear
    others: tuple[FinancialYear, ...]
    usual: FinancialYear

    @property
    def is_chosen(self) -> bool:
        """Return whether the person chose another year than the usual one."""
        return self.first != self.usual


def years_under_way(user: User) -> YearsUnderWay | None:
    """Return the years of a person's first page; None where there is no year at all.

    A year is open until its close is published, and the earliest open one is the usual one. People
    who look after a part of the tree have the years in which they do; members have those with a
    report. Where no year is open for them, it is the latest one that they can read.
    """
    found = _open_years_of(user)
    if not found:
        latest = _latest_year_of(user)
        return YearsUnderWay(latest, (), latest) if latest else None
    chosen = chosen_year_of(user)
    first = next((year for year in found if year.pk == chosen), found[0])
    return YearsUnderWay(first, tuple(year for year in found if year != first), found[0])


@once_a_reading
def chosen_year_of(user: User | AnonymousUser) -> int | None:
    """Return the id of the year that a person chose for their first page; None without a choice."""
    return next(iter(_chosen_years(user.pk)), None)


@prepared
def _chosen_years(user_id: int) -> QuerySet[ChosenYear, int]:
    return ChosenYear.objects.filter(user=user_id).values_list("year", flat=True)


@prepared
def _years_with_reports() -> QuerySet[Report, int]:
    """Return the ids of the years of which a report has been published."""
    return Report.objects.order_by().values_list("period__year", flat=True).distinct()


def _open_years_of(user: User) -> list[FinancialYear]:
    found = open_years()
    if may_see_month(user):
        return [year for year, own in reaches_of(user, found).items() if own] or found
    reported = _years_with_reports()
    return [year for year in found if year.pk in reported]


def _latest_year_of(user: User) -> FinancialYear | None:
    """Return the latest year that is not archived, else the latest; members' with a report."""
    found = years().order_by(F("archived_at").asc(nulls_first=True), "-start")
    if not may_see_month(user):
        reported = found.filter(pk__in=Report.objects.order_by().values("period__year"))
        return reported.first() or found.first()
    return found.first()
