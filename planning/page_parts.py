"""What the pages of this app have in common."""

from typing import Any

from django.contrib.auth.models import AnonymousUser

from council_finance.accounts.models import User
from monitoring.audit.selectors.audit_trail import history_of
from monitoring.models import FinancialYear
from monitoring.people.rights import may_see_audit, may_see_drafts
from monitoring.reports.report_access import readable_report
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.statements import statement_titles
from monitoring.structure.selectors.calendar import calendar_of
from planning.entry.records import RecordKind
from planning.entry.storing import may_enter

Context = dict[str, Any]


def has_statement(facts: ReportData, name: str) -> bool:
    """Return whether a report has a statement; one published before it was added has not."""
    return facts.report is None or name in dict(statement_titles(facts))


def last_report(user: User | AnonymousUser, year: FinancialYear) -> ReportData | None:
    """Return the last report of a year that a person may read; None where there is none."""
    calendar = calendar_of(year)
    period = calendar.last_readable(with_drafts=may_see_drafts(user))
    return None if period is None else readable_report(user, period)


def own_page_context(user: User, year: FinancialYear, record: RecordKind, ref: str) -> Context:
    """Return what the own page of a record has beside the record: its history, and who may edit."""
    name = record.record_of(year, ref)
    return {
        "year": year,
        "council": year.council,
        "nav_section": "reports",
        "history": history_of(name) if may_see_drafts(user) else [],
        "history_record": name if may_see_audit(user) else "",
        "may_enter": may_enter(user, record.kind, year) and not year.is_archived,
    }
