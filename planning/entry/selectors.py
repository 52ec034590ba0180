"""What the pages of entry show: the rows of a register, and what a change does to its totals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from council_finance import registry
from council_finance.money import plain_pounds
from council_finance.statements import Cell
from council_finance.statements import Row as StatementRow
from council_finance.uploads.columns import AMOUNT, CHOICE, ColumnSpec
from council_finance.uploads.template_files import Value
from monitoring.models import FinancialYear
from planning.entry.forms import column_label, word_label
from planning.entry.registers import EntryRegister, Row
from planning.entry.rows import StoredRows, text_of_cell
from planning.entry.services import Effect

_NONE = "–"


@dataclass(frozen=True)
class ListedRow:
    """A row of the list: its key in words, the query of its page, and its cells in words."""

    name: str
    query: str
    cells: list[tuple[str, bool]]


@dataclass(frozen=True)
class RowList:
    """The list of a register: headings, each with whether it is of amounts, and rows."""

    headings: list[tuple[str, bool]]
    rows: list[ListedRow]

    @property
    def has_amounts(self) -> bool:
        """Return whether any column is of amounts."""
        return any(is_amount for _, is_amount in self.headings)


@dataclass(frozen=True)
class EffectLine:
    """A line of the totals: the cells now, and with the change where that differs."""

    label: str
    note: str
    cells: list[str]


@dataclass(frozen=True)
class EffectTable:
    """The totals that a change is judged by, before and after it, exact in pounds."""

    title: str
    columns: list[str]
    lines: list[EffectLine]
    changes: bool


def list_rows(stored: StoredRows) -> RowList:
    """Return the rows with the columns that the list shows, and the years."""
    shown = [spec for spec in stored.columns if _is_shown(spec, stored.register)]
    rows = []
    for row in stored.rows:
        key = stored.key_of(row)
        query = urlencode([("key", each) for each in key])
        cells = [(_print_cell(spec, row.get(spec.name)), _is_amount(spec)) for spec in shown]
        rows.append(ListedRow(" ".join(key), query, cells))
    return RowList([(column_label(spec), _is_amount(spec)) for spec in shown], rows)


def _is_shown(spec: ColumnSpec, register: EntryRegister) -> bool:
    return spec.name in register.shown or spec.name[:4].isdigit()


def _is_amount(spec: ColumnSpec) -> bool:
    return spec.kind == AMOUNT


def _print_cell(spec: ColumnSpec, value: Value) -> str:
    if spec.kind == AMOUNT and isinstance(value, int):
        return plain_pounds(value)
    text = text_of_cell(spec, value)
    return word_label(text) if spec.kind == CHOICE else text


def describe_row(stored: StoredRows, row: Row) -> list[tuple[str, str]]:
    """Return the cells of a row that are given, each with its heading."""
    return [
        (column_label(spec), text)
        for spec in stored.columns
        if (text := _print_cell(spec, row.get(spec.name)))
    ]


def describe_effect(effect: Effect) -> EffectTable:
    """Return the totals before and after a change, line by line; no lines where there are none."""
    known = [each for each in (effect.after, effect.before) if each is not None]
    if not known:
        return EffectTable("", [], [], changes=False)
    columns = max((each.columns for each in known), key=len)
    lines = list(_build_lines(effect, [column.key for column in columns]))
    return EffectTable(
        known[0].title,
        [column.label for column in columns],
        lines,
        any(line.note for line in lines),
    )


def _build_lines(effect: Effect, keys: Sequence[str]) -> Iterator[EffectLine]:
    before, after = (
        {row.key: row for row in each.rows if row.cells} if each else {}
        for each in (effect.before, effect.after)
    )
    for key in dict.fromkeys((*after, *before)):
        now, then = (_print_row(rows.get(key), keys) for rows in (before, after))
        label = (after.get(key) or before[key]).label
        if now == then:
            yield EffectLine(label, "", now)
        else:
            yield EffectLine(label, "now", now)
            yield EffectLine(label, "with this change", then)


def _print_row(row: StatementRow | None, keys: Sequence[str]) -> list[str]:
    return [_print_figure(row.cells.get(key)) if row else _NONE for key in keys]


def _print_figure(cell: Cell | None) -> str:
    """Return a figure exactly: pounds and pence, whatever unit the statement prints."""
    if cell is None:
        return _NONE
    return cell.text if cell.pence is None else plain_pounds(cell.pence)


def references_to_name(year: FinancialYear, stored: StoredRows) -> dict[str, list[str]]:
    """Return the references that the columns of a register may name, where they are known."""
    own = [str(row.get("reference") or "") for row in stored.rows]
    known = {
        "parent_reference": own,
        "ends": own,
        "depends_on": [*registry.references_of("decision", year), *own],
        "grant_reference": list(registry.references_of("grant", year)),
    }
    names = {spec.name for spec in stored.columns}
    return {name: found for name, found in known.items() if name in names and found}
