"""Who maintains the register of savings and reports on them, and who may read which.

The roles are those of "The people" in docs/rules.md: finance officers for their part of the
tree, and the lead. Drafts are read as those of forecasts and commentary are.
"""

from council_finance.accounts.models import User
from monitoring.models import FinancialYear, Period, Service
from monitoring.people.rights import (
    EVERYTHING,
    NOTHING,
    Reach,
    may_see_drafts,
    may_upload,
    reach_of,
)
from monitoring.reports.report_access import readable_report
from monitoring.reports.selectors.report_data import ReportData, draft_data
from savings.selectors.report_savings import limit_to_services


def maintained_services(user: User, year: FinancialYear) -> Reach:
    """Return the services whose savings a person maintains."""
    return reach_of(user, year) if may_upload(user) else NOTHING


def may_maintain(user: User, service: Service) -> bool:
    """Return whether a person maintains the savings of a service."""
    return service.pk in maintained_services(user, service.year)


def draft_reach(user: User, year: FinancialYear) -> Reach:
    """Return the services whose savings a person reads before they are published."""
    return EVERYTHING if may_see_drafts(user) else reach_of(user, year)


def readable_savings(
    user: User, period: Period, version: int | None = None
) -> tuple[ReportData | None, bool]:
    """Return the report whose savings a person reads, and whether it is limited to their part.

    It is the draft of what they look after; without one, or where a version is given, the
    published report as a whole. None where there is neither.
    """
    reach = draft_reach(user, period.year)
    if version is None and period.batch is not None and not period.is_published and reach:
        facts = draft_data(period)
        return (facts, False) if reach.everything else (limit_to_services(facts, reach), True)
    return readable_report(user, period, version), False
