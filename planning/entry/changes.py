"""The changes that are entered: of a row of a register, or of the cells of a sheet."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from planning.entry.registers import EntryRegister, Row
from planning.entry.rows import Key, StoredRows, digest_of, row_texts
from planning.entry.storing import list_changes


@dataclass(frozen=True)
class RowChange:
    """A row to enter in place of that of `key`, or to add where `key` is empty.

    Without a `row` that of `key` is removed. `seen` is the digest of the rows that the person saw.
    """

    register: EntryRegister
    key: Key
    row: Row | None
    seen: str

    def is_overtaken(self, stored: StoredRows) -> bool:
        """Return whether somebody else changed the rows since they were shown."""
        return stored.digest != self.seen

    def find_missing(self, stored: StoredRows) -> str:
        """Return the name of the row that is to be changed and is not stored; empty otherwise."""
        is_missing = bool(self.key) and stored.place_of(self.key) is None
        return " ".join(self.key) if is_missing else ""

    def apply(self, stored: StoredRows) -> StoredRows:
        """Return the rows with the change made."""
        if self.row is None:
            return stored.without_row(self.key)
        return stored.with_row(self.row, self.key)

    def has_key(self, key: Key) -> bool:
        """Return whether a row of that key is the one that is entered."""
        names = self.register.keys
        return self.row is not None and key == tuple(
            str(self.row.get(name) or "") for name in names
        )

    def describe(self, stored: StoredRows) -> tuple[str, str, dict[str, Any]]:
        """Return what was done, the name of the row, and its changed cells as they are typed."""
        place = stored.place_of(self.key) if self.key else None
        was, row = stored.rows[place] if place is not None else {}, self.row or {}
        before, after = (row_texts(stored, each) for each in (was, row))
        verb = "removed" if self.row is None else "changed" if was else "added"
        name = " ".join(stored.key_of(was or row))
        return f"{verb} {self.register.one}", name, list_changes(before, after)


@dataclass(frozen=True)
class SheetChange:
    """The changed cells of a sheet, each a row of the register by its key; None empties a cell.

    A sheet holds the rows of one financial year and step. `seen` is the digest of those rows as the
    person saw them.
    """

    register: EntryRegister
    financial_year: str
    step: str
    cells: Mapping[Key, Row | None]
    seen: str

    def is_overtaken(self, stored: StoredRows) -> bool:
        """Return whether somebody else changed the sheet since it was shown."""
        return sheet_digest(stored, self.financial_year, self.step) != self.seen

    def find_missing(self, stored: StoredRows) -> str:
        """Return "": a cell that was empty is filled in."""
        return ""

    def apply(self, stored: StoredRows) -> StoredRows:
        """Return the rows with the cells put in place of those of their keys, or added."""
        rows: dict[Key, Row | None] = {stored.key_of(row): row for row in stored.rows}
        rows.update(self.cells)
        return replace(stored, rows=tuple(row for row in rows.values() if row is not None))

    def has_key(self, key: Key) -> bool:
        """Return whether a row of that key has its cell in the sheet."""
        return is_in_sheet(key, self.financial_year, self.step)

    def describe(self, stored: StoredRows) -> tuple[str, str, dict[str, Any]]:
        """Return what was done, the name of the sheet, and its changed cells as they are typed."""
        was = {stored.key_of(row): row for row in stored.rows}
        before, after = (
            {
                f"{key[1]} {key[2]}": row_texts(stored, rows.get(key) or {})["amount"]
                for key in self.cells
            }
            for rows in (was, self.cells)
        )
        name = f"{self.financial_year} {self.step}".strip()
        return "changed estimates", name, list_changes(before, after)


def is_in_sheet(key: Key, financial_year: str, step: str) -> bool:
    """Return whether a row of estimates has its cell in the sheet of a year and step."""
    return (key[0], key[-1]) == (financial_year, step)


def sheet_digest(stored: StoredRows, financial_year: str, step: str) -> str:
    """Return a text that changes with every cell of the sheet of a year and step."""
    rows = [row for row in stored.rows if is_in_sheet(stored.key_of(row), financial_year, step)]
    return digest_of(rows)


Change = RowChange | SheetChange
