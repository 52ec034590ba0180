"""The statements of a draft or of a published report."""

from dataclasses import replace

from council_finance import registry
from council_finance.errors import Refused
from council_finance.statements import Footnote, Statement
from council_finance.statements.model import statement_from_frozen
from monitoring.published.models import ReportStatement
from monitoring.published.selectors.published_data import statements_in
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.year_data import YearData

WITHOUT_LEDGER = "There are no figures of the ledger for this period."


def statement(facts: ReportData, name: str) -> Statement:
    """Return a statement of a draft, or of a published report as it was stored.

    Raise `Refused` where the name is unknown or the report was published without it.
    """
    entry = registry.statement_entry(name)
    if facts.report is None:
        return make_statement(facts, entry)
    frozen = ReportStatement.objects.filter(report=facts.report, name=name).first()
    if frozen is None:
        raise Refused(f"{facts.report} was published without the statement {name}.")
    return statement_from_frozen(frozen.text, frozen.layout)


def year_statement(facts: YearData, name: str) -> Statement:
    """Return a statement of a year as it is today. Raise `Refused` where it needs a period."""
    entry = registry.statement_entry(name)
    if not entry.of_year:
        raise Refused(f"The statement {name} is that of a period. Give a period, such as 3.")
    return entry.make(facts)


def year_statements(facts: YearData) -> dict[str, Statement]:
    """Return every statement of a year that has rows, by name, as it is today."""
    made = {
        name: entry.make(facts) for name, entry in registry.statements().items() if entry.of_year
    }
    return {name: statement for name, statement in made.items() if statement.rows}


def statements_of_any_period(facts: ReportData) -> dict[str, Statement]:
    """Return the statements by name, newly made, of a period that holds nothing of its own."""
    made = {
        name: entry.make(facts)
        for name, entry in registry.statements().items()
        if entry.of_year or entry.of_any_period
    }
    return {name: each for name, each in made.items() if each.rows}


def draft_statements(facts: ReportData) -> dict[str, Statement]:
    """Return the statements of a draft by name, newly made; those of the year where it has any."""
    made = {name: make_statement(facts, each) for name, each in registry.statements().items()}
    of_year = {name for name, entry in registry.statements().items() if entry.of_year}
    return {name: each for name, each in made.items() if each.rows or name not in of_year}


def make_statement(facts: ReportData, entry: registry.StatementEntry) -> Statement:
    """Return a statement of a draft; one of the ledger has no rows where there is no ledger."""
    if facts.has_ledger or not entry.of_ledger:
        return entry.make(facts)
    made = entry.make(facts)
    return replace(made, rows=(), footnotes=(Footnote("", WITHOUT_LEDGER),))


def published_sha256(facts: ReportData, name: str) -> str:
    """Return the SHA-256 of a statement's JSON as published; empty for a draft."""
    return statements_in(facts.report)[name].sha256 if facts.report else ""


def statement_titles(facts: ReportData) -> list[tuple[str, str]]:
    """Return the name and title of every statement of a report, in order."""
    entries = registry.statements().values()
    if facts.report is None:
        of_year = year_statements(facts.of_year)
        return [(e.name, e.title) for e in entries if not e.of_year or e.name in of_year]
    frozen = statements_in(facts.report)
    return [(e.name, e.title) for e in entries if e.name in frozen]


def empty_statements(facts: ReportData) -> set[str]:
    """Return the names of statements without a row, such as savings of a council without any.

    They are published like the others, but a page need not list them among those to read.
    """
    if facts.report is None:
        return {name for name, made in all_statements(facts).items() if not made.rows}
    return {name for name, each in statements_in(facts.report).items() if each.is_empty}


def all_statements(facts: ReportData) -> dict[str, Statement]:
    """Return every statement of a report by name: for a draft as made from it, else as published.

    Those of a draft are made once for all that reads the same data of it.
    """
    if facts.report is None:
        return facts.made_once("statements", draft_statements)
    frozen = {row.name: row for row in ReportStatement.objects.filter(report=facts.report)}
    names = [name for name in registry.statements() if name in frozen]
    return {name: statement_from_frozen(frozen[name].text, frozen[name].layout) for name in names}
