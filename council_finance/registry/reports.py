"""Statements, checks and sections of data that apps add to a report."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from council_finance.errors import Refused
from council_finance.registry.order import Register
from council_finance.statements.casting import Check
from council_finance.statements.model import Statement

StatementFunction = Callable[[Any], Statement]
CheckFunction = Callable[[Any], Iterable[Check]]
ReportSectionFunction = Callable[[Any], Any]


class StatementEntry(NamedTuple):
    """A registered statement: the function that makes it from a report's facts.

    A statement `of_year` needs no period. A report has it where it has rows. One
    `of_ledger` has no rows in a report without any figures of the ledger. One `of_any_period`
    can be made for a period that holds nothing of its own yet, such as the register of contracts.
    """

    name: str
    title: str
    make: StatementFunction
    of_year: bool = False
    of_ledger: bool = False
    of_any_period: bool = False


class CheckEntry(NamedTuple):
    """A registered check; one `of_year` needs no period, one `of_any_period` no content."""

    run: CheckFunction
    of_year: bool
    of_any_period: bool = False


class SectionEntry(NamedTuple):
    """A registered section of a report; one `of_year` is read from the year, not the period."""

    read: ReportSectionFunction
    of_year: bool


_statements: Register[StatementEntry] = Register("statement", "statements")
_checks: Register[CheckEntry] = Register("check", "checks")
_sections: Register[SectionEntry] = Register("report section", "report_section", "statements")


def statement(
    name: str,
    *,
    title: str,
    after: str = "",
    of_year: bool = False,
    of_ledger: bool = False,
    of_any_period: bool = False,
) -> Callable[[StatementFunction], StatementFunction]:
    """Register the function that makes a statement from a report.

    `after` names the statement that it follows in the report. The function of a statement
    `of_year` takes the data of the year, which a report has too. One `of_ledger` has no rows in a
    report without any figures of the ledger. One `of_any_period` is made for a period that holds
    nothing of its own, too.
    """

    def decorate(function: StatementFunction) -> StatementFunction:
        make = _take_year(function) if of_year else function
        entry = StatementEntry(name, title, make, of_year, of_ledger, of_any_period)
        _statements.add(name, entry, after=after)
        return function

    return decorate


def _take_year(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a function of a report, or of a year, that passes the data of the year on."""
    return lambda facts: function(facts.of_year)


def statements() -> dict[str, StatementEntry]:
    """Return every statement by name, in the order of a report."""
    return _statements.in_order()


def statement_entry(name: str) -> StatementEntry:
    """Return the statement of that name. Raise `Refused` with the names there are."""
    if name not in _statements:
        raise Refused(
            f"There is no statement called “{name}”. The statements are: {', '.join(statements())}."
        )
    return _statements[name]


def check(
    name: str, *, of_year: bool = False, of_any_period: bool = False
) -> Callable[[CheckFunction], CheckFunction]:
    """Register a function that compares figures of a report, or of a year, with one another.

    One `of_any_period` takes the data of a period that may hold nothing of its own.
    """

    def decorate(function: CheckFunction) -> CheckFunction:
        run = _take_year(function) if of_year else function
        _checks.add(name, CheckEntry(run, of_year, of_any_period))
        return function

    return decorate


def checks(*, of_year: bool = False, of_any_period: bool = False) -> dict[str, CheckFunction]:
    """Return every check by name, in alphabetical order.

    `of_year` those of years alone; `of_any_period` these and those of any period.
    """
    return {
        name: entry.run
        for name, entry in sorted(_checks.in_order().items())
        if entry.of_year or (entry.of_any_period if of_any_period else not of_year)
    }


def report_section(
    name: str, *, of_year: bool = False
) -> Callable[[ReportSectionFunction], ReportSectionFunction]:
    """Register the function that reads an app's section of a report, as plain data for JSON.

    It takes a period, or with `of_year` a financial year. A draft reads it live and a published
    report has it frozen. Statements and checks of that app read the section alone, so they are
    the same for both.
    """

    def decorate(function: ReportSectionFunction) -> ReportSectionFunction:
        _sections.add(name, SectionEntry(function, of_year))
        return function

    return decorate


def report_sections() -> list[str]:
    """Return the names of every section, in alphabetical order."""
    return sorted(_sections.in_order())


def read_report_section(name: str, *, year: Any, period: Any = None) -> Any:
    """Return a section's data of a year's period. Raise `ValueError` where it needs a period."""
    entry = _sections[name]
    if not entry.of_year and period is None:
        raise ValueError(f"report section {name} needs a period")
    return entry.read(year if entry.of_year else period)
