"""Who enters the values of indicators, and who may read which.

The roles are those of savings: finance officers for their part of the tree, and the lead. Drafts
are read as those of forecasts and commentary are. An indicator without a service belongs to the
whole council.
"""

from council_finance.accounts.models import User
from monitoring.models import FinancialYear, Period
from monitoring.people.rights import (
    EVERYTHING,
    NOTHING,
    Reach,
    may_see_drafts,
    may_upload,
    reach_of,
)
from monitoring.reports.report_access import readable_report
from monitoring.reports.selectors.report_data import ReportData, draft_data, has_draft
from performance.indicators.models import Indicator
from performance.indicators.selectors.report_indicators import limit_to_services


def maintained_services(user: User, year: FinancialYear) -> Reach:
    """Return the services whose indicators a person maintains."""
    return reach_of(user, year) if may_upload(user) else NOTHING


def may_maintain(reach: Reach, indicator: Indicator) -> bool:
    """Return True where an indicator belongs to the services of `reach`."""
    if indicator.service_id is None:
        return reach.everything
    return indicator.service_id in reach


def draft_reach(user: User, year: FinancialYear) -> Reach:
    """Return the services whose indicators a person reads before they are published."""
    return EVERYTHING if may_see_drafts(user) else reach_of(user, year)


def readable_indicators(
    user: User, period: Period, version: int | None = None
) -> tuple[ReportData | None, bool]:
    """Return the report whose indicators a person reads, and whether it is limited to their part.

    It is the draft of what they look after; without one, or where a version is given, the published
    report as a whole. None where there is neither.
    """
    reach = draft_reach(user, period.year)
    if version is None and reach and has_draft(period):
        facts = draft_data(period)
        return (facts, False) if reach.everything else (limit_to_services(facts, reach), True)
    return readable_report(user, period, version), False
