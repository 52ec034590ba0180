"""The sheet of estimates of a financial year and step: a row a service, a column a subjective."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from council_finance.money import plain_pounds
from council_finance.periods import financial_year_label
from council_finance.uploads.problems import Problem
from council_finance.uploads.table import quote_cell
from monitoring.models import FinancialYear
from monitoring.structure.selectors.tree import current_tree
from planning.entry.changes import SheetChange, is_in_sheet, sheet_digest
from planning.entry.registers import Row
from planning.entry.rows import Key, StoredRows, read_cells
from planning.plan.selectors.versions import settings_of_year
from planning.subjectives.matrix import list_columns
from planning.subjectives.report_section import build_subjectives
from planning.subjectives.selectors import subjectives_of

WHOLE = ""
"""The step of an estimate that is no part of a build-up."""

_STEPS = (WHOLE, "base", "technical", "policy")
_MORE_YEARS = (-1, 0, 1)
_NONE = "–"


@dataclass(frozen=True)
class SheetColumn:
    """A column of the sheet: a subjective, or the total of several of them.

    `codes` are the subjectives that it adds up, its own alone where it is one.
    """

    label: str
    codes: tuple[str, ...]
    is_total: bool = False


@dataclass(frozen=True)
class SheetCell:
    """A cell that is filled in: what is typed, what is stored, and what is wrong with it."""

    name: str
    label: str
    text: str
    saved: str
    fault: str = ""


@dataclass(frozen=True)
class SheetTotal:
    """A total of what is typed, and the columns of fields that it adds up."""

    text: str
    columns: str


@dataclass(frozen=True)
class SheetRow:
    """A row of the sheet: a group with its name alone, or a service with cells and totals."""

    code: str
    name: str
    level: int
    cells: tuple[SheetCell | SheetTotal, ...] = ()


@dataclass(frozen=True)
class EstimateSheet:
    """The estimates of a financial year and step, with what is typed into the sheet.

    `typed` are texts by the name of the cell; a cell that was not sent is as it is stored.
    """

    stored: StoredRows
    start: int
    step: str
    typed: Mapping[str, str]
    faults: Mapping[Key, str]

    @property
    def year(self) -> FinancialYear:
        """Return the year whose estimates they are."""
        return self.stored.year

    @property
    def label(self) -> str:
        """Return the financial year of the sheet, such as 2019/20."""
        return financial_year_label(self.start)

    @property
    def digest(self) -> str:
        """Return a text that changes with every stored cell of the sheet."""
        return sheet_digest(self.stored, self.label, self.step)

    @cached_property
    def columns(self) -> list[SheetColumn]:
        """The subjectives with their running totals, net budgets without an analysis, the total."""
        found = build_subjectives(self.year)
        listed, _ = list_columns([each for each in found if each.is_analysis])
        return [
            *(SheetColumn(each.label, each.sums, each.is_total) for each in listed),
            *(SheetColumn(each.name, (each.code,)) for each in found if not each.is_analysis),
            SheetColumn("Total", tuple(each.code for each in found), is_total=True),
        ]

    @cached_property
    def amounts(self) -> dict[Key, int]:
        """The stored amounts of the sheet in pence, by the key of their row."""
        found = {}
        for row in self.stored.rows:
            key, amount = self.stored.key_of(row), row["amount"]
            if is_in_sheet(key, self.label, self.step) and isinstance(amount, int):
                found[key] = amount
        return found

    @cached_property
    def rows(self) -> list[SheetRow]:
        """The open services that have no others under them, each below the groups it is in."""
        return list(self._build_rows())

    @cached_property
    def _tree_nodes(self) -> list[Any]:
        return list(current_tree(self.year).nodes)

    @cached_property
    def _column_ids(self) -> dict[str, str]:
        """The names of the columns of fields by the code of their subjective."""
        return {each.code: str(each.pk) for each in subjectives_of(self.year)}

    @cached_property
    def _field_names(self) -> dict[Key, str]:
        """The name of each cell's field: its column, and its row after the dash."""
        return {
            self._key_of(node.service.code, code): f"{pk}-{node.service.id}"
            for node in self._tree_nodes
            for code, pk in self._column_ids.items()
        }

    def _build_rows(self) -> Iterator[SheetRow]:
        with_estimates = {key[1] for key in self.amounts}
        for node in self._tree_nodes:
            service = node.service
            if node.kind == "node":
                yield SheetRow(service.code, service.name, node.level)
            elif (node.kind != "closed" and service.named) or service.code in with_estimates:
                cells = tuple(self._build_cells(service.code, service.name))
                yield SheetRow(service.code, service.name, node.level, cells)

    def _build_cells(self, service: str, name: str) -> Iterator[SheetCell | SheetTotal]:
        for column in self.columns:
            if column.is_total:
                yield self._sum_cells([service], column)
                continue
            key = self._key_of(service, column.codes[0])
            saved = _print_pounds(self.amounts[key]) if key in self.amounts else ""
            field = self._field_names[key]
            text = self.typed.get(field, saved)
            fault = self.faults.get(key, "")
            yield SheetCell(field, f"{column.label} of {name}", text, saved, fault)

    @cached_property
    def totals(self) -> list[SheetTotal]:
        """The totals of all services, column by column."""
        services = [row.code for row in self.rows if row.cells]
        return [self._sum_cells(services, column) for column in self.columns]

    def _sum_cells(self, services: Iterable[str], column: SheetColumn) -> SheetTotal:
        keys = [self._key_of(service, code) for service in services for code in column.codes]
        found = [self._typed_amounts[key] for key in keys if key in self._typed_amounts]
        text = _print_pounds(sum(found)) if found else _NONE
        return SheetTotal(text, " ".join(self._column_ids[code] for code in column.codes))

    def _key_of(self, service: str, subjective: str) -> Key:
        return (self.label, service, subjective, self.step)

    @cached_property
    def _typed_amounts(self) -> dict[Key, int]:
        """The amounts as they will be, in pence; a cell that cannot be read counts in no total."""
        cells, faults = self.read_typed()
        found = self.amounts | {key: _amount_of(row) for key, row in cells.items() if row}
        return {
            key: amount
            for key, amount in found.items()
            if key not in faults and not (key in cells and cells[key] is None)
        }

    def read_typed(self) -> tuple[dict[Key, Row | None], dict[Key, str]]:
        """Return the rows of cells that differ from what is stored, and the faults of cells."""
        specs = [each for each in self.stored.columns if each.name == "amount"]
        cells: dict[Key, Row | None] = {}
        faults: dict[Key, str] = {}
        for key, field in self._field_names.items():
            text = self.typed.get(field)
            if text is None:
                continue
            row, wrong = read_cells(specs, {"amount": text})
            amount = row["amount"]
            if wrong:
                faults[key] = Problem(wrong["amount"], found=quote_cell(text)).sentence
            elif amount != self.amounts.get(key):
                names = self.stored.register.keys
                whole = dict(zip(names, key, strict=True)) | {"amount": amount}
                cells[key] = None if amount is None else whole
        return cells, faults

    def change(self, cells: Mapping[Key, Row | None], seen: str) -> SheetChange:
        """Return the change of these cells of the sheet."""
        return SheetChange(self.stored.register, self.label, self.step, cells, seen)

    @cached_property
    def years(self) -> list[int]:
        """The financial years to choose from: around this one, the plan's, and those stored."""
        stored = {str(row["financial_year"])[:4] for row in self.stored.rows}
        around = {self.year.start + more for more in _MORE_YEARS}
        return sorted({*around, *settings_of_year(self.year).years, *map(int, stored), self.start})

    @property
    def year_links(self) -> list[tuple[int, str]]:
        """Return the years to choose from with their labels."""
        return [(start, financial_year_label(start)) for start in self.years]

    @property
    def width(self) -> int:
        """Return the number of columns with that of the services."""
        return len(self.columns) + 1

    @property
    def has_cells(self) -> bool:
        """Return whether there is anything to fill in: services and subjectives."""
        return bool(self._column_ids) and any(row.cells for row in self.rows)

    @cached_property
    def steps(self) -> list[str]:
        """The steps to choose from: the usual ones, and those stored."""
        stored = sorted({str(row["step"] or "") for row in self.stored.rows})
        return list(dict.fromkeys((*_STEPS, *stored, self.step)))


def _amount_of(row: Row) -> int:
    amount = row["amount"]
    return amount if isinstance(amount, int) else 0


def _print_pounds(pence: int) -> str:
    return plain_pounds(pence).replace("£", "")
