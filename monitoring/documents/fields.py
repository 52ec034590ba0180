"""Figures in the texts of a document, as `{annex-a:CHILD-OPS.net_variance}`. Pure."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from council_finance.statements import Cell, Statement

_FIELD = re.compile(
    r"\{(?P<statement>[a-z0-9-]+):(?P<row>[^{}|]+)\.(?P<column>[a-z0-9_]+)"
    r"(?:\|(?P<form>[a-z-]+))?\}"
)
MISSING = "[figure not in this report]"


class Form(StrEnum):
    """The forms in which a figure may be printed."""

    FIGURE = "figure"
    SIZE = "size"
    OVERSPEND = "overspend"
    MOVEMENT = "movement"


FORMS = {
    Form.FIGURE: "the figure as the table prints it",
    Form.SIZE: "the amount without its sign: £0.064m",
    Form.OVERSPEND: "with its sense: overspend of £0.064m",
    Form.MOVEMENT: "against the last report: £0.005m worse than the last report",
}


@dataclass(frozen=True)
class FigureField:
    """A figure in a text: its statement, row and column, and the form it is printed in."""

    statement: str
    row: str
    column: str
    form: str = Form.FIGURE

    @property
    def code(self) -> str:
        """Return the field as it is written in a text."""
        form = "" if self.form == Form.FIGURE else f"|{self.form}"
        return f"{{{self.statement}:{self.row}.{self.column}{form}}}"


def fields_in(text: str) -> Iterator[FigureField]:
    """Yield the figures of a text in order."""
    for match in _FIELD.finditer(text):
        form = match["form"] or Form.FIGURE
        yield FigureField(match["statement"], match["row"], match["column"], form)


def fill_in(
    text: str, find: Callable[[str], Statement | None], *, write: Callable[[str], str] = str
) -> tuple[str, list[FigureField]]:
    """Return a text with its figures, and the fields that have none in this report.

    `find` returns a statement by name, None where there is none, and `write` changes how a printed
    figure is written.
    """
    missing = []

    def printed(match: re.Match[str]) -> str:
        field = FigureField(
            match["statement"], match["row"], match["column"], match["form"] or Form.FIGURE
        )
        found = print_field(field, find(field.statement))
        if found is None:
            missing.append(field)
        return MISSING if found is None else write(found)

    return _FIELD.sub(printed, text), missing


def print_field(field: FigureField, statement: Statement | None) -> str | None:
    """Return the text of a figure; None where the statement has none there."""
    cell = None if statement is None else _find_cell(field, statement)
    if statement is None or cell is None or field.form not in set(Form):
        return None
    if field.form == Form.FIGURE:
        return _print_figure(cell, statement)
    if cell.pence is None:
        return None
    pence, display = cell.pence, statement.display
    size, is_nil = display.in_words(abs(pence)), display.rounded_pence(pence) == 0
    if field.form == Form.SIZE:
        return size
    if field.form == Form.OVERSPEND:
        sense = "overspend" if pence > 0 else "underspend"
        return "nil variance" if is_nil else f"{sense} of {size}"
    if is_nil:
        return "unchanged since the last report"
    return f"{size} {'worse' if pence > 0 else 'better'} than the last report"


def _find_cell(field: FigureField, statement: Statement) -> Cell | None:
    row = next((each for each in statement.rows if each.key == field.row), None)
    return None if row is None else row.cells.get(field.column)


def _print_figure(cell: Cell, statement: Statement) -> str | None:
    if cell.pence is None:
        return cell.text or None
    return statement.display.in_words(cell.pence)


@dataclass(frozen=True)
class CodedFigure:
    """A figure of a statement with the code that prints it in a text."""

    row: str
    column: str
    printed: str
    code: str


def figures_of(statement: Statement) -> list[CodedFigure]:
    """Return the figures of a statement that texts may hold, by row and column."""
    found = []
    for row in statement.rows:
        for column in statement.columns:
            field = FigureField(statement.name, row.key, column.key)
            printed = print_field(field, statement) if row.cells else None
            if printed is not None:
                found.append(CodedFigure(row.label, column.label, printed, field.code))
    return found
