"""Who may see and do what. Checked on the server for every read and write."""

from django.core.exceptions import PermissionDenied

from council_finance.accounts.models import Role, User
from council_finance.errors import Refused
from monitoring.models import Period, Report
from monitoring.selectors.facts import ReportFacts, report_facts
from monitoring.selectors.reports import current_facts, latest_report

_SEE_DRAFTS = {Role.FINANCE_OFFICER, Role.FINANCE_LEAD, Role.ADMINISTRATOR}
_UPLOAD = {Role.FINANCE_OFFICER, Role.FINANCE_LEAD}


def may_see_drafts(user: User) -> bool:
    """Whether figures are shown before they are published, and uploads at all."""
    return user.role in _SEE_DRAFTS


def may_upload(user: User) -> bool:
    """Whether a person may bring figures in."""
    return user.role in _UPLOAD


def require(allowed: bool) -> None:
    """Raise PermissionDenied unless allowed."""
    if not allowed:
        raise PermissionDenied


def readable_facts(user: User, period: Period, version: int | None = None) -> ReportFacts | None:
    """The report of a period that this person reads: a version, the draft, or the latest published.

    None where there is nothing for them to read, whether or not a draft exists.
    """
    if version is not None:
        reports = Report.objects.filter(period=period, version=version)
        report = reports.select_related("period__year").first()
        return report_facts(report) if report else None
    if may_see_drafts(user):
        try:
            return current_facts(period)
        except Refused:
            return None
    report = latest_report(period)
    return report_facts(report) if report else None
