"""The published reports that a person may read as data."""

from collections.abc import Iterable, Iterator

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from council_finance.accounts.models import User
from monitoring.people.rights import may_see_exempt_lines
from monitoring.published.models import Report
from monitoring.reports.selectors.report_data import ReportData, published_data
from monitoring.structure.models import Period


def readable_reports(
    user: User | AnonymousUser,
    *,
    start: int | None = None,
    number: int | None = None,
    every_version: bool = False,
) -> list[Report]:
    """Return the published reports that a person may read, by year, period and version.

    Versions that are withheld from them are left out, as in the library; the redacted version that
    stands in for them is a report of its own. Without `every_version` it is the latest of each
    period.
    """
    reports: QuerySet[Report] = Report.objects.select_related("period__year")
    if start is not None:
        reports = reports.filter(period__year__start=start)
    if number is not None:
        reports = reports.filter(period__number=number)
    if not may_see_exempt_lines(user):
        reports = reports.filter(withheld_for__isnull=True)
    found = list(reports.order_by("period__year__start", "period__number", "version"))
    return found if every_version else list({each.period_id: each for each in found}.values())


def readable_version(
    user: User | AnonymousUser, period: Period, version: int | None
) -> Report | None:
    """Return the published version asked for, or the latest; None where there is none.

    The redacted version stands in for one that is withheld from the person.
    """
    reports = Report.objects.filter(period=period).select_related("period__year")
    if version is None:
        return reports.order_by("version").last()
    found = reports.filter(version=version).first()
    if found and found.withheld_for_id and not may_see_exempt_lines(user):
        return reports.get(pk=found.withheld_for_id)
    return found


def published_data_of(reports: Iterable[Report]) -> Iterator[ReportData]:
    """Yield the data of each report when it is needed, as they are large."""
    return map(published_data, reports)
