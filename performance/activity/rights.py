"""Who reads the activity of a draft, and who enters it: by role and part of the tree."""

from council_finance.accounts.models import User
from monitoring.models import FinancialYear, Period
from monitoring.people.rights import Reach, draft_reach, forecast_reach
from monitoring.reports.report_access import readable_report
from monitoring.reports.selectors.report_data import ReportData, draft_data, has_draft
from performance.activity.selectors.report_activity import limit_to_services


def entry_reach(user: User, year: FinancialYear) -> Reach:
    """Return the services whose activity a person enters: those that they forecast.

    Groups without a service are entered by those who look after the whole council.
    """
    return forecast_reach(user, year)


def readable_activity(
    user: User, period: Period, version: int | None = None
) -> tuple[ReportData | None, bool]:
    """Return the report whose activity a person reads, and whether it is limited to their part.

    It is the draft of what they look after; without one, or where a version is given, the
    published report as a whole. None where there is neither.
    """
    reach = draft_reach(user, period.year)
    if version is None and reach and has_draft(period):
        facts = draft_data(period)
        return (facts, False) if reach.everything else (limit_to_services(facts, reach), True)
    return readable_report(user, period, version), False


def holds_group(reach: Reach, home: int | None) -> bool:
    """Return whether a person looks after a group that belongs to a service (id), or to none."""
    return reach.everything if home is None else home in reach
