"""Who keeps the register of savings and says what becomes of them, and who reads which.

The roles are those of "The people" of the domain page: finance officers for their part of the
tree, and the lead. Drafts are read as those of forecasts and commentary are.
"""

from council_finance.accounts.models import User
from monitoring.models import FinancialYear, Period, Service
from monitoring.rights import (
    EVERYTHING,
    NOTHING,
    Reach,
    may_see_drafts,
    may_upload,
    reach_of,
    readable_facts,
)
from monitoring.selectors.facts import ReportFacts, draft_facts
from savings.selectors.reading import within


def keeping(user: User, year: FinancialYear) -> Reach:
    """The services whose savings a person keeps."""
    return reach_of(user, year) if may_upload(user) else NOTHING


def may_keep(user: User, service: Service) -> bool:
    """Whether a person keeps the savings of a service."""
    return service.pk in keeping(user, service.year)


def draft_reach(user: User, year: FinancialYear) -> Reach:
    """The services whose savings a person reads before they are published."""
    return EVERYTHING if may_see_drafts(user) else reach_of(user, year)


def readable_savings(
    user: User, period: Period, version: int | None = None
) -> tuple[ReportFacts | None, bool]:
    """The report whose savings a person reads, and whether it holds their own part alone.

    The draft of what they look after; else the published report, whole, or the version asked for.
    """
    reach = draft_reach(user, period.year)
    if version is None and period.batch is not None and not period.is_published and reach:
        facts = draft_facts(period)
        return (facts, False) if reach.everything else (within(facts, reach), True)
    return readable_facts(user, period, version), False
