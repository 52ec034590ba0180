"""Which report of a period is read, and its statements."""

from django.db.models import QuerySet

from council_finance import registry
from council_finance.errors import Refused
from council_finance.statements import Statement
from council_finance.statements.model import statement_from_frozen
from monitoring.models import FinancialYear, Period, Report, ReportStatement
from monitoring.selectors.facts import ReportFacts, draft_facts, report_facts


def years() -> QuerySet[FinancialYear]:
    """Every year, the latest first."""
    return FinancialYear.objects.order_by("-start")


def periods() -> QuerySet[Period]:
    """Every period, with what its pages read."""
    # A manager's own deferring does not reach through a relation.
    found = Period.objects.select_related("year", "batch", "compared_with__period")
    return found.defer("compared_with__frozen", "compared_with__line_services")


def report_versions(period: Period) -> QuerySet[Report]:
    """Every published version of a period's report, the first first."""
    return Report.objects.filter(period=period).select_related("period__year").order_by("version")


def find_year(start: int) -> FinancialYear:
    """The year that begins then. Raises Refused."""
    year = FinancialYear.objects.filter(start=start).first()
    if year is None:
        known = ", ".join(year.label for year in FinancialYear.objects.all()) or "none yet"
        raise Refused(f"There is no such financial year; the years are: {known}.")
    return year


def find_period(start: int, number: int) -> Period:
    """A period of a year. Raises Refused."""
    year = find_year(start)
    period = periods().filter(year=year, number=number).first()
    if period is None:
        raise Refused(f"There is no period {number}; periods are numbered 0 to 13.")
    return period


def latest_report(period: Period) -> Report | None:
    """The newest published version of a period's report."""
    return report_versions(period).last()


def current_facts(period: Period) -> ReportFacts:
    """What the period is now: its draft while it is open, its report once published.

    Raises Refused where no figures have been brought in.
    """
    if period.is_published:
        return report_facts(latest_report(period))
    if period.batch is None:
        raise Refused(f"There are no figures for {period} yet; upload its position first.")
    return draft_facts(period)


def statement(facts: ReportFacts, name: str) -> Statement:
    """A statement of a report: the frozen one where it was published. Raises Refused."""
    entry = registry.statement_entry(name)
    if facts.report is None:
        return entry.make(facts)
    frozen = ReportStatement.objects.filter(report=facts.report, name=name).first()
    if frozen is None:
        raise Refused(f"{facts.report} was published without the statement {name}.")
    return statement_from_frozen(frozen.text, frozen.layout)


def published_sha256(facts: ReportFacts, name: str) -> str:
    """The SHA-256 of a statement's JSON as it was published; nothing of a draft."""
    frozen = ReportStatement.objects.filter(report=facts.report, name=name)
    return frozen.values_list("sha256", flat=True).get() if facts.report else ""


def statement_titles(facts: ReportFacts) -> list[tuple[str, str]]:
    """Name and title of every statement of a report, in its order."""
    names = set(registry.statements())
    if facts.report is not None:
        frozen = ReportStatement.objects.filter(report=facts.report)
        names &= set(frozen.values_list("name", flat=True))
    return [(e.name, e.title) for e in registry.statements().values() if e.name in names]


def all_statements(facts: ReportFacts) -> dict[str, Statement]:
    """Every statement of a report, by name: for a draft the registered ones, else the frozen."""
    if facts.report is None:
        return {name: entry.make(facts) for name, entry in registry.statements().items()}
    frozen = {row.name: row for row in ReportStatement.objects.filter(report=facts.report)}
    names = [name for name in registry.statements() if name in frozen]
    return {name: statement_from_frozen(frozen[name].text, frozen[name].layout) for name in names}
