"""Statements, checks and sections of data that apps add to a report."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from council_finance.errors import Refused
from council_finance.registry.order import Register
from council_finance.statements.casting import Check
from council_finance.statements.model import Statement

StatementFunction = Callable[[Any], Statement]
CheckFunction = Callable[[Any], Iterable[Check]]
ReportSectionFunction = Callable[[Any], Any]


@dataclass(frozen=True)
class StatementEntry:
    """A registered statement: the function that makes it from a report's facts."""

    name: str
    title: str
    make: StatementFunction


_statements: Register[StatementEntry] = Register("statement")
_checks: Register[CheckFunction] = Register("check")
_sections: Register[ReportSectionFunction] = Register("report section")


def statement(
    name: str, *, title: str, after: str = ""
) -> Callable[[StatementFunction], StatementFunction]:
    """Register the function that makes a statement from a report.

    `after` names the statement that it follows in the report.
    """

    def decorate(function: StatementFunction) -> StatementFunction:
        _statements.add(name, StatementEntry(name, title, function), after=after)
        return function

    return decorate


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


def check(name: str) -> Callable[[CheckFunction], CheckFunction]:
    """Register a function that compares figures of a report with one another."""

    def decorate(function: CheckFunction) -> CheckFunction:
        _checks.add(name, function)
        return function

    return decorate


def checks() -> dict[str, CheckFunction]:
    """Return every check by name, in alphabetical order."""
    return dict(sorted(_checks.in_order().items()))


def report_section(name: str) -> Callable[[ReportSectionFunction], ReportSectionFunction]:
    """Register the function that reads an app's section of a report, as plain data for JSON.

    A draft reads it live and a published report has it frozen. Statements and checks of that app
    read the section alone, so they are the same for both.
    """

    def decorate(function: ReportSectionFunction) -> ReportSectionFunction:
        _sections.add(name, function)
        return function

    return decorate


def report_sections() -> dict[str, ReportSectionFunction]:
    """Return every section by name, in alphabetical order."""
    return dict(sorted(_sections.in_order().items()))
