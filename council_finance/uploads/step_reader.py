"""A layout's `[[steps]]` as TOML or JSON gives them → steps, or every fault in them. Pure."""

import re
from collections.abc import Mapping

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
    """The steps of a layout from its `steps`, a list of tables; what is wrong goes to `faults`.

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
        faults += _out_of_order(made)
    return tuple(made)


def _out_of_order(steps: list[Step]) -> list[str]:
    """What one step cannot do after another, or twice."""
    faults = []
    turns = [place for place, step in enumerate(steps) if isinstance(step, TurnColumns)]
    sums = [place for place, step in enumerate(steps) if isinstance(step, AddUp)]
    if len(turns) > 1:
        faults.append("A layout turns columns into rows once at most.")
    if len(sums) > 1 or (sums and sums[0] != len(steps) - 1):
        faults.append("“add_up” is the last step, and stands once.")
    if turns and any(isinstance(each, AddColumns) for each in steps[turns[0] + 1 :]):
        faults.append("Add columns up before the columns are turned into rows.")
    return faults


class _StepReader:
    """Reads one step, noting each value that is wrong."""

    def __init__(self, table: object, where: str, faults: list[str]):
        self.table, self.where, self.faults = table, where, faults
        self.sound = True

    def read(self) -> Step | None:
        """The step; None where something is wrong, which is noted."""
        if not isinstance(self.table, Mapping):
            self._fault("must be a table of keys and values")
            return None
        readers = {
            "name_column": self._name_column,
            "fill_down": self._fill_down,
            "keep_rows": self._keep_rows,
            "skip_rows": self._skip_rows,
            "take_parts": self._take_parts,
            "pad": self._pad,
            "add_columns": self._add_columns,
            "turn_columns": self._turn_columns,
            "reverse_sign": self._reverse_sign,
            "add_up": self._add_up,
        }
        kind = self.table.get("do")
        if not isinstance(kind, str) or kind not in readers:
            self._fault(f"needs do = one of {', '.join(readers)}")
            return None
        self.where += f", {kind}"
        step = readers[kind]()
        return step if self.sound else None

    def _fault(self, sentence: str) -> None:
        self.sound = False
        self.faults.append(f"{self.where}: {sentence}.")

    def _only(self, *keys: str) -> None:
        for key in self.table:
            if key not in ("do", *keys):
                self._fault(f"“{key}” is not a key of it; use one of: {', '.join(keys)}")

    def _text(self, key: str) -> str:
        value = self.table.get(key)
        if not isinstance(value, str) or not value.strip():
            self._fault(f"{key} must be a text in quotation marks")
            return ""
        return value.strip()

    def _heading(self, key: str) -> str:
        value = self._text(key)
        if value and not normalised(value):
            self._fault(f"{key}: “{value}” is not a heading")
        return value

    def _texts(self, key: str, *, blank: bool = False) -> tuple[str, ...]:
        values = self.table.get(key)
        if not isinstance(values, list | tuple) or not values:
            self._fault(f"{key} must be a list of texts")
            return ()
        if not all(isinstance(value, str) and (blank or value.strip()) for value in values):
            self._fault(f"{key} must be a list of texts")
            return ()
        return tuple(value.strip() for value in values)

    def _headings(self, key: str) -> tuple[str, ...]:
        values = self._texts(key)
        plain = [normalised(value) for value in values]
        if len(set(plain)) < len(plain):
            self._fault(f"{key} names a column twice")
        return values

    def _own(self, value: object, key: str) -> str:
        if not isinstance(value, str) or not _OWN.fullmatch(value):
            self._fault(f"{key}: “{value}” is not a column's name such as current_budget")
            return ""
        return value

    def _whole(self, key: str, least: int, most: int, missing: int | None = None) -> int:
        value = self.table.get(key, missing)
        if type(value) is not int or not (least <= value <= most or value == missing):
            self._fault(f"{key} must be a whole number from {least} to {most}")
            return least
        return value

    def _name_column(self) -> NameColumn:
        self._only("column", "heading", "name")
        letter = self._text("column").upper()
        if letter and not _LETTERS.fullmatch(letter):
            self._fault("column must be the column's letter, such as E")
            letter = ""
        position = column_number(letter) - 1 if letter else 0
        return NameColumn(position, letter, self._heading("heading"), self._heading("name"))

    def _fill_down(self) -> FillDown:
        self._only("columns")
        return FillDown(self._headings("columns"))

    def _keep_rows(self) -> SelectRows:
        self._only("column", "values")
        return SelectRows(self._heading("column"), self._texts("values", blank=True), keep=True)

    def _skip_rows(self) -> SelectRows:
        self._only("column", "values")
        return SelectRows(self._heading("column"), self._texts("values", blank=True), keep=False)

    def _take_parts(self) -> TakeParts:
        self._only("column", "separator", "into", "count")
        into = self.table.get("into")
        if not isinstance(into, Mapping) or not into:
            self._fault("into says which part is which, such as { cost_centre = 3, account = 4 }")
            into = {}
        for own, part in into.items():
            self._own(own, "into")
            if type(part) is not int or not 1 <= part <= LONGEST_CODE:
                self._fault(f"into: {own} must be the number of a part, counted from 1")
        separator = self.table.get("separator")
        if not isinstance(separator, str) or not separator:
            self._fault("separator must be a text in quotation marks")
        count = self._whole("count", 1, LONGEST_CODE, missing=0)
        if self.sound and count and max(into.values()) > count:
            self._fault(f"into takes part {max(into.values())} of codes that have {count}")
        return TakeParts(self._heading("column"), separator or "", dict(into), count)

    def _pad(self) -> Pad:
        self._only("column", "length")
        return Pad(self._heading("column"), self._whole("length", 2, LONGEST_CODE))

    def _add_columns(self) -> AddColumns:
        self._only("columns", "into", "to_period")
        to_period = self.table.get("to_period", False)
        if not isinstance(to_period, bool):
            self._fault("to_period must be true or false")
        into = self._own(self.table.get("into"), "into")
        return AddColumns(self._headings("columns"), into, to_period is True)

    def _turn_columns(self) -> TurnColumns:
        self._only("columns", "after", "headings_into", "figures_into")
        headings, figures = (
            self._own(self.table.get(key), key) for key in ("headings_into", "figures_into")
        )
        if ("columns" in self.table) == ("after" in self.table):
            self._fault("takes either columns or after")
        columns = self._headings("columns") if "columns" in self.table else ()
        after = self._heading("after") if "after" in self.table else ""
        return TurnColumns(headings, figures, columns, after)

    def _reverse_sign(self) -> ReverseSign:
        self._only("column", "values", "figures")
        return ReverseSign(
            self._heading("column"), self._texts("values", blank=True), self._headings("figures")
        )

    def _add_up(self) -> AddUp:
        self._only("by")
        by = self._texts("by")
        for own in by:
            self._own(own, "by")
        return AddUp(by)
