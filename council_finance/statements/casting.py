"""Does a table add up? Down its columns and across its rows, unrounded and as printed. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from council_finance.statements.display import Display
from council_finance.statements.model import Column, CrossCast, Row, Statement

AGREES, ROUNDING, DIFFERS = "agrees", "rounding", "differs"


@dataclass(frozen=True)
class Check:
    """One comparison, in pence. `status` tells what differs by rounding from what is wrong."""

    name: str
    statement: str
    expected_pence: int
    actual_pence: int
    status: str

    @classmethod
    def compare(cls, name: str, statement: str, expected: int, actual: int) -> "Check":
        """Agrees or differs, to the penny."""
        status = AGREES if expected == actual else DIFFERS
        return cls(name, statement, int(expected), int(actual), status)

    def to_data(self) -> dict:
        """The contract's JSON of one check, in pounds; difference = actual - expected."""
        return {
            "name": self.name,
            "statement": self.statement,
            "expected": self.expected_pence / 100,
            "actual": self.actual_pence / 100,
            "difference": (self.actual_pence - self.expected_pence) / 100,
            "status": self.status,
        }


def cast_statement(statement: Statement) -> Iterator[Check]:
    """Every total against its parts, column by column, then every row across."""
    rows = {row.key: row for row in statement.rows}
    amounts = [
        column
        for column in statement.columns
        if column.kind == "amount" and column.key not in statement.uncast
    ]
    for row in statement.rows:
        parts = [rows[key] for key in row.sum_of]
        for column in amounts if parts else ():
            yield from _cast(statement, row, parts, column)
        for rule in statement.cross_casts if row.cells else ():
            yield from _cross_cast(statement, row, rule)


def _cast(statement: Statement, row: Row, parts: list[Row], column: Column) -> Iterator[Check]:
    total = row.cells[column.key].pence
    if total is None and all(part.cells[column.key].pence is None for part in parts):
        return
    values = [_counted(statement, part, column.key) for part in parts]
    if total is None and sum(values) == 0:
        return  # a missing total is nil, as are parts without any lines
    name = f"{row.label}: {column.label} is the sum of its rows"
    if total is None:
        yield Check(name, statement.name, sum(values), 0, DIFFERS)
    else:
        yield _check(name, statement.name, values, total, statement.display)


def _counted(statement: Statement, part: Row, key: str) -> int:
    """What a row counts in its total: where its figure is missing, what its own parts give.

    A service that is no longer forecast has no movement, but its total's movement holds the loss
    of its previous variance.
    """
    if (pence := part.cells[key].pence) is not None:
        return pence
    rule = next((rule for rule in statement.cross_casts if rule.total == key), None)
    return sum((part.cells[name].pence or 0) * sign for name, sign in rule.parts) if rule else 0


def _cross_cast(statement: Statement, row: Row, rule: CrossCast) -> Iterator[Check]:
    total = row.cells[rule.total].pence
    values = [row.cells[key].pence for key, _ in rule.parts]
    if total is None or any(value is None for value in values):
        return
    signed = [value * sign for value, (_, sign) in zip(values, rule.parts, strict=True)]
    label = next(column.label for column in statement.columns if column.key == rule.total)
    name = f"{row.label}: {label} across the row"
    yield _check(name, statement.name, signed, total, statement.display)


def _check(name: str, statement: str, values: list[int], total: int, display: Display) -> Check:
    if sum(values) != total:
        return Check(name, statement, sum(values), total, DIFFERS)
    printed = sum(display.rounded_pence(value) for value in values)
    if printed != display.rounded_pence(total):
        return Check(name, statement, printed, display.rounded_pence(total), ROUNDING)
    return Check(name, statement, total, total, AGREES)
