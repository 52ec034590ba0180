"""Years, reports and statements that a person may read, by the same rules as on pages."""

from django.db.models import Exists, Max, OuterRef, QuerySet

from council_finance.accounts.models import User
from council_finance.typed_text import whole_number
from monitoring.people.rights import may_see_drafts, may_see_exempt_lines
from monitoring.published.models import Report, ReportStatement
from monitoring.published.selectors.reports import latest_report
from monitoring.reports.report_access import readable_report
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.models import FinancialYear
from monitoring.structure.selectors.calendar import periods, years

LATEST, DRAFT = "latest", "draft"


def readable_years(person: User) -> QuerySet[FinancialYear]:
    """Return the years of which a person may read anything, the latest first."""
    if may_see_drafts(person):
        return years()
    return years().filter(Exists(Report.objects.filter(period__year=OuterRef("pk"))))


def readable_reports(person: User) -> QuerySet[Report]:
    """Return every published version that a person may read, the latest month first."""
    reports = Report.objects.select_related("period__year").defer("line_services")
    if not may_see_exempt_lines(person):
        reports = reports.filter(withheld_for=None)
    return reports.order_by("-period__year__start", "-period__number", "-version")


def find_report(person: User, start: int, number: int, version: str) -> ReportData | None:
    """Return a version of a report, the latest, or the draft; None where there is none to read.

    In place of a version that is withheld from the person stands the redacted one, as on pages.
    """
    period = periods().filter(year__start=start, number=number).first()
    if period is None:
        return None
    if version == DRAFT:
        facts = readable_report(person, period) if may_see_drafts(person) else None
        return facts if facts is not None and facts.report is None else None
    if version == LATEST:
        latest = latest_report(period)
        return readable_report(person, period, latest.version) if latest else None
    wanted = whole_number(version, digits=3)
    return None if wanted is None else readable_report(person, period, wanted)


def last_versions() -> dict[int, int]:
    """Return the last version of each period's report, by the id of the period."""
    found = Report.objects.order_by().values_list("period_id").annotate(Max("version"))
    return dict(found)


def statement_digests(facts: ReportData) -> dict[str, str]:
    """Return the SHA-256 of each statement of a published report; of a draft none."""
    frozen = ReportStatement.objects.filter(report=facts.report).order_by()
    return dict(frozen.values_list("name", "sha256")) if facts.report else {}
