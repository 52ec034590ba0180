"""Casts and cross-casts: a table adds up down and across, unrounded and as printed. Pure."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from council_finance.money import plain_pounds
from council_finance.statements.display import NOT_GIVEN, Display
from council_finance.statements.model import Column, CrossCast, Row, Statement

AGREES, ROUNDING, DIFFERS = "agrees", "rounding", "differs"


class Check(NamedTuple):
    """A comparison of two figures, in pence; its status says agrees, rounding or differs.

    A comparison of statuses, dates or other words has no amounts: its name says what was compared.
    """

    name: str
    statement: str
    expected_pence: int
    actual_pence: int
    status: str
    has_amounts: bool = True

    @classmethod
    def of_words(cls, name: str, statement: str, *, agrees: bool) -> "Check":
        """Return a comparison of words, which `name` gives, such as two statuses."""
        return cls(name, statement, 0, 0, AGREES if agrees else DIFFERS, has_amounts=False)

    @property
    def amounts(self) -> tuple[str, str, str]:
        """Return expected, actual and difference for people, in pounds; a dash for words."""
        if not self.has_amounts:
            return NOT_GIVEN, NOT_GIVEN, NOT_GIVEN
        pence = (self.expected_pence, self.actual_pence, self.actual_pence - self.expected_pence)
        expected, actual, difference = map(plain_pounds, pence)
        return expected, actual, difference

    @classmethod
    def compare(cls, name: str, statement: str, expected: int, actual: int) -> "Check":
        """Return the comparison of two amounts to the penny."""
        status = AGREES if expected == actual else DIFFERS
        return cls(name, statement, int(expected), int(actual), status)

    def to_data(self) -> dict[str, Any]:
        """Return the check as check_report prints it in JSON, in pounds.

        The difference is the actual less the expected figure; all three are null for words.
        """
        pence = (self.expected_pence, self.actual_pence, self.actual_pence - self.expected_pence)
        expected, actual, difference = (each / 100 if self.has_amounts else None for each in pence)
        return {
            "name": self.name,
            "statement": self.statement,
            "expected": expected,
            "actual": actual,
            "difference": difference,
            "status": self.status,
        }


def cast_statement(statement: Statement) -> Iterator[Check]:
    """Return a check of every total against its rows in each column, and of every row across."""
    rows = {row.key: row for row in statement.rows}
    amounts = [
        column
        for column in statement.columns
        if column.kind == "amount" and column.key not in statement.uncast
    ]
    for row in statement.rows:
        parts = [rows[key] for key in row.sum_of]
        for column in amounts if parts else ():
            yield from _cast_column(statement, row, parts, column)
        for rule in statement.cross_casts if row.cells else ():
            yield from _cross_cast(statement, row, rule)


def _cast_column(
    statement: Statement, row: Row, parts: list[Row], column: Column
) -> Iterator[Check]:
    total = row.cells[column.key].pence
    if total is None and all(part.cells[column.key].pence is None for part in parts):
        return
    values = [_amount_in_total(statement, part, column.key) for part in parts]
    if total is None and sum(values) == 0:
        return  # a missing total counts as nil, as do rows without any budget lines
    name = f"{row.label}: {column.label} is the sum of its rows"
    if total is None:
        yield Check(name, statement.name, sum(values), 0, DIFFERS)
    else:
        yield _check_sum(name, statement.name, values, total, statement.display)


def _amount_in_total(statement: Statement, part: Row, key: str) -> int:
    """Return a row's amount in a total, in pence.

    Where its figure is missing, the amount follows from the other columns of its row: a service
    that is no longer forecast has no movement, but its total's movement includes the loss of its
    previous variance.
    """
    if (pence := part.cells[key].pence) is not None:
        return pence
    rule = next((rule for rule in statement.cross_casts if rule.total == key), None)
    return sum((part.cells[name].pence or 0) * sign for name, sign in rule.parts) if rule else 0


def _cross_cast(statement: Statement, row: Row, rule: CrossCast) -> Iterator[Check]:
    total = row.cells[rule.total].pence
    values = [(row.cells[key].pence, sign) for key, sign in rule.parts]
    signed = [value * sign for value, sign in values if value is not None]
    if total is None or len(signed) < len(values):
        return
    label = next(column.label for column in statement.columns if column.key == rule.total)
    name = f"{row.label}: {label} across the row"
    yield _check_sum(name, statement.name, signed, total, statement.display)


def _check_sum(name: str, statement: str, values: list[int], total: int, display: Display) -> Check:
    if sum(values) != total:
        return Check(name, statement, sum(values), total, DIFFERS)
    printed = sum(display.rounded_pence(value) for value in values)
    if printed != display.rounded_pence(total):
        return Check(name, statement, printed, display.rounded_pence(total), ROUNDING)
    return Check(name, statement, total, total, AGREES)
