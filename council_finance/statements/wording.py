"""The words around a statement's figures, the same in every format. Pure."""

from collections.abc import Iterable, Iterator
from itertools import chain, count

from council_finance.periods import long_date, period_name
from council_finance.statements.display import UNIT_LABELS
from council_finance.statements.model import Column, Header, Statement

POUNDS = UNIT_LABELS["pounds"]
NOT_FINAL = "Draft, not final."


def facts(header: Header) -> str:
    """Return council, year, period, status, version and date of the figures in a line."""
    line = f"{header.council}, {header.financial_year}, "
    if header.period is not None:
        line += f"{period_name(header.period).lower()}, "
    line += f"{header.status} (version {header.version})"
    return line if header.as_at is None else f"{line}, figures as at {long_date(header.as_at)}"


def seal(statement: Statement) -> str:
    """Return a line with the SHA-256 of the published figures, that is of the statement's JSON."""
    if not statement.sha256:
        return NOT_FINAL
    return f"SHA-256 of the published figures (the JSON): {statement.sha256}"


def heading(column: Column) -> str:
    """Return a column's label with its unit."""
    return f"{column.label} {column.unit}".strip()


def amounts_unit(statement: Statement) -> str:
    """Return the unit of a statement's amounts; "" where no column shows amounts in it."""
    unit = statement.display.unit_label
    return unit if any(unit == column.unit for column in statement.reader_columns) else ""


def table_caption(statement: Statement) -> str:
    """Return the caption of a printed table: its title, with the unit of its amounts."""
    unit = amounts_unit(statement)
    return f"{statement.title}, in {unit}" if unit else statement.title


def headings(statement: Statement) -> list[str]:
    """Return the headings of a sheet: the unit that cells hold, and the one they are shown in."""
    return [
        statement.row_heading,
        *_each_once(statement, (_sheet_heading(column) for column in statement.columns)),
    ]


def csv_headings(statement: Statement) -> list[str]:
    """Return the headings of a CSV file: amounts in pounds, then what programs need of a row."""
    units = {"text": "", "number": "", "amount": " (£)", "percent": " (%)"}
    columns = (f"{each.label}{units[each.kind]}" for each in statement.columns)
    return [
        statement.row_heading,
        *_each_once(statement, chain(columns, ("Service code", "Kind of row"))),
    ]


def _sheet_heading(column: Column) -> str:
    """Return a heading that gives both units: some programs show pounds whatever the format."""
    if column.kind == "amount" and column.unit != POUNDS:
        return f"{column.label} ({POUNDS}, shown in {column.unit})"
    return f"{column.label} ({column.unit})" if column.unit else column.label


def _each_once(statement: Statement, texts: Iterable[str]) -> Iterator[str]:
    """Return headings that differ from each other, also for programs that ignore case."""
    taken = {statement.row_heading.casefold()}
    for text in texts:
        names = (text if place == 1 else f"{text} ({place})" for place in count(1))
        name = next(name for name in names if name.casefold() not in taken)
        taken.add(name.casefold())
        yield name


def sheet_notes(statement: Statement) -> list[tuple[str, str]]:
    """Return mark and text of a sheet's notes, with the rows whose figures have a mark."""
    lines = [("", _cells_note(statement))]
    lines += [(note.mark, note.text) for note in statement.footnotes]
    for row in statement.rows:
        marked = {cell.mark for cell in row.cells.values() if cell.mark}
        lines += [(mark, f"marks a figure of {row.label}") for mark in sorted(marked)]
    return lines


def _cells_note(statement: Statement) -> str:
    shown = UNIT_LABELS[statement.display.unit]
    return (
        f"Cells hold pounds, unrounded, and show {shown}; percentages are in per cent. An empty "
        "cell is a figure that is not given, which is not nil. "
        "Spending is positive and income negative; a negative variance is favourable."
    )


def paper_notes(statement: Statement) -> list[tuple[str, str]]:
    """Return mark and text of the notes under a printed table."""
    lines = [(note.mark, note.text) for note in statement.footnotes]
    if statement.rows and any(column.kind != "text" for column in statement.reader_columns):
        lines.append(("", _print_note(statement)))
    return lines


def _print_note(statement: Statement) -> str:
    brackets = statement.display.favourable == "brackets"
    said = "Figures in brackets are negative" if brackets else "A minus marks a negative figure"
    if any("variance" in column.key for column in statement.reader_columns):
        return f"{said}. A negative variance is favourable: less is spent, or more comes in."
    return f"{said}."
