"""Checks that a report's statements of savings agree with each other and with its register."""

from collections.abc import Iterator

from council_finance import registry
from council_finance.statements import Row, Statement
from council_finance.statements.casting import Check
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.statements import statement
from savings.rules import statuses
from savings.selectors.report_savings import savings_of
from savings.statements.summary import BY_DECISION, SUMMARY
from savings.statements.tracker import NAME as TRACKER


@registry.check("savings-combined")
def savings_combined(facts: ReportData) -> Iterator[Check]:
    """Compare totals by decision, by service and line by line with all savings combined."""
    if not savings_of(facts):
        return
    by_service, by_decision = statement(facts, SUMMARY), statement(facts, BY_DECISION)
    *decisions, whole = (row for row in by_decision.rows if row.kind == "total")
    for row in by_service.rows:
        if row.kind != "percent":
            there = whole if row.kind == "total" else by_decision.row(f"all:{row.key}")
            yield from _compare_columns(f"{row.label} by service", by_service, row, there)
    (agreed,) = (_amount_in(row, "agreed") for row in by_service.rows if row.kind == "total")
    yield Check.compare(
        "The decisions add up to all savings combined",
        BY_DECISION,
        agreed,
        sum(_amount_in(row, "agreed") for row in decisions),
    )
    yield Check.compare(
        "The tracker adds up to all savings combined",
        TRACKER,
        agreed,
        _amount_in(statement(facts, TRACKER).row("savings:total"), "agreed"),
    )


def _compare_columns(name: str, here: Statement, row: Row, combined: Row) -> Iterator[Check]:
    """Compare a row with that of all decisions combined, column by column."""
    for column in here.columns:
        title = f"{name}: {column.label} agrees with all decisions combined"
        there, pence = _amount_in(combined, column.key), _amount_in(row, column.key)
        yield Check.compare(title, here.name, there, pence)


def _amount_in(row: Row, column: str) -> int:
    """Return the pence of a cell that is never blank. Raise `ValueError` if it is."""
    pence = row.cells[column].pence
    if pence is None:
        raise ValueError(f"row {row.key} has no amount in column {column}")
    return pence


@registry.check("savings-statuses")
def savings_statuses(facts: ReportData) -> Iterator[Check]:
    """Compare the savings that have a status with all savings, where there is a scheme."""
    savings = savings_of(facts)
    if savings and statuses(facts.settings):
        yield Check.compare(
            "Every agreed saving has a status",
            SUMMARY,
            sum(saving.agreed for saving in savings),
            sum(saving.agreed for saving in savings if saving.status),
        )


@registry.check("savings-services")
def savings_services(facts: ReportData) -> Iterator[Check]:
    """Check that every saving belongs to an open service; name each that does not."""
    codes = {node.key for node in facts.nodes if not node.is_closed}
    savings = savings_of(facts)
    closed = [saving for saving in savings if saving.service not in codes]
    for saving in closed:
        name = f"{saving.reference}: its service {saving.service_name} has closed"
        yield Check.compare(f"{name}; move the saving", SUMMARY, saving.agreed, 0)
    if len(closed) < len(savings):
        agreed = sum(saving.agreed for saving in savings if saving.service in codes)
        count = len(savings) - len(closed)
        yield Check.compare(f"{count} savings belong to open services", SUMMARY, agreed, agreed)
