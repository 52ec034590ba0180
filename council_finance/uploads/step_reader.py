"""Reads a layout's `[[steps]]`, from TOML or JSON, into steps, or finds every fault. Pure."""

import re
from collections.abc import Callable, Mapping

from council_finance.uploads.columns import normalised
from council_finance.uploads.limits import column_number
from council_finance.uploads.step_data import (
    AddColumns,
    AddUp,
    FillDown,
    NameColumn,
    Pad,
    ReverseSign,
    SelectRows,
    Step,
    TakeParts,
    TurnColumns,
)

MOST_STEPS = 30
MOST_VALUES = 100
LONGEST_CODE = 64
_LETTERS = re.compile(r"[A-Z]{1,2}")
_OWN = re.compile(r"[a-z][a-z0-9_]*")


def read_steps(data: object, faults: list[str]) -> tuple[Step, ...]:
    """Return the steps of a layout from its list of tables; add every fault to `faults`.

    do = "name_column"    column = "E" (its letter), heading = "Budget", name = "Budget to date"
    do = "fill_down"      columns = ["Cost centre"]
    do = "keep_rows"      column = "Year", values = ["2024/25"]
    do = "skip_rows"      column = "Type", values = ["Statistical"]
    do = "take_parts"     column = "Flexfield", separator = "-", into = { cost_centre = 3,
                          account = 4 }, and count = 10 where each code has so many parts
    do = "pad"            column = "Cost centre", length = 5
    do = "add_columns"    columns = ["Apr", "May", …], into = "current_budget", and to_period = true
    do = "turn_columns"   columns = ["C200", …] or after = "Account",
                          headings_into = "cost_centre", figures_into = "current_budget"
    do = "reverse_sign"   column = "Type", values = ["Income"], figures = ["Budget"]
    do = "add_up"         by = ["cost_centre", "account"]
    """
    if not isinstance(data, list | tuple):
        faults.append("[[steps]] must be a list of tables.")
        return ()
    if len(data) > MOST_STEPS:
        faults.append(f"A layout has at most {MOST_STEPS} steps.")
        return ()
    made = []
    for number, table in enumerate(data, start=1):
        reader = _StepReader(table, f"Step {number}", faults)
        if (step := reader.read()) is not None:
            made.append(step)
    if not faults:
        faults += _check_order(made)
    return tuple(made)


def _check_order(steps: list[Step]) -> list[str]:
    """Return a fault for each step that occurs twice or in the wrong order."""
    faults = []
    turns = [place for place, step in enumerate(steps) if isinstance(step, TurnColumns)]
    sums = [place for place, step in enumerate(steps) if isinstance(step, AddUp)]
    if len(turns) > 1:
        faults.append("A layout turns columns into rows once at most.")
    if len(sums) > 1 or (sums and sums[0] != len(steps) - 1):
        faults.append("“add_up” must be the last step and occur once.")
    if turns and any(isinstance(each, AddColumns) for each in steps[turns[0] + 1 :]):
        faults.append("Add columns up before the columns are turned into rows.")
    return faults


class _StepReader:
    """A reader of one step, which adds a fault for each wrong value."""

    def __init__(self, table: object, where: str, faults: list[str]):
        self.is_table = isinstance(table, Mapping)
        self.table: Mapping[str, object] = table if isinstance(table, Mapping) else {}
        self.where, self.faults = where, faults
        self.sound = True

    def read(self) -> Step | None:
        """Return the step; None where there is a fault, which is added."""
        if not self.is_table:
            self._add_fault("must be a table of keys and values")
            return None
        readers: dict[str, Callable[[], Step]] = {
            "name_column": self._read_name_column,
            "fill_down": self._read_fill_down,
            "keep_rows": self._read_keep_rows,
            "skip_rows": self._read_skip_rows,
            "take_parts": self._read_take_parts,
            "pad": self._read_pad,
            "add_columns": self._read_add_columns,
            "turn_columns": self._read_turn_columns,
            "reverse_sign": self._read_reverse_sign,
            "add_up": self._read_add_up,
        }
        kind = self.table.get("do")
        if not isinstance(kind, str) or kind not in readers:
            self._add_fault(f"needs do = one of {', '.join(readers)}")
            return None
        self.where += f", {kind}"
        step = readers[kind]()
        return step if self.sound else None

    def _add_fault(self, sentence: str) -> None:
        self.sound = False
        self.faults.append(f"{self.where}: {sentence}.")

    def _refuse_other_keys(self, *keys: str) -> None:
        for key in self.table:
            if key not in ("do", *keys):
                self._add_fault(f"“{key}” is not a key of it; use one of: {', '.join(keys)}")

    def _read_text(self, key: str) -> str:
        value = self.table.get(key)
        if not isinstance(value, str) or not value.strip():
            self._add_fault(f"{key} must be a text in quotation marks")
            return ""
        return value.strip()

    def _read_heading(self, key: str) -> str:
        value = self._read_text(key)
        if value and not normalised(value):
            self._add_fault(f"{key}: “{value}” is not a heading")
        return value

    def _read_texts(self, key: str, *, blank: bool = False) -> tuple[str, ...]:
        values = self.table.get(key)
        if not isinstance(values, list | tuple) or not values:
            self._add_fault(f"{key} must be a list of texts")
            return ()
        if not all(isinstance(value, str) and (blank or value.strip()) for value in values):
            self._add_fault(f"{key} must be a list of texts")
            return ()
        return tuple(value.strip() for value in values)

    def _read_headings(self, key: str) -> tuple[str, ...]:
        values = self._read_texts(key)
        plain = [normalised(value) for value in values]
        if len(set(plain)) < len(plain):
            self._add_fault(f"{key} names a column twice")
        return values

    def _read_own_column(self, value: object, key: str) -> str:
        if not isinstance(value, str) or not _OWN.fullmatch(value):
            self._add_fault(f"{key}: “{value}” is not a column's name such as current_budget")
            return ""
        return value

    def _read_whole_number(
        self, key: str, least: int, most: int, missing: int | None = None
    ) -> int:
        value = self.table.get(key, missing)
        if type(value) is not int or not (least <= value <= most or value == missing):
            self._add_fault(f"{key} must be a whole number from {least} to {most}")
            return least
        return value

    def _read_name_column(self) -> NameColumn:
        self._refuse_other_keys("column", "heading", "name")
        letter = self._read_text("column").upper()
        if letter and not _LETTERS.fullmatch(letter):
            self._add_fault("column must be the column's letter, such as E")
            letter = ""
        position = column_number(letter) - 1 if letter else 0
        return NameColumn(
            position, letter, self._read_heading("heading"), self._read_heading("name")
        )

    def _read_fill_down(self) -> FillDown:
        self._refuse_other_keys("columns")
        return FillDown(self._read_headings("columns"))

    def _read_keep_rows(self) -> SelectRows:
        self._refuse_other_keys("column", "values")
        return SelectRows(
            self._read_heading("column"), self._read_texts("values", blank=True), keep=True
        )

    def _read_skip_rows(self) -> SelectRows:
        self._refuse_other_keys("column", "values")
        return SelectRows(
            self._read_heading("column"), self._read_texts("values", blank=True), keep=False
        )

    def _read_take_parts(self) -> TakeParts:
        self._refuse_other_keys("column", "separator", "into", "count")
        into = self.table.get("into")
        if not isinstance(into, Mapping) or not into:
            self._add_fault(
                "into says which part is which, such as { cost_centre = 3, account = 4 }"
            )
            into = {}
        for own, part in into.items():
            self._read_own_column(own, "into")
            if type(part) is not int or not 1 <= part <= LONGEST_CODE:
                self._add_fault(f"into: {own} must be the number of a part, counted from 1")
        separator = self.table.get("separator")
        if not isinstance(separator, str) or not separator:
            self._add_fault("separator must be a text in quotation marks")
            separator = ""
        count = self._read_whole_number("count", 1, LONGEST_CODE, missing=0)
        if self.sound and count and max(into.values()) > count:
            self._add_fault(f"into takes part {max(into.values())} of codes that have {count}")
        return TakeParts(self._read_heading("column"), separator, dict(into), count)

    def _read_pad(self) -> Pad:
        self._refuse_other_keys("column", "length")
        return Pad(self._read_heading("column"), self._read_whole_number("length", 2, LONGEST_CODE))

    def _read_add_columns(self) -> AddColumns:
        self._refuse_other_keys("columns", "into", "to_period")
        to_period = self.table.get("to_period", False)
        if not isinstance(to_period, bool):
            self._add_fault("to_period must be true or false")
        into = self._read_own_column(self.table.get("into"), "into")
        return AddColumns(self._read_headings("columns"), into, to_period is True)

    def _read_turn_columns(self) -> TurnColumns:
        self._refuse_other_keys("columns", "after", "headings_into", "figures_into")
        headings, figures = (
            self._read_own_column(self.table.get(key), key)
            for key in ("headings_into", "figures_into")
        )
        if ("columns" in self.table) == ("after" in self.table):
            self._add_fault("takes either columns or after")
        columns = self._read_headings("columns") if "columns" in self.table else ()
        after = self._read_heading("after") if "after" in self.table else ""
        return TurnColumns(headings, figures, columns, after)

    def _read_reverse_sign(self) -> ReverseSign:
        self._refuse_other_keys("column", "values", "figures")
        return ReverseSign(
            self._read_heading("column"),
            self._read_texts("values", blank=True),
            self._read_headings("figures"),
        )

    def _read_add_up(self) -> AddUp:
        self._refuse_other_keys("by")
        by = self._read_texts("by")
        for own in by:
            self._read_own_column(own, "by")
        return AddUp(by)
