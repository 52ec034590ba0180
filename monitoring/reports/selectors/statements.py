"""The statements of a draft or of a published report."""

from council_finance import registry
from council_finance.errors import Refused
from council_finance.statements import Statement
from council_finance.statements.model import statement_from_frozen
from monitoring.published.models import ReportStatement
from monitoring.reports.selectors.report_data import ReportData

_NO_ROWS = '\n "rows": []'
"""The rows of a statement without any, in the JSON that is frozen."""


def statement(facts: ReportData, name: str) -> Statement:
    """Return a statement of a draft, or of a published report as it was stored.

    Raise `Refused` where the name is unknown or the report was published without it.
    """
    entry = registry.statement_entry(name)
    if facts.report is None:
        return entry.make(facts)
    frozen = ReportStatement.objects.filter(report=facts.report, name=name).first()
    if frozen is None:
        raise Refused(f"{facts.report} was published without the statement {name}.")
    return statement_from_frozen(frozen.text, frozen.layout)


def published_sha256(facts: ReportData, name: str) -> str:
    """Return the SHA-256 of a statement's JSON as published; empty for a draft."""
    frozen = ReportStatement.objects.filter(report=facts.report, name=name)
    return frozen.values_list("sha256", flat=True).get() if facts.report else ""


def statement_titles(facts: ReportData) -> list[tuple[str, str]]:
    """Return the name and title of every statement of a report, in order."""
    names = set(registry.statements())
    if facts.report is not None:
        frozen = ReportStatement.objects.filter(report=facts.report)
        names &= set(frozen.values_list("name", flat=True))
    return [(e.name, e.title) for e in registry.statements().values() if e.name in names]


def empty_statements(facts: ReportData) -> set[str]:
    """Return the names of statements without a row, such as savings of a council without any.

    They are published like the others, but a page need not list them among those to read.
    """
    if facts.report is None:
        return {name for name, made in all_statements(facts).items() if not made.rows}
    # The frozen text is searched in the database: reading every statement takes far longer.
    frozen = ReportStatement.objects.filter(report=facts.report, text__contains=_NO_ROWS)
    return set(frozen.values_list("name", flat=True))


def all_statements(facts: ReportData) -> dict[str, Statement]:
    """Return every statement of a report by name: for a draft newly made, else as published."""
    if facts.report is None:
        return {name: entry.make(facts) for name, entry in registry.statements().items()}
    frozen = {row.name: row for row in ReportStatement.objects.filter(report=facts.report)}
    names = [name for name in registry.statements() if name in frozen]
    return {name: statement_from_frozen(frozen[name].text, frozen[name].layout) for name in names}
